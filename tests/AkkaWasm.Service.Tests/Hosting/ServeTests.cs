using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Hosting;
using AkkaWasm.Service.Tests.Cli;
using AkkaWasm.Service.Tests.Configuration;
using AkkaWasm.Service.Tests.Http;

namespace AkkaWasm.Service.Tests.Hosting;

public sealed class ServeTests : IDisposable
{
    private readonly MeshFolder folder = new();
    private readonly FakeNode node = new();
    private readonly string file;

    public ServeTests()
    {
        file = folder.Write("mesh.conf", """akka-wasm { http.port = 0, mesh.agents.a.module = "agents/a.wat" }""");
        Directory.CreateDirectory(Path.Combine(folder.Path, "data"));
    }

    private string Data => Path.Combine(folder.Path, "data");

    public void Dispose() => folder.Dispose();

    private Task<Outcome> ServeAsync(CancellationToken cancellation, params string[] more) =>
        Terminal.RunAsync(["serve", file, .. more], cancellation: cancellation, change: context => context with { StartNode = (_, _) => Task.FromResult<IMeshNode>(node) });

    [Fact]
    public async Task Until_idle_ends_with_one_json_object_and_a_drained_node()
    {
        node.Summary = new MeshSummary(
            new ShardTotals
            {
                Active = TimeSpan.FromSeconds(8), EventsIn = 10, Events = 30, Turns = 40, Born = 3, Healed = 2, Quarantined = 1, Failures = new Dictionary<FaultKind, long> { [FaultKind.Trap] = 2, [FaultKind.Deadline] = 0 },
                EventsByFirstToken = new Dictionary<string, long> { ["alert"] = 4, ["alerts"] = 9 },
            },
            new ShardTotals { Turns = 8, Active = TimeSpan.FromSeconds(2) },
            [new AgentSummary(new AgentStatus { Number = 0, Name = "a", Definition = "a", State = AgentState.Asleep, Turns = 40 }, new AkkaWasm.Mesh.StateHash(1))],
            []);

        var outcome = await ServeAsync(default, "--until-idle", "--report", "json");

        Assert.Equal(0, outcome.Code);
        Assert.True(node.IsDrained);
        using var json = JsonDocument.Parse(outcome.Out);
        Assert.Equal(
            """{"events_in":10,"events":30,"turns":40,"healed":2,"quarantined":1,"alerts":4,"born":3,"failures":{"trap":2},"elapsed_ms":8000,"turns_per_s":5,"agents":[{"name":"a","state":"asleep","turns":40,"state_hash":"00000000000000000000000000000001"}],"this_run":{"events_in":0,"events":0,"turns":8,"healed":0,"quarantined":0,"alerts":0,"born":0,"failures":{},"elapsed_ms":2000,"turns_per_s":4}}""",
            JsonSerializer.Serialize(json.RootElement));
    }

    [Fact]
    public async Task Until_idle_ends_with_a_table_for_people()
    {
        var outcome = await ServeAsync(default, "--until-idle");

        Assert.Matches(@"turns +0 +0", outcome.Out);
        Assert.Contains("listening on http://127.0.0.1:", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_serves_until_it_is_told_to_stop_then_drains_and_takes_its_file_away()
    {
        using var stop = new CancellationTokenSource();
        var announced = new TaskCompletionSource<NodeFile>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(Data, "node.json");
        watcher.Renamed += (_, _) => announced.TrySetResult(NodeFile.Find(Data)!);
        watcher.EnableRaisingEvents = true;

        var served = ServeAsync(stop.Token);
        var file = await announced.Task;
        using (var client = new HttpClient()) Assert.Contains("\"ok\"", await client.GetStringAsync(new Uri(file.Url, "/readyz")), StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessId, file.Pid);
        await stop.CancelAsync();

        Assert.Equal(0, (await served).Code);
        Assert.True(node.IsDrained);
        Assert.Null(NodeFile.Find(Data));
    }

    [Fact]
    public async Task Stopped_before_it_is_idle_is_a_failure()
    {
        using var stop = new CancellationTokenSource();
        node.Idle = token =>
        {
            stop.Cancel();
            return Task.Delay(Timeout.Infinite, token);
        };

        var outcome = await ServeAsync(stop.Token, "--until-idle");

        Assert.Equal(1, outcome.Code);
        Assert.EndsWith($"error: a request to stop came before the mesh was idle; serve it again to go on where it is{Environment.NewLine}", outcome.Error, StringComparison.Ordinal);
        Assert.True(node.IsDrained);
    }

    [Fact]
    public async Task A_node_that_cannot_go_on_ends_the_process_with_its_reason()
    {
        node.Idle = token => Task.Delay(Timeout.Infinite, token);
        node.Fail(new MeshNodeException(NodeFailure.LogCorrupt, "The log is damaged at offset 7."));

        var outcome = await ServeAsync(default);

        Assert.Equal(4, outcome.Code);
        Assert.EndsWith($"error: the log is damaged at offset 7{Environment.NewLine}", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NodeFailure.Locked, 3)]
    [InlineData(NodeFailure.DataFolder, 3)]
    [InlineData(NodeFailure.Storage, 3)]
    [InlineData(NodeFailure.LogCorrupt, 4)]
    [InlineData(NodeFailure.TopologyConflict, 5)]
    [InlineData(NodeFailure.ModuleRefused, 2)]
    [InlineData(NodeFailure.Internal, 70)]
    public async Task A_node_that_cannot_start_never_exits_0(NodeFailure failure, int code)
    {
        var outcome = await Terminal.RunAsync(["serve", file], change: context => context with { StartNode = (_, _) => throw new MeshNodeException(failure, "It cannot.") });

        Assert.Equal(code, outcome.Code);
        Assert.Contains("error: ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_exit_code_3()
    {
        await using var other = await TestServer.StartAsync();

        var outcome = await ServeAsync(default, "--set", $"akka-wasm.http.port={other.Url.Port}");

        Assert.Equal(3, outcome.Code);
        Assert.Contains("another process listens there", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_failure_of_a_node_has_an_exit_code()
    {
        foreach (var failure in Enum.GetValues<NodeFailure>())
            Assert.NotEqual(ExitCode.Done, await Task.FromResult(ExitCodes.Of(new MeshNodeException(failure, "x"))));
    }
}
