using Akka.Actor;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Actors.Tests.Support.TestMesh;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>The topology changes while the disk is slow: nobody else waits for that, and a node that ends says that nothing came of it.</summary>
[Collection(StallingJournal.Collection)]
public sealed class ChangeWhileWritingTests
{
    private static readonly MeshTopology Next = Topology(Agent("a", "in"), Agent("b", "in"));

    [Fact]
    public async Task What_is_published_while_the_disk_writes_comes_before_a_change_that_was_asked_for_meanwhile()
    {
        await using var mesh = await StartAsync();
        var stalled = StallingJournal.Stall();
        var first = mesh.PublishAsync("in", "one");
        await stalled;
        var change = ApplyAsync(mesh);
        var second = mesh.PublishAsync("in", "two");
        var early = new Task[] { first, change, second }.Where(task => task.IsCompleted).ToArray();
        StallingJournal.End(written: true);
        await Task.WhenAll(early);
        Assert.Empty(early);

        Assert.Equal(TopologyOutcome.Applied, (await change).Outcome);
        Assert.True((await second).Positions[0].Offset < (await change).At.Offset);
        await mesh.HandleAsync("in", "three");
        Assert.Equal(("init one two three", "init three"), (mesh.Guests.States["a"], mesh.Guests.States["b"]));
    }

    [Fact]
    public async Task Who_asked_for_a_change_when_the_node_began_to_end_is_told_and_nothing_has_changed()
    {
        await using var mesh = await StartAsync();
        var stalled = StallingJournal.Stall();
        var first = mesh.PublishAsync("in", "one");
        await stalled;
        var shard = await mesh.Node.System.ActorSelection("/user/mesh/shard-0").ResolveOne(TimeSpan.FromMinutes(1));
        var change = shard.Ask<ShardAnswer>(new ChangeTopology(Next, null, TopologyAuthor.Operator, "", new Dictionary<string, MoveRequest>()));
        shard.Tell(new DrainShard()); // comes behind the change
        StallingJournal.End(written: true);

        Assert.Contains("change its topology when it runs again", (await Assert.ThrowsAsync<MeshNodeException>(() => change)).Message, StringComparison.Ordinal);
        Assert.True((await first).IsAccepted);
        Assert.Null(await mesh.Node.AgentAsync("b"));
    }

    private static async Task<TestMesh> StartAsync()
    {
        var mesh = new TestMesh(Topology(Agent("a", "in")));
        mesh.Options = mesh.Options with { AkkaConfig = StallingJournal.Config };
        await mesh.StartAsync();
        await mesh.Node.WhenIdleAsync();
        return mesh;
    }

    private static Task<TopologyAnswer> ApplyAsync(TestMesh mesh) => mesh.Node.ApplyTopologyAsync(new TopologyTarget(Next), null, TopologyAuthor.Operator, "");
}
