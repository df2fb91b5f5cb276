using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Tests.Hocon;
using AkkaWasm.Service.Tests.Http;

namespace AkkaWasm.Service.Tests.Cli;

/// <summary><c>log stat|compact|export|import</c> on a data folder that a node has made.</summary>
public sealed class LogStorageCommandsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Data => Path.Combine(folder.Path, "data");

    private string Copy => Path.Combine(folder.Path, "copy");

    private string File => Path.Combine(folder.Path, "file");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Stat_counts_for_people_and_for_machines()
    {
        await RecordAsync();

        var text = await Terminal.RunAsync("log", "stat", "--data", Data);
        var json = JsonDocument.Parse((await Terminal.RunAsync("log", "stat", "--data", Data, "--output", "json")).Out).RootElement;

        Assert.Equal((0, ""), (text.Code, text.Error));
        Assert.Matches("topics +2: quake.x 3, quake.y 1", text.Out);
        Assert.Equal(4, json.GetProperty("records_by_kind").GetProperty("event").GetInt32());
        Assert.Equal(json.GetProperty("records").GetInt64(), json.GetProperty("records_by_kind").EnumerateObject().Sum(k => k.Value.GetInt64()));
    }

    [Fact]
    public async Task Compact_says_what_it_deletes_and_a_dry_run_what_it_would()
    {
        await RecordAsync();

        var planned = await Terminal.RunAsync("log", "compact", "--dry-run", "--data", Data);
        var done = await Terminal.RunAsync("log", "compact", "--data", Data, "--output", "json");

        Assert.Contains("0 snapshots, 0 pages and 0 saved states could be deleted", planned.Out, StringComparison.Ordinal);
        Assert.Equal(0, JsonDocument.Parse(done.Out).RootElement.GetProperty("pages").GetInt32());
        Assert.Equal(0, (await Terminal.RunAsync("log", "verify", "--data", Data)).Code);
    }

    [Fact]
    public async Task Events_are_exported_as_lines_and_imported_into_a_node()
    {
        await RecordAsync();
        await using var server = await TestServer.StartAsync();

        var exported = await Terminal.RunAsync("log", "export", "--data", Data, "--topic", "quake.x", "--file", File);
        var lines = await System.IO.File.ReadAllLinesAsync(File);
        await System.IO.File.AppendAllTextAsync(File, """{"specversion":"1.0","id":"m","source":"/s","type":"mesh.agent.a.started"}""" + "\n\n");
        var imported = await Terminal.RunAsync("log", "import", File, "--url", server.Url.ToString());

        Assert.Equal((0, 3), (exported.Code, lines.Length));
        Assert.All(lines, line => Assert.StartsWith("0-1-", JsonDocument.Parse(line).RootElement.GetProperty("position").GetString(), StringComparison.Ordinal));
        Assert.Equal($"3 events published, 0 were known already, 1 of the mesh's own left out{Environment.NewLine}", imported.Out);
        Assert.Equal(["1", "2", "3"], server.Node.Published.Select(e => e.Id));
        Assert.All(server.Node.Published, e => Assert.Empty(e.Extensions));
        Assert.Equal("data 2", Encoding.UTF8.GetString(server.Node.Published[1].Data.Span));
    }

    [Fact]
    public async Task A_whole_log_is_exported_and_becomes_another_folder()
    {
        await RecordAsync();

        var exported = await Terminal.RunAsync("log", "export", "--format", "blocks", "--data", Data, "--file", File, "--output", "json");
        var imported = await Terminal.RunAsync("log", "import", File, "--data", Copy, "--output", "json");

        Assert.Equal((0, exported.Out), (imported.Code, imported.Out));
        Assert.Equal((await Terminal.RunAsync("log", "show", "--data", Data)).Out, (await Terminal.RunAsync("log", "show", "--data", Copy)).Out);
        Assert.Equal(0, (await Terminal.RunAsync("log", "verify", "--data", Copy)).Code);
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_in_a_sentence()
    {
        await RecordAsync();
        await Terminal.RunAsync("log", "export", "--format", "blocks", "--data", Data, "--file", File);
        await System.IO.File.WriteAllTextAsync(File + "2", "no event\n");

        await IsRefusedAsync("cannot be written", "log", "export", "--data", Data, "--file", File);
        await IsRefusedAsync("choose events", "log", "export", "--format", "blocks", "--from", "3", "--data", Data);
        await IsRefusedAsync("say --data DIR", "log", "import", File);
        await IsRefusedAsync("is not empty", "log", "import", File, "--data", Data);
        await IsRefusedAsync("cannot be read", "log", "import", File + "3", "--data", Copy);
        await IsRefusedAsync("line 1 of the file is no event", "log", "import", File + "2", "--url", "http://127.0.0.1:1");
    }

    private static async Task IsRefusedAsync(string sentence, params string[] args)
    {
        var outcome = await Terminal.RunAsync(args);
        Assert.NotEqual(0, outcome.Code);
        Assert.StartsWith("error: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(sentence, outcome.Error, StringComparison.Ordinal);
    }

    private async Task RecordAsync()
    {
        await using var node = await MeshNode.StartAsync(new MeshNodeOptions { Topology = new MeshTopology("test", SupervisionPolicy.Default, [], []), DataFolder = Data });
        await node.PublishAsync(new PublishBatch([.. Enumerable.Range(1, 4).Select(i => new MeshEvent
        {
            Topic = i < 4 ? "quake.x" : "quake.y", Id = $"{i}", Source = "/test", ContentType = "text/plain", Data = Encoding.UTF8.GetBytes($"data {i}"),
        })]));
        await node.DrainAsync();
    }
}
