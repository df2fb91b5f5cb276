using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Two nodes on one log: a row of it has one writer, and the loser ends.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TakeoverTests(PostgresServer server)
{
    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Who_lost_the_log_to_another_node_ends_with_one_sentence(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var first = Mesh(place);
        await using var second = Mesh(place, "second-");
        await first.StartAsync();
        await first.HandleAsync("in", "one");

        await second.StartAsync();
        await second.HandleAsync("in", "two");
        var lost = await first.PublishAsync("in", "lost");

        Assert.False(lost.IsAccepted);
        var failure = await Assert.ThrowsAsync<MeshNodeException>(() => first.Node.Completion);
        Assert.Equal(NodeFailure.Locked, failure.Failure);
        Assert.StartsWith("Another node has taken the log over: row ", failure.Message, StringComparison.Ordinal);
        await second.HandleAsync("in", "three");
        Assert.Equal("init one two three", second.Guests.States["a"]);
        Assert.Equal((NodeState.Ready, 2), (second.Node.Status.State, second.Node.Status.Epoch));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Who_lost_the_log_and_finds_only_its_saved_state_ends_too(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var first = Mesh(place);
        await using var second = Mesh(place, "second-");
        await first.StartAsync();
        await first.HandleAsync("in", "one");
        await second.StartAsync();
        await second.HandleAsync("in", "two");
        await second.Node.DrainAsync(); // saves the state of the shard

        await first.PublishAsync("in", "lost");

        Assert.Equal(NodeFailure.Locked, (await Assert.ThrowsAsync<MeshNodeException>(() => first.Node.Completion)).Failure);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Of_two_nodes_that_start_together_one_serves(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var first = Mesh(place);
        await using var second = Mesh(place, "second-");

        await Task.WhenAll(StartAsync(first), StartAsync(second));
        // both may have come up one after the other; then the first one learns of it with its next commit
        foreach (var mesh in new[] { first, second }) await PublishAsync(mesh);

        var states = new[] { first, second }.Select(m => m.TryNode?.Status.State == NodeState.Ready).ToList();
        Assert.Single(states, isReady => isReady);
    }

    private static async Task StartAsync(TestMesh mesh)
    {
        try
        {
            await mesh.StartAsync();
        }
        catch (MeshNodeException e)
        {
            Assert.Equal(NodeFailure.Locked, e.Failure);
        }
    }

    /// <summary>Publishes until the event is taken or the node has ended.</summary>
    private static async Task PublishAsync(TestMesh mesh)
    {
        if (mesh.TryNode is not { } node) return;
        try
        {
            while (!(await mesh.PublishAsync("in", "x", "x")).IsAccepted && !node.Completion.IsCompleted) await Task.Yield();
        }
        catch (MeshNodeException e)
        {
            Assert.Equal(NodeFailure.Locked, e.Failure);
        }
    }

    private static TestMesh Mesh(StorePlace place, string idPrefix = "first-")
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))) { IdPrefix = idPrefix };
        mesh.Options = mesh.Options with { Journal = place.Journal, Snapshots = place.Snapshots };
        return mesh;
    }
}
