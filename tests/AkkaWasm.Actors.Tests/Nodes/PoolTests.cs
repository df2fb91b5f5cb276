using System.Globalization;
using System.Text;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A pool in a whole node.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PoolTests(PostgresServer server)
{
    private const int Keys = 12;
    private const int Rounds = 20;

    private static readonly PoolPolicy Bounds = new() { Size = 1, Max = 4, Key = new AgentKey(2), GrowLag = 3, GrowAge = null, ShrinkLag = 2, ShrinkAfter = TimeSpan.FromSeconds(3), CoolDown = TimeSpan.FromSeconds(2) };

    private static async Task PublishAsync(MeshNode node, int round)
    {
        var batch = Enumerable.Range(0, Keys * Rounds).Select(i => new MeshEvent { Topic = $"work.k{i % Keys}", Id = $"{round}-{i}", Source = "/tests", Data = "x"u8.ToArray() });
        var reply = await node.PublishAsync(new PublishBatch([.. batch]));
        Assert.True(reply.IsAccepted, reply.Problem?.Message);
    }

    /// <summary>Each turn of the counter publishes one event, caused by the event that it handled.</summary>
    private static async Task<List<(string Key, long Input)>> TurnsAsync(MeshNode node)
    {
        var topics = new Dictionary<long, string>();
        await foreach (var e in node.CommittedAsync(TopicPattern.Parse("work.>"))) topics[e.Event.Offset] = e.Event.Topic;
        var turns = new List<(string, long)>();
        await foreach (var e in node.CommittedAsync(TopicPattern.Parse("count.out"))) turns.Add((topics[e.Event.Cause], e.Event.Cause));
        Assert.Equal(topics.Keys.Order(), turns.Select(t => t.Item2).Order());
        return turns;
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Over_changes_of_its_size_and_a_crash_every_event_is_handled_once_and_in_the_order_of_its_key(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        var pool = Topologies.Wat("crew", "counter", "work.>") with { Pool = Bounds with { GrowLag = null } };
        var options = new MeshNodeOptions
        {
            Topology = Topologies.Of(pool), Modules = Topologies.Modules("counter"), DataFolder = place.Folder.Data, Journal = place.Journal, Snapshots = place.Snapshots,
        };
        await using (var node = await MeshNode.StartAsync(options))
        {
            Assert.Null(await node.PauseAsync("crew/1"));
            await PublishAsync(node, 1);
            Assert.Null(await node.ResizePoolAsync("crew", 3, "more to do"));
            await PublishAsync(node, 2);
            var status = Assert.Single(await node.PoolsAsync());
            Assert.Equal((3, PoolCause.Operator, "more to do"), (status.Size, status.Cause, status.Reason));
            Assert.True(status.Members[0].Pending > 0 && status is { Held: 0, Moving: 0 }); // the others go on with what they were handed
            Assert.Null(await node.ResumeAsync("crew/1"));
            await node.AbortAsync();
        }
        await using (var node = await MeshNode.StartAsync(options))
        {
            Assert.Null(await node.ResizePoolAsync("crew", 2));
            await PublishAsync(node, 3);
            await node.WhenIdleAsync();
            foreach (var key in (await TurnsAsync(node)).GroupBy(t => t.Key)) Assert.Equal(key.Select(t => t.Input).Order(), key.Select(t => t.Input));
            Assert.Equal(3 * Keys * Rounds, (await node.AgentsAsync()).Sum(a => a.Turns) - 3);
            Assert.All((await node.PoolsAsync())[0].Members, m => Assert.True(m.Turns > 1 && m.Held == 0));
        }
    }

    [Fact]
    public async Task The_node_looks_once_a_second_and_the_pool_grows_and_shrinks()
    {
        var time = new ManualTime();
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("crew", "work.>") with { Pool = Bounds }));
        mesh.Options = mesh.Options with { Time = time };
        await mesh.StartAsync();
        await mesh.PublishAsync("work.a", "wait gate");
        await mesh.Guests.WhenAt("gate");
        for (var i = 0; i < 4; i++) await mesh.PublishAsync($"work.k{i}", $"{i}");
        while ((await mesh.Node.PoolsAsync())[0].Size < 2) await LookAsync();
        Assert.Contains("5 events wait for 1 members; the line is at 3 for each", Encoding.UTF8.GetString((await mesh.FirstAsync("mesh.pool.crew.grown")).Event.Data.Span), StringComparison.Ordinal);

        mesh.Guests.Open("gate");
        await mesh.Node.WhenIdleAsync();
        for (var i = 0; i < 8; i++) await mesh.HandleAsync($"work.k{i}", "again");
        Assert.Contains("again", mesh.Guests.States["crew/2"], StringComparison.Ordinal);
        while ((await mesh.Node.PoolsAsync())[0].Size > 1) await LookAsync();
        await mesh.FirstAsync("mesh.pool.crew.shrunk");
        while ((await mesh.StatusAsync("crew/2")).State != AgentState.Asleep) await LookAsync();
        Assert.Equal((PoolMemberRole.Resting, 0), ((await mesh.Node.PoolsAsync())[0].Members[1].Role, (await mesh.Node.PoolsAsync())[0].Members[1].Partitions));

        async Task LookAsync()
        {
            await time.WhenTimerIsSet(wait => wait == TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Members_stand_below_an_actor_of_their_pool_and_are_healed_there()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("crew", "work.>") with { Pool = Bounds with { Size = 3 } })).StartAsync();
        for (var i = 0; i < 9; i++) await mesh.HandleAsync(string.Create(CultureInfo.InvariantCulture, $"work.k{i}"), "one", "trap", "two");

        Assert.Equal("crew", (await mesh.ActorAsync("default/crew/2")).Path.Parent.Name);
        var agents = await mesh.Node.AgentsAsync();
        Assert.Equal(["crew/1", "crew/2", "crew/3"], agents.Select(a => a.Name));
        Assert.Equal((9, 18), (agents.Sum(a => a.Quarantined), (int)agents.Sum(a => a.Turns - a.Failures) - 3));
    }
}
