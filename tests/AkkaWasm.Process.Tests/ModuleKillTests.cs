using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>A store of modules whose writers are ended as <c>kill -9</c> does, each at another moment of its work.</summary>
public sealed class ModuleKillTests
{
    private const int Modules = 30;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(Modules)]
    public async Task Wherever_a_push_and_a_collection_are_killed_the_store_is_whole_and_the_next_ones_end_their_work(int reached)
    {
        using var folder = new TemporaryFolder();
        var source = Directory.CreateDirectory(folder["modules"]).FullName;
        for (var i = 0; i < Modules; i++)
            await File.WriteAllTextAsync(Path.Combine(source, $"n@1.{i}.0.wat"), $"""(module (memory (export "memory") 1) (func (export "mesh_handle") (param i32) (result i32) (drop (i32.const {i})) (i32.const 0)))""");
        var configuration = folder["mesh.conf"];
        await File.WriteAllTextAsync(configuration, $$"""akka-wasm { data.folder = "{{folder["data"]}}", modules.gc-grace = 0 s }""");
        string[] at = ["--config", configuration, "--output", "json"];

        await KillAsync(folder["data"], kept => kept >= reached, ["module", "push", source, .. at]);
        Assert.Empty(await FindingsAsync(at));
        using (var pushed = await NodeProcess.RunAsync(["module", "push", source, .. at])) Assert.True(pushed.ExitCode == 0, pushed.Errors);
        Assert.Equal(Modules, Kept(folder["data"]));
        await KillAsync(folder["data"], kept => kept <= Modules - reached, ["module", "gc", "--named", .. at]);
        Assert.Empty(await FindingsAsync(at));
        using (var collected = await NodeProcess.RunAsync(["module", "gc", "--named", .. at])) Assert.True(collected.ExitCode == 0, collected.Errors);
        Assert.Equal((0, 0), (Kept(folder["data"]), (await FindingsAsync(at)).Length));
    }

    private static int Kept(string data)
    {
        var folder = Path.Combine(data, "modules");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.wasm").Length : 0;
    }

    /// <summary>Kills the process when so many contents are kept, or when it has ended by then.</summary>
    private static async Task KillAsync(string data, Func<int, bool> when, string[] arguments)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var process = NodeProcess.Start(arguments);
        while (!when(Kept(data))) await Task.Delay(1, limit.Token);
        await process.KillAsync();
    }

    private static async Task<string[]> FindingsAsync(string[] at)
    {
        using var verified = await NodeProcess.RunAsync(["module", "verify", .. at]);
        using var json = JsonDocument.Parse(verified.Output);
        return [.. json.RootElement.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("message").GetString()!)];
    }
}
