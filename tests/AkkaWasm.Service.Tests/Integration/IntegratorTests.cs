using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Service.Tests.Modules;

namespace AkkaWasm.Service.Tests.Integration;

/// <summary>A guest that changes the topology (<c>tests/guests/integrator.wat</c>, and the same with the SDK for AssemblyScript) in a whole node: with text, names of modules and the log that tells it.</summary>
public sealed class IntegratorTests(IntegratorTests.RefusingMesh refusing) : IClassFixture<IntegratorTests.RefusingMesh>
{
    private const string Defines = """{ "reason": "work came", "set": { "agents": { "worker": { "module": "worker@1", "group": "workers", "subscribe": ["work.>"], "capabilities": { "publish": ["echo.out"] } } } } }""";
    private const string Replaces = """{ "set": { "agents": { "worker": { "module": "worker@2", "capabilities": { "publish": ["count.out"] } } } }, "state": "none", "watch": { "for": "1 ms", "failures": 3 } }""";
    private const string Stops = """{ "remove": { "agents": ["worker"] }, "drain": "5s" }""";

    private const string InText = "integrator.wat", InAssemblyScript = "assemblyscript/integrator.wasm";

    private static async Task<ModuleFolder> FolderAsync(string integrator = InText)
    {
        var folder = new ModuleFolder();
        foreach (var guest in new[] { integrator, "echo.wat", "counter.wat" })
            await File.WriteAllBytesAsync(Path.Combine(folder.Path, Path.GetFileName(guest)), await File.ReadAllBytesAsync(Path.Combine([Root(), "tests", "guests", .. guest.Split('/')])));
        folder.Write("mesh.conf", $$"""
            akka-wasm {
              data.folder = data, http.port = 0
              mesh {
                groups.workers {}
                agents.chief {
                  module = "{{Path.GetFileName(integrator)}}", subscribe = [do], config = {{JsonSerializer.Serialize($"{Defines}\n{Replaces}\n{Stops}")}}
                  limits.pending-changes = 20
                  capabilities { publish = [integrator.out, echo.out, count.out], integrate = ["workers.*", workers], subscribe = ["work.>"] }
                }
              }
            }
            """);
        foreach (var (file, version) in new[] { ("echo.wat", "1.0.0"), ("counter.wat", "2.0.0") })
            Assert.Equal(0, (await folder.RunAsync("module", "push", file, "--name", "worker", "--version", version, "--data", "data")).Code);
        return folder;
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln"))) return folder.FullName;
        throw new InvalidOperationException("AkkaWasm.sln is in no folder above the tests.");
    }

    private static async Task<JsonElement> SayAsync(ServedMesh mesh, string text, string id)
    {
        await PublishAsync(mesh, "do", text, id);
        var answers = await EventsAsync(mesh, "integrator.out");
        return JsonDocument.Parse(answers[^1]).RootElement;
    }

    private static async Task PublishAsync(ServedMesh mesh, string topic, string text, string id)
    {
        var reply = await mesh.Node.PublishAsync(new PublishBatch([new MeshEvent { Topic = topic, Id = id, Source = "/tests", Data = Encoding.UTF8.GetBytes(text) }]));
        Assert.True(reply.IsAccepted, reply.Problem?.Message);
        await mesh.Node.WhenIdleAsync();
    }

    private static async Task<List<string>> EventsAsync(ServedMesh mesh, string topic)
    {
        var all = new List<string>();
        var end = $"{Guid.NewGuid()}";
        await PublishAsync(mesh, "end", "", end);
        await foreach (var e in mesh.Node.StreamAsync(TopicPattern.Parse(">"), 0))
        {
            if (e.Event.Topic == topic) all.Add(Encoding.UTF8.GetString(e.Event.Data.Span));
            if (e.Id == end) break;
        }
        return all;
    }

    [Theory]
    [InlineData(InText)]
    [InlineData(InAssemblyScript)]
    public async Task It_defines_a_worker_replaces_it_and_stops_it_and_the_log_tells_who_did_it_and_why(string integrator)
    {
        using var folder = await FolderAsync(integrator);
        await using (var mesh = await folder.ServeAsync())
        {
            Assert.Equal("applied", (await SayAsync(mesh, "0", "1")).GetProperty("outcome").GetString());
            await PublishAsync(mesh, "work.a", "one", "2");
            Assert.Equal(["one"], await EventsAsync(mesh, "echo.out"));
            var replaced = await SayAsync(mesh, "1", "3");
            Assert.Equal(("applied", "agent-replaced", "none"), (Text(replaced, "outcome"), Text(replaced.GetProperty("steps")[0], "kind"), Text(replaced.GetProperty("steps")[0], "state")));
            await PublishAsync(mesh, "work.b", "two", "4");
            Assert.Equal(["1"], await EventsAsync(mesh, "count.out"));
            Assert.Equal("applied", Text(await SayAsync(mesh, "2", "5"), "outcome"));
            var running = await mesh.Node.TopologyAsync();
            Assert.Equal(["chief"], running.Topology.Agents.Select(a => a.Name));
            Assert.Equal(["agent chief", "agent chief", "agent chief"], running.Changes.TakeLast(3).Select(c => c.Author));
            Assert.Equal("work came", running.Changes[^3].Reason);
        }
        var log = (await folder.RunAsync("log", "show", "--data", "data")).Out;
        foreach (var kind in new[] { "change-asked chief input=", "change-answered asked=", "author=agent chief reason=work came" }) Assert.Contains(kind, log, StringComparison.Ordinal);
        var change = log.Split('\n').First(line => line.Contains("author=agent chief", StringComparison.Ordinal)).Split(' ')[0];
        var why = (await folder.RunAsync("log", "why", change, "--data", "data")).Out;
        foreach (var step in new[] { "change-answered", "change-asked", "turn", "topic=do" }) Assert.Contains(step, why, StringComparison.Ordinal);
        Assert.Equal(0, (await folder.RunAsync("replay", "--verify", "--all", "--data", "data")).Code);
    }

    [Theory]
    [InlineData("no json", "The change is no JSON")]
    [InlineData("[1]", "The change is no object")]
    [InlineData("""{ "sett": {} }""", "Unknown key 'sett'")]
    [InlineData("""{ "set": { "sources": {} } }""", "Unknown key 'sources' in set")]
    [InlineData("""{ "set": { "agents": { "w": { "modul": "x" } } } }""", "did you mean 'module'")]
    [InlineData("""{ "set": { "agents": { "w": { "module": "worker@9", "group": "workers" } } } }""", "is not in the store of this node")]
    [InlineData("""{ "set": { "agents": { "w": { "module": "../worker.wasm", "group": "workers" } } } }""", "is a path")]
    [InlineData("""{ "set": { "agents": { "w": { "module": "worker@1" } } } }""", "may not change 'default.w'")]
    [InlineData("""{ "set": { "agents": { "w": { "module": "worker@1", "group": "nowhere" } } } }""", "There is no group 'nowhere'")]
    [InlineData("""{ "set": { "agents": { "w": { "module": "worker@1", "group": "workers", "subscribe": [">"] } } } }""", "more than the agent 'chief' may hand on")]
    [InlineData("""{ "set": { "agents": { "w": { "module": "worker@1", "group": "workers", "limits": { "memory": "1 GiB" } } } } }""", "more than the agent 'chief' has itself")]
    [InlineData("""{ "set": { "agents": { "w": { "module": "worker@1", "group": "workers", "key": "{2}" } } } }""", "1000000 agents, 10000 are allowed (spawn.max-agents)")]
    [InlineData("""{ "set": { "groups": { "default": { "parent": "workers" } } } }""", "the group of its supervisor")]
    [InlineData("""{ "remove": { "agents": ["nobody"] } }""", "There is no agent 'nobody'")]
    [InlineData("""{ "remove": { "agents": ["chief"] } }""", "may not change itself")]
    [InlineData("""{ "pause": { "agents": ["chief"] } }""", "may not change itself")]
    [InlineData("""{ "if-match": "x" }""", "must be a position")]
    [InlineData("""{ "drain": "soon" }""", "drain")]
    [InlineData("""{ "state": "magic" }""", "no way to move")]
    [InlineData("""{ "watch": { "for": "1m", "failures": 100000 } }""", "budget")]
    [InlineData("""{ "mode": "try" }""", "mode")]
    public async Task What_cannot_be_read_and_what_is_not_its_own_is_refused_with_a_sentence(string change, string says)
    {
        var (outcome, problem) = await refusing.SayAsync(change);
        Assert.Equal("refused", outcome);
        Assert.Contains(says, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_a_change_for_another_topology_is_stale()
    {
        using var folder = await FolderAsync();
        await using var mesh = await folder.ServeAsync();
        var before = await mesh.Node.TopologyAsync();
        var plan = await SayAsync(mesh, Defines.Replace("{ \"reason\"", "{ \"mode\": \"plan\", \"reason\"", StringComparison.Ordinal), "1");
        Assert.Equal(("planned", "1 agent defined", true), (Text(plan, "outcome"), Text(plan, "summary"), plan.GetProperty("possible").GetBoolean()));
        Assert.Equal(before.At, (await mesh.Node.TopologyAsync()).At);
        var first = Defines.Replace("{ \"reason\"", $"{{ \"if-match\": \"{before.At}\", \"reason\"", StringComparison.Ordinal);
        Assert.Equal("applied", Text(await SayAsync(mesh, first, "2"), "outcome"));
        var stale = await SayAsync(mesh, first, "3");
        Assert.Equal(("stale", "agent chief"), (Text(stale, "outcome"), Text(stale.GetProperty("since")[0], "author")));
        Assert.Equal("applied", Text(await SayAsync(mesh, """{ "pause": { "groups": ["workers"] } }""", "4"), "outcome"));
        Assert.True((await mesh.Node.GroupsAsync()).Single(g => g.Name == "workers").Paused);
        var tooOften = await SayAsync(mesh, """{ "set": { "agents": { "worker": { "hash-every-turns": 7 } } } }""", "5");
        Assert.Equal(("refused", "It is less than the agent 'chief' may ask for (256); set at least that."), (Text(tooOften, "outcome"), Text(tooOften.GetProperty("problems")[0], "message")));
        Assert.Equal("applied", Text(await SayAsync(mesh, """{ "resume": { "groups": ["workers"] }, "set": { "agents": { "worker": { "hash-every-turns": 700 } } } }""", "6"), "outcome"));
        var worker = (await mesh.Node.TopologyAsync()).Topology.Agents.Single(a => a.Name == "worker");
        Assert.Equal((700, "echo.out"), (worker.HashEveryTurns, worker.Capabilities.Publish.Single()));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>One mesh for all that is refused, as nothing changes in it.</summary>
    public sealed class RefusingMesh : IAsyncLifetime
    {
        private ModuleFolder folder = null!;
        private ServedMesh mesh = null!;

        public async Task InitializeAsync()
        {
            folder = await FolderAsync();
            mesh = await folder.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await mesh.DisposeAsync();
            folder.Dispose();
        }

        internal async Task<(string Outcome, string Problem)> SayAsync(string change)
        {
            var answer = await IntegratorTests.SayAsync(mesh, change, Guid.NewGuid().ToString());
            return (Text(answer, "outcome"), answer.GetProperty("problems") is { } problems && problems.GetArrayLength() > 0 ? Text(problems[0], "message") : "");
        }
    }
}
