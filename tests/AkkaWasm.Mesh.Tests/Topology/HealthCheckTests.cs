using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Topology;

public sealed class HealthCheckTests
{
    public static TheoryData<string, HealthPolicy> Wrong => new()
    {
        { "health.degraded-failures", new HealthPolicy { DegradedFailures = 0 } },
        { "health.degraded-turn-time", new HealthPolicy { DegradedTurnTime = 1.5 } },
        { "health.degraded-memory", new HealthPolicy { DegradedMemory = double.NaN } },
        { "health.recover-at", new HealthPolicy { RecoverAt = 0 } },
        { "health.max-reason", new HealthPolicy { MaxReasonBytes = -1 } },
        { "health.min-failures", new HealthPolicy { MinFailures = 65 } },
        { "health", new HealthPolicy { DegradedLag = 0 } },
        { "health", new HealthPolicy { DegradedLag = 5, OverloadedLag = 4 } },
        { "health", new HealthPolicy { DegradedAge = TimeSpan.Zero } },
        { "health", new HealthPolicy { DegradedAge = TimeSpan.FromHours(1) } },
        { "health", new HealthPolicy { FailureWindow = TimeSpan.Zero } },
        { "health.publish-at-most-every", new HealthPolicy { PublishAtMostEvery = TimeSpan.FromTicks(-1) } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_line_that_is_none_is_refused(string path, HealthPolicy policy)
    {
        var problem = Assert.Single(TopologyCheck.Check(Of(Agent("a", "x") with { Health = policy })));
        Assert.Equal($"agents.a.{path}", problem.Path);
    }

    [Fact]
    public void Every_line_may_be_left_out() => Assert.Empty(TopologyCheck.Check(Of(Agent("a", "x") with
    {
        Health = new HealthPolicy { DegradedLag = null, OverloadedLag = null, DegradedAge = null, OverloadedAge = null, DegradedFailures = null, DegradedQuarantine = null, DegradedTurnTime = null, DegradedMemory = null },
    })));
}
