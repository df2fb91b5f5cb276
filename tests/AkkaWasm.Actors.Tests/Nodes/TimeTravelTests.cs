using System.Text;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Forks and the mesh taken back, on a real node.</summary>
public sealed class TimeTravelTests : IDisposable
{
    private readonly TestFolder folder = new();
    private int published;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_fork_lives_on_beside_its_origin_also_after_a_restart()
    {
        long at;
        await using (var node = await MeshNode.StartAsync(Options()))
        {
            await PublishAsync(node, 25);
            at = (await node.AgentAsync("counter"))!.LastInput;
            await PublishAsync(node, 25);

            Assert.Null(await node.ForkAsync("counter", "what-if", at));
            Assert.Null(await node.ForkAsync("family/a", "twin"));
            Assert.Equal("There is no agent 'nobody'.", await node.ForkAsync("nobody", "x"));
            Assert.StartsWith("There is an agent or a definition 'twin' already;", await node.ForkAsync("counter", "twin"), StringComparison.Ordinal);

            await PublishAsync(node, 10);
            Assert.Equal(await node.StateHashAsync("family/a"), await node.StateHashAsync("twin"));
            await node.DrainAsync();
        }
        using (var log = OfflineLog.Open(folder.Data)) Proved(log, at);
        await using (var node = await MeshNode.StartAsync(Options()))
        {
            Assert.NotNull(await node.StateHashAsync("what-if"));
            await PublishAsync(node, 5);
            await node.DrainAsync();
        }
        using (var log = OfflineLog.Open(folder.Data)) Proved(log, at);
    }

    [Fact]
    public async Task The_mesh_goes_back_and_does_again_what_it_is_told()
    {
        MeshMoment then;
        await using (var node = await MeshNode.StartAsync(Options()))
        {
            await PublishAsync(node, 30);
            using (var log = OfflineLog.Open(folder.Data)) then = log.MeshAt();
            await PublishAsync(node, 30);
            Assert.Equal(60, (await node.SummaryAsync()).Totals.EventsIn);

            var (look, _) = await node.RewindAsync(then.Cut.Offset, dryRun: true);
            Assert.Contains(look!.Agents, a => a is { Name: "counter", Action: MeshRewindAction.Rewound, UndoneTurns: 30 });
            Assert.StartsWith("There is no record at offset 99999999:", (await node.RewindAsync(99_999_999)).Problem, StringComparison.Ordinal);

            var (outlook, problem) = await node.RewindAsync(then.Cut.Offset);
            Assert.Null(problem);
            Assert.Equal(look.Agents.AsEnumerable(), outlook!.Agents.AsEnumerable());
            await node.WhenIdleAsync();
            foreach (var agent in then.Agents) Assert.Equal(agent.Hash, await node.StateHashAsync(agent.Status.Name));
            await PublishAsync(node, 5);
            await node.DrainAsync();
        }
        await using (var node = await MeshNode.StartAsync(Options()))
        {
            await PublishAsync(node, 5);
            await node.DrainAsync();
        }
        using (var log = OfflineLog.Open(folder.Data))
        {
            Assert.Empty(log.Verify().Flaws);
            Assert.All(log.ReplayAll(), report => Assert.Null(report.Divergence));
            Assert.Equal(then.Agents.Single(a => a.Status.Name == "counter").Hash, log.AgentAt("counter", then.Cut.Offset)!.Hash);
            Assert.Equal((2, "40"), (log.AgentAt("counter")!.Incarnation, log.AgentAt("counter")!.State!.Globals[0].Text));
        }
    }

    [Fact]
    public async Task Sources_are_read_again_when_they_go_back_with_the_mesh()
    {
        var file = Path.Combine(folder.Path, "lines.jsonl");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 40).Select(n => $$"""{"id":"{{n}}"}"""));
        var source = new FileSourceOptions { Name = "lines", Path = file, Format = FileSourceFormat.JsonLines, Topic = "in.a" };
        await using var node = await MeshNode.StartAsync(Options() with { Sources = [source] });
        await node.WhenIdleAsync();
        long begin;
        using (var log = OfflineLog.Open(folder.Data)) begin = log.Records().First(e => e.Record is CursorRecord).Position.Offset - 1;
        var before = await node.StateHashAsync("counter");
        var events = (await node.SummaryAsync()).Totals.EventsIn;

        Assert.Null((await node.RewindAsync(begin, sources: true)).Problem);
        await node.WhenIdleAsync();

        Assert.Equal(before, await node.StateHashAsync("counter"));
        Assert.Equal(events * 2, (await node.SummaryAsync()).Totals.EventsIn);
        Assert.Equal(40, events);
        Assert.InRange((await node.AgentAsync("counter"))!.Turns, 81, 82); // turn 0 again, if it stood after the cut
        await node.DrainAsync();
    }

    private void Proved(IOfflineLog log, long at)
    {
        Assert.Empty(log.Verify().Flaws);
        var reports = log.ReplayAll();
        Assert.All(reports, report => Assert.Null(report.Divergence));
        using (var oneByOne = OfflineLog.Open(new LogLocation(folder.Data) { MaxReplayTurns = 1 })) // forks without their origins in memory
            Assert.Equal(reports.Select(r => (r.Agent, r.Turns, r.StateHash)), oneByOne.ReplayAll().Select(r => (r.Agent, r.Turns, r.StateHash)));
        Assert.Equal(log.AgentAt("counter", at)!.Hash, log.AgentAt("what-if")!.Hash);
        Assert.Equal((1, at), (log.AgentAt("what-if")!.Incarnation, log.AgentAt("what-if")!.LastInput));
    }

    private MeshNodeOptions Options() => new()
    {
        DataFolder = folder.Data, Modules = Topologies.Modules("counter", "echo"),
        Topology = Topologies.Of(Topologies.Wat("counter", "counter", "in.>") with { SnapshotEveryTurns = 10 }, Topologies.Wat("family", "echo", "in.*") with { Key = new AgentKey(2) }),
    };

    private async Task PublishAsync(MeshNode node, int count)
    {
        var first = published;
        published += count;
        var batch = new PublishBatch([.. Enumerable.Range(first, count).Select(n => new MeshEvent { Topic = "in.a", Id = $"e{n}", Source = "/tests", Data = Encoding.ASCII.GetBytes("plain") })]);
        Assert.Null((await node.PublishAsync(batch)).Problem);
        await node.WhenIdleAsync();
    }
}
