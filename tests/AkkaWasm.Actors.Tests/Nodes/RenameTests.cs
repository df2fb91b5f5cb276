using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Actors.Tests.Support.TestMesh;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Agents and families get other names on a real node, and the log tells of them under the names that they had.</summary>
public sealed class RenameTests
{
    private static AgentDefinition Renamed(string old, AgentDefinition agent) => agent with { RenamedFrom = old };

    private static AgentDefinition Family(string name) => Agent(name, "in") with { Key = new AgentKey(1), SnapshotEveryTurns = 3, SnapshotAtMostEvery = TimeSpan.Zero };

    private static async Task<TopologyAnswer> ApplyAsync(MeshNode node, MeshTopology target)
    {
        var answer = await node.ApplyTopologyAsync(new TopologyTarget(target), null, TopologyAuthor.Operator, "test");
        Assert.True(answer.Outcome == TopologyOutcome.Applied, answer.Plan.Problems.FirstOrDefault()?.Message);
        return answer;
    }

    [Fact]
    public async Task An_agent_and_a_family_go_on_under_other_names_also_over_a_crash_and_a_restart()
    {
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"), Family("f"), Agent("w", "see"))).StartAsync();
        await mesh.HandleAsync("see", "watch a");
        await mesh.HandleAsync("in", "one", "two", "three", "four");
        var actor = await mesh.ActorAsync("default/a");
        var answer = await ApplyAsync(mesh.Node, Topology(Renamed("a", Agent("b", "in")), Renamed("f", Family("g")), Agent("w", "see")));
        Assert.Equal("2 agents renamed", answer.Plan.Summary);
        await mesh.WhenEndedAsync(actor);
        await mesh.HandleAsync("in", "five");
        Assert.Equal("init one two three four five", mesh.Guests.States["b"]);
        await mesh.ActorAsync("default/b");

        await mesh.CrashAsync();
        await mesh.HandleAsync("in", "six");
        await mesh.RestartAsync();
        await mesh.HandleAsync("in", "seven");
        Assert.Equal("init one two three four five six seven", mesh.Guests.States["b"]);
        var key = Assert.Single(await mesh.Node.AgentsAsync(), a => a.Definition == "g");
        Assert.Equal(("init one two three four five six seven", 2), (mesh.Guests.States[key.Name], key.Incarnation));
        Assert.Equal("init watch a", mesh.Guests.States["w"]);
        await ApplyAsync(mesh.Node, Topology(Renamed("f", Family("g")), Agent("w", "see")));
        Assert.Contains("\"b\"", System.Text.Encoding.UTF8.GetString((await mesh.FirstAsync("mesh.inbox.w")).Event.Data.Span));
        Assert.Null(await mesh.Node.AgentAsync("a"));
    }

    [Fact]
    public async Task Under_load_every_event_is_handled_once_while_names_change_back_and_forth()
    {
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"), Agent("other", "in"))).StartAsync();
        var published = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++) await mesh.PublishAsync("in", $"n{i}");
        });
        var names = new[] { "a", "b", "c" };
        var now = 0;
        for (; !published.IsCompleted; now++) await ApplyAsync(mesh.Node, Topology(Renamed(names[now % 3], Agent(names[(now + 1) % 3], "in")), Agent("other", "in")));
        await published;
        await mesh.Node.WhenIdleAsync();
        var all = "init " + string.Join(' ', Enumerable.Range(0, 200).Select(i => $"n{i}"));
        await mesh.HandleAsync("in", "last");
        Assert.Equal((all + " last", all + " last"), (mesh.Guests.States[names[now % 3]], mesh.Guests.States["other"]));
        Assert.Equal(1, mesh.Guests.CreatedOf("other"));
        Assert.Equal(0, (await mesh.StatusAsync(names[now % 3])).Number);
    }

    [Fact]
    public async Task The_log_is_read_under_the_names_of_then_and_of_now()
    {
        using var folder = new TestFolder();
        var counter = Topologies.Wat("counter", "counter", "in") with { SnapshotEveryTurns = 4, SnapshotAtMostEvery = TimeSpan.Zero };
        MeshTopology Mesh(string? old, string name, params AgentDefinition[] others) => Topologies.Of([counter with { Name = name, RenamedFrom = old }, .. others]);
        var options = new MeshNodeOptions { Topology = Mesh(null, "counter"), DataFolder = folder.Data, Modules = Topologies.Modules("counter") };
        Position renamed;
        string? hash;
        await using (var node = await MeshNode.StartAsync(options))
        {
            await PublishAsync(node, 10);
            renamed = (await ApplyAsync(node, Mesh("counter", "tally"))).At;
            await PublishAsync(node, 5);
            await ApplyAsync(node, Mesh("counter", "tally", counter)); // another agent has the old name
            await PublishAsync(node, 5);
            Assert.Null(await node.ForkAsync("tally", "what-if", renamed.Offset - 1));
            hash = (await node.StateHashAsync("tally"))?.ToString();
            var (back, _) = await node.TopologyAtAsync(renamed.Offset - 1, asTarget: true);
            Assert.Equal(("counter", "tally"), (back!.Agents.Single().Name, back.Agents.Single().RenamedFrom));
            await node.DrainAsync();
        }
        using (var log = OfflineLog.Open(folder.Data)) Told(log, renamed.Offset - 1);
        await using (var node = await MeshNode.StartAsync(options))
        {
            Assert.Equal(hash, (await node.StateHashAsync("tally"))?.ToString());
            Assert.Null(await node.RewindAsync("tally", new RewindTarget { To = renamed.Offset - 1, Inputs = RewindInputs.Dropped }));
            await PublishAsync(node, 3);
            await node.DrainAsync();
        }
        using (var log = OfflineLog.Open(folder.Data))
        {
            Assert.Empty(log.Verify().Flaws);
            Assert.All(log.ReplayAll(), report => Assert.Null(report.Divergence));
            Assert.Equal(("tally", 3), (log.ReplayAgent("tally")!.Agent, (int)log.AgentAt("tally")!.Turns));
        }
    }

    private static void Told(IOfflineLog log, long before)
    {
        Assert.Empty(log.Verify().Flaws);
        Assert.All(log.ReplayAll(), report => Assert.Null(report.Divergence));
        Assert.Equal([("counter", 10), ("counter", 10)], new[] { "counter", "tally" }.Select(name => log.AgentAt(name, before)!).Select(m => (m.Agent, (int)m.Turns - 1)));
        Assert.Equal(["tally", "counter"], new[] { "tally", "counter" }.Select(name => log.ReplayAgent(name)!.Agent));
        Assert.Equal(log.AgentAt("counter", before)!.Hash, log.AgentAt("tally", before)!.Hash);
        Assert.Equal(["counter"], log.MeshAt(before).Agents.Select(a => a.Status.Name));
        Assert.Equal(["counter", "tally", "what-if"], log.MeshAt().Agents.Select(a => a.Status.Name).Order());
        Assert.Null(log.ReplayAgent("nobody"));
        Assert.Contains(log.Records(), e => e.Record is AgentRecord { Change: AgentChange.Renamed } && e.Agent == "tally");
        Assert.Contains(log.Records(0, before), e => e.Agent == "counter" && e.Record is TurnRecord);
        Assert.DoesNotContain(log.Records(0, before), e => e.Agent == "tally");
    }

    private static async Task PublishAsync(MeshNode node, int count)
    {
        for (var i = 0; i < count; i++)
            await node.PublishAsync(new PublishBatch([new MeshEvent { Topic = "in", Id = Guid.NewGuid().ToString(), Source = "/t", Data = "1"u8.ToArray() }]));
        await node.WhenIdleAsync();
    }
}
