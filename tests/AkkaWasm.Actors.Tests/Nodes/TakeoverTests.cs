using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Two nodes with data folders of their own on one log: on PostgreSQL the second is refused; where it gets in, a row of the log has one writer, and the loser ends.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TakeoverTests(PostgresServer server)
{
    [PostgresFact]
    public async Task Who_comes_second_to_a_log_on_PostgreSQL_is_refused_with_one_sentence()
    {
        await using var two = new TwoNodes(StoreKind.Postgres, server);
        await two.StartFirstAsync();

        var refused = await Assert.ThrowsAsync<MeshNodeException>(two.Second.StartAsync);

        Assert.Equal(NodeFailure.Locked, refused.Failure);
        Assert.Matches(@"^The log in the database '.+'.* is in use by another node \(akkawasm log lock \d+@.+ from .+, session \d+ since .+\); end that one first, or give this one a schema of its own\.$", refused.Message);
        var other = Path.Combine(two.Place.Folder.Path, "elsewhere");
        Directory.CreateDirectory(other);
        var compaction = Assert.Throws<MeshNodeException>(() => LogMaintenance.Compact(new LogLocation(other, two.Place.Journal, two.Place.Snapshots), dryRun: false));
        Assert.Equal((NodeFailure.Locked, refused.Message.Split(" since ")[0]), (compaction.Failure, compaction.Message.Split(" since ")[0]));
        await two.First.HandleAsync("in", "two");
        await two.First.Node.DrainAsync();
        await two.Second.StartAsync();
        await two.Second.HandleAsync("in", "three");
        Assert.Equal("init one two three", two.Second.Guests.States["a"]);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Who_lost_the_log_to_another_node_ends_with_one_sentence(StoreKind kind)
    {
        await using var two = new TwoNodes(kind, server);
        await two.StartFirstAsync();
        await two.StartSecondAsync();
        var lost = await two.First.PublishAsync("in", "lost");

        Assert.False(lost.IsAccepted);
        var failure = await Assert.ThrowsAsync<MeshNodeException>(() => two.First.Node.Completion);
        Assert.Equal(NodeFailure.Locked, failure.Failure);
        Assert.StartsWith("Another node has taken the log over: row ", failure.Message, StringComparison.Ordinal);
        await two.Second.HandleAsync("in", "three");
        Assert.Equal("init one two three", two.Second.Guests.States["a"]);
        Assert.Equal((NodeState.Ready, 2), (two.Second.Node.Status.State, two.Second.Node.Status.Epoch));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Who_lost_the_log_and_finds_only_its_saved_state_ends_too(StoreKind kind)
    {
        await using var two = new TwoNodes(kind, server);
        await two.StartFirstAsync();
        await two.StartSecondAsync();
        await two.Second.Node.DrainAsync(); // saves the state of the shard

        await two.First.PublishAsync("in", "lost");

        Assert.Equal(NodeFailure.Locked, (await Assert.ThrowsAsync<MeshNodeException>(() => two.First.Node.Completion)).Failure);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Of_two_nodes_that_start_together_one_serves(StoreKind kind)
    {
        await using var two = new TwoNodes(kind, server);

        await Task.WhenAll(StartAsync(two.First), StartAsync(two.Second));
        // both may have come up one after the other; then the first one learns of it with its next commit
        foreach (var mesh in new[] { two.First, two.Second }) await PublishAsync(mesh);

        var states = new[] { two.First, two.Second }.Select(m => m.TryNode?.Status.State == NodeState.Ready).ToList();
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

    private sealed class TwoNodes(StoreKind kind, PostgresServer server) : IAsyncDisposable
    {
        public StorePlace Place { get; } = new(kind, server);

        public TestMesh First => field ??= Mesh("first-");

        public TestMesh Second => field ??= Mesh("second-");

        public async Task StartFirstAsync()
        {
            await First.StartAsync();
            await First.HandleAsync("in", "one");
        }

        /// <summary>The second comes up beside the first; on PostgreSQL because that lost the connection by which it kept others out.</summary>
        public async Task StartSecondAsync()
        {
            if (kind == StoreKind.Postgres) server.Query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'akkawasm log lock%'");
            await Second.StartAsync();
            // the first may have committed once more between: then the second begins again, and is there soon
            while (!(await Second.PublishAsync("in", "two", "second-two")).IsAccepted) await Task.Yield();
            await Second.Node.WhenIdleAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Second.DisposeAsync();
            await First.DisposeAsync();
            Place.Dispose();
        }

        private TestMesh Mesh(string idPrefix)
        {
            var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))) { IdPrefix = idPrefix };
            mesh.Options = mesh.Options with { Journal = Place.Journal, Snapshots = Place.Snapshots };
            return mesh;
        }
    }
}
