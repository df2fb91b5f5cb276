using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Supervision;

/// <summary>Budgets and back-offs through the actors, on a clock that the test moves.</summary>
public sealed class VirtualTimeTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Failures_out_of_the_range_do_not_count_and_those_within_lead_down_the_ladder()
    {
        var time = new ManualTime();
        var policy = new SupervisionPolicy
        {
            OnFailure = [HealingDirective.Reset, HealingDirective.Stop], MaxNrOfRetries = 2, WithinTimeRange = TimeSpan.FromMinutes(1), EventRetries = 0,
            MinBackoff = Wait, MaxBackoff = Wait, RandomFactor = 0,
        };
        await using var mesh = new TestMesh(TestMesh.Topology([new GroupDefinition("default", null, policy)], TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { Time = time };
        await mesh.StartAsync();

        for (var i = 0; i < 4; i++)
        {
            await FailAsync(mesh, time);
            time.Advance(TimeSpan.FromMinutes(2));
        }
        Assert.Equal((1, 0, HealingDirective.Restart), await WhereAsync(mesh));
        await FailAsync(mesh, time);
        await FailAsync(mesh, time);
        Assert.Equal((1, 2, HealingDirective.Restart), await WhereAsync(mesh));
        await FailAsync(mesh, time);
        Assert.Equal((2, 1, HealingDirective.Reset), await WhereAsync(mesh));
        await FailAsync(mesh, time);
        await mesh.HandleAsync("in", "trap");
        Assert.Equal(AgentState.Stopped, (await mesh.StatusAsync("a")).State);
    }

    private static async Task<(int Incarnation, int Spent, HealingDirective Directive)> WhereAsync(TestMesh mesh) =>
        await mesh.StatusAsync("a") is var status ? (status.Incarnation, status.BudgetSpent, status.Directive) : default;

    /// <summary>One failure, and back: not before the back-off is over.</summary>
    private static async Task FailAsync(TestMesh mesh, ManualTime time)
    {
        var waits = time.WhenTimerIsSet(wait => wait > TimeSpan.Zero && wait <= Wait + TimeSpan.FromMilliseconds(1));
        await mesh.PublishAsync("in", "trap");
        await waits;
        Assert.Equal(AgentState.Healing, (await mesh.StatusAsync("a")).State);
        time.Advance(Wait + TimeSpan.FromMilliseconds(1));
        await mesh.Node.WhenIdleAsync();
        Assert.Equal(AgentState.Running, (await mesh.StatusAsync("a")).State);
    }
}
