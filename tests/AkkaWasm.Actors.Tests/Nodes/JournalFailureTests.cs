using AkkaWasm.Actors.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A commit that fails or is rejected ends the shard, which recovers from the log: it never runs on past a hole.</summary>
public sealed class JournalFailureTests
{
    private static readonly TimeSpan Backoff = TimeSpan.FromMinutes(7);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_commit_ends_the_shard_and_it_comes_back_without_a_hole(bool reject)
    {
        await using var mesh = await StartAsync();
        await mesh.HandleAsync("in", "one");

        FailingJournal.FailNext(1, reject);
        var lost = await mesh.PublishAsync("in", "two", "again");
        Assert.False(lost.IsAccepted);
        Assert.NotNull(lost.RetryAfter);
        await PublishUntilTakenAsync(mesh, "two", "again");
        await mesh.HandleAsync("in", "three");

        Assert.Equal("init one two three", mesh.Guests.States["a"]);
        Assert.Equal(2, mesh.Node.Status.Epoch);
        Assert.Equal(NodeState.Ready, mesh.Node.Status.State);
    }

    [Fact]
    public async Task What_nobody_saw_committed_is_undone_with_the_state_of_the_agents()
    {
        await using var mesh = await StartAsync();
        await mesh.HandleAsync("in", "one");
        await mesh.PublishAsync("in", "wait gate");
        await mesh.Guests.WhenAt("gate");

        FailingJournal.FailNext(1, reject: false);
        mesh.Guests.Open("gate"); // the turn runs, its commit fails
        await PublishUntilTakenAsync(mesh, "two", "later");
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one wait gate two", mesh.Guests.States["a"]);
        Assert.Equal(4, (await mesh.StatusAsync("a")).Turns);
    }

    [Fact]
    public async Task A_journal_that_is_away_for_most_of_an_hour_is_waited_for()
    {
        var time = new ManualTime();
        await using var mesh = await StartAsync(time);
        FailingJournal.FailNext(int.MaxValue, reject: false);
        Assert.False((await mesh.PublishAsync("in", "one", "again")).IsAccepted);

        for (var attempt = 1; attempt <= 8; attempt++)
        {
            await time.WhenTimerIsSet(wait => wait == Backoff);
            if (attempt == 8) FailingJournal.FailNext(0, reject: false);
            time.Advance(Backoff);
        }
        await PublishUntilTakenAsync(mesh, "one", "again");
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one", mesh.Guests.States["a"]);
    }

    [Fact]
    public async Task A_journal_that_stays_away_for_an_hour_ends_the_node_with_one_sentence()
    {
        var time = new ManualTime();
        await using var mesh = await StartAsync(time);
        FailingJournal.FailNext(int.MaxValue, reject: false);
        await mesh.PublishAsync("in", "two");

        for (var attempt = 1; attempt <= 9; attempt++)
        {
            await time.WhenTimerIsSet(wait => wait == Backoff);
            Assert.Equal(NodeState.Recovering, mesh.Node.Status.State);
            time.Advance(Backoff);
        }
        var failure = await Assert.ThrowsAsync<MeshNodeException>(() => mesh.Node.Completion);
        FailingJournal.FailNext(0, reject: false);

        Assert.Equal(NodeFailure.Storage, failure.Failure);
        Assert.Contains("10 times in a row within 01:03:00", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The disk is full", failure.Message, StringComparison.Ordinal);
        Assert.Equal(NodeState.Failed, mesh.Node.Status.State);
        await Assert.ThrowsAsync<MeshNodeException>(() => mesh.Node.WhenIdleAsync());
    }

    private static Task<TestMesh> StartAsync(ManualTime time)
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { AkkaConfig = FailingJournal.Config, Time = time, MinBackoff = Backoff, MaxBackoff = Backoff };
        return mesh.StartAsync();
    }

    private static Task<TestMesh> StartAsync()
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { AkkaConfig = FailingJournal.Config, MaxBackoff = TimeSpan.FromMilliseconds(1) };
        return mesh.StartAsync();
    }

    private static async Task PublishUntilTakenAsync(TestMesh mesh, string data, string id)
    {
        while (!(await mesh.PublishAsync("in", data, id)).IsAccepted) await Task.Yield();
    }
}
