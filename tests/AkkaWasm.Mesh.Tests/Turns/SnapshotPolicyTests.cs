using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Turns;

public sealed class SnapshotPolicyTests
{
    private const int HeldTurns = 40_000;

    [Fact]
    public void An_image_is_due_after_turns_or_bytes_or_time_whichever_comes_first()
    {
        var policy = new SnapshotPolicy(Agent("a", "in") with { SnapshotEveryTurns = 3, SnapshotEveryBytes = 10, SnapshotEvery = TimeSpan.FromMinutes(1), SnapshotAtMostEvery = TimeSpan.Zero }, HeldTurns);
        Assert.False(policy.IsDue(TimeSpan.FromHours(1)));
        policy.Count(TestMesh.Event("in", "1234", "a"));
        Assert.False(policy.IsDue(TimeSpan.FromSeconds(59)));
        Assert.True(policy.IsDue(TimeSpan.FromSeconds(60)));
        policy.Count(TestMesh.Event("in", "123456", "b"));
        Assert.True(policy.IsDue(TimeSpan.Zero));
        policy.Saved();
        for (var i = 0; i < 3; i++) policy.Count(TestMesh.Event("in", "", "c"));
        Assert.True(policy.IsDue(TimeSpan.Zero));
        policy.Saved();
        Assert.False(policy.HasNews);
        policy.CountRepeated(3);
        Assert.True(policy.IsDue(TimeSpan.Zero));
    }

    [Fact]
    public void Turns_alone_wait_for_the_shortest_interval_since_the_last_image_of_this_life()
    {
        var policy = new SnapshotPolicy(Agent("a", "in") with { SnapshotEveryTurns = 3, SnapshotEveryBytes = 10, SnapshotAtMostEvery = TimeSpan.FromSeconds(5) }, HeldTurns);
        policy.CountRepeated(3);
        Assert.True(policy.MayBeDue);
        Assert.True(policy.IsDue(TimeSpan.Zero));
        policy.Saved();

        policy.CountRepeated(3);
        Assert.Null(policy.UntilNextLook(TimeSpan.FromSeconds(1)));
        Assert.True(policy.MayBeDue);
        Assert.False(policy.IsDue(TimeSpan.FromSeconds(1)));
        Assert.Equal((true, false, TimeSpan.FromSeconds(4)), (policy.IsHeld, policy.MayBeDue, policy.UntilNextLook(TimeSpan.FromSeconds(1))));
        Assert.True(policy.IsDue(TimeSpan.FromSeconds(5)));
        policy.Saved();
        Assert.Equal((false, false), (policy.IsHeld, policy.IsDue(TimeSpan.FromHours(1))));

        policy.CountRepeated(3);
        Assert.False(policy.IsDue(TimeSpan.Zero));
        policy.Count(TestMesh.Event("in", "1234567890", "a"));
        Assert.True(policy.MayBeDue);
        Assert.True(policy.IsDue(TimeSpan.Zero));
    }

    [Fact]
    public void Turns_are_held_back_up_to_a_number()
    {
        var policy = new SnapshotPolicy(Agent("a", "in") with { SnapshotEveryTurns = 3, SnapshotAtMostEvery = TimeSpan.FromDays(5) }, HeldTurns);
        policy.CountRepeated(1);
        policy.Saved();
        policy.CountRepeated(HeldTurns - 1);
        Assert.False(policy.IsDue(TimeSpan.Zero));
        Assert.False(policy.MayBeDue);
        policy.CountRepeated(1);
        Assert.True(policy.MayBeDue);
        Assert.True(policy.IsDue(TimeSpan.Zero));
        Assert.False(policy.IsHeld);
    }

    [Fact]
    public void The_next_look_is_at_what_comes_first()
    {
        var policy = new SnapshotPolicy(Agent("a", "in") with { SnapshotEveryTurns = 3, SnapshotEvery = TimeSpan.FromSeconds(2), SnapshotAtMostEvery = TimeSpan.FromSeconds(5) }, HeldTurns);
        Assert.Equal(TimeSpan.FromSeconds(2), policy.UntilNextLook(TimeSpan.Zero));
        policy.CountRepeated(1);
        policy.Saved();
        policy.CountRepeated(3);
        Assert.False(policy.IsDue(TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), policy.UntilNextLook(TimeSpan.FromSeconds(1)));
        Assert.True(policy.IsDue(TimeSpan.FromSeconds(2)));
    }
}
