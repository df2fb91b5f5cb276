using System.Diagnostics;
using System.Text.Json;
using AkkaWasm.Service.Tests.Cli;
using AkkaWasm.Service.Tests.Hocon;

namespace AkkaWasm.Service.Tests.Hosting;

/// <summary>The deployable folder of the repository, from the file to the report, with everything real.</summary>
public sealed class EarthquakeTests : IDisposable
{
    private const int RegionsOfTheWeek = 72;

    private static readonly string Mesh = Path.Combine(RepositoryRoot(), "config", "earthquakes", "mesh.conf");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_recorded_week_runs_to_idle_heals_44_times_and_again_changes_nothing()
    {
        var first = await ServeAsync("data");
        var second = await ServeAsync("data");
        var elsewhere = await ServeAsync("other");

        Assert.Equal((1707, 44, 44), (Number(first, "events_in"), Number(first, "healed"), Number(first, "quarantined")));
        Assert.Equal("""{"trap":44}""", first.GetProperty("failures").GetRawText().Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal));
        Assert.True(Number(first, "alerts") > 0);
        Assert.Equal(RegionsOfTheWeek, first.GetProperty("agents").EnumerateArray().Count(agent => Name(agent).StartsWith("monitors/", StringComparison.Ordinal)));
        Assert.Equal(["archive", "histogram", "ingest"], first.GetProperty("agents").EnumerateArray().Select(Name).Where(name => !name.Contains('/')));

        var again = second.GetProperty("this_run");
        Assert.All(again.EnumerateObject().Where(count => count.Value.ValueKind == JsonValueKind.Number), count => Assert.Equal(0, count.Value.GetInt64()));
        Assert.Empty(again.GetProperty("failures").EnumerateObject());
        Assert.Equal(Hashes(first), Hashes(second));
        Assert.Equal(Hashes(first), Hashes(elsewhere));
        await TheLogProvesIt(first);
    }

    [Fact]
    public async Task Sigterm_drains_the_process_which_exits_0()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "akkawasm.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "serve", Mesh, "--data", Path.Combine(folder.Path, "data"), "--set", "akka-wasm.http.port=0"])
        {
            RedirectStandardError = true,
        })!;
        try
        {
            var lines = new List<string>();
            while (await process.StandardError.ReadLineAsync() is { } line)
            {
                lines.Add(line);
                if (!line.StartsWith("listening on ", StringComparison.Ordinal)) continue;
                using var client = new HttpClient { BaseAddress = new Uri(line["listening on ".Length..]) };
                Assert.Contains("\"ok\"", await client.GetStringAsync("/readyz"), StringComparison.Ordinal);
                using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"])!;
            }
            await process.WaitForExitAsync();

            Assert.Equal(0, process.ExitCode);
            Assert.Contains(lines, line => line.Contains("SIGTERM came; the node drains", StringComparison.Ordinal));
            Assert.Contains("All is drained and committed", lines[^1], StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private async Task TheLogProvesIt(JsonElement report)
    {
        var data = Path.Combine(folder.Path, "data");
        Assert.Equal(0, (await Terminal.RunAsync("log", "verify", "--data", data)).Code);
        var replayed = await Terminal.RunAsync("replay", "histogram", "--verify", "--data", data, "--output", "json");
        Assert.True(replayed.Code == 0, replayed.Error);
        using var json = JsonDocument.Parse(replayed.Out);
        Assert.Equal(44, Number(json.RootElement, "failures"));
        var histogram = report.GetProperty("agents").EnumerateArray().Single(agent => Name(agent) == "histogram");
        Assert.Equal(histogram.GetProperty("state_hash").GetString(), json.RootElement.GetProperty("state_hash").GetString());
        await ATrialOfTheHistogramThatCountsNegativeMagnitudesSaysWhichTurnsChange(data);
    }

    private async Task ATrialOfTheHistogramThatCountsNegativeMagnitudesSaysWhichTurnsChange(string data)
    {
        var signed = Path.Combine(folder.Path, "signed.conf");
        var module = Path.Combine(Path.GetDirectoryName(Mesh)!, "agents", "histogram-signed", "histogram-signed.wasm");
        await File.WriteAllTextAsync(signed, $"include file(\"{Mesh}\")\nakka-wasm.mesh.agents.histogram.module = \"{module}\"\n");
        var trial = await Terminal.RunAsync("topology", "trial", signed, "--offline", "--data", data, "--since", "0");
        Assert.Equal((0, ""), (trial.Code, trial.Error));
        Assert.Contains("44 of 1680 turns differ: 44 fail no more (44 of them in quarantine)", trial.Out, StringComparison.Ordinal);
        Assert.Contains("recorded  failed trap/unreachable", trial.Out, StringComparison.Ordinal);
        Assert.Equal(1, (await Terminal.RunAsync("topology", "trial", signed, "--offline", "--data", data, "--since", "0", "--require", "identical")).Code);
    }

    private async Task<JsonElement> ServeAsync(string data)
    {
        var outcome = await Terminal.RunAsync("serve", Mesh, "--until-idle", "--report", "json", "--data", Path.Combine(folder.Path, data), "--set", "akka-wasm.http.port=0");
        Assert.True(outcome.Code == 0, outcome.Error);
        return JsonDocument.Parse(outcome.Out).RootElement.Clone();
    }

    private static string[] Hashes(JsonElement report) => [.. report.GetProperty("agents").EnumerateArray().Select(agent => $"{Name(agent)} {agent.GetProperty("turns")} {agent.GetProperty("state_hash").GetString()}")];

    private static string Name(JsonElement agent) => agent.GetProperty("name").GetString()!;

    private static long Number(JsonElement report, string name) => report.GetProperty(name).GetInt64();

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "AkkaWasm.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
