using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Turns;

public sealed class SnapshotPolicyTests
{
    [Fact]
    public void An_image_is_due_after_turns_or_bytes_or_time_whichever_comes_first()
    {
        var policy = new SnapshotPolicy(Agent("a", "in") with { SnapshotEveryTurns = 3, SnapshotEveryBytes = 10, SnapshotEvery = TimeSpan.FromMinutes(1) });
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
}
