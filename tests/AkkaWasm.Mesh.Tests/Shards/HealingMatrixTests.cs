using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;
using static AkkaWasm.Mesh.Topology.HealingDirective;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Every strategy with every directive, for an agent that fails once: in turn 0, on an event, for a reason of the host.</summary>
public sealed class HealingMatrixTests
{
    public static TheoryData<SupervisionStrategy, HealingDirective, string> All
    {
        get
        {
            var all = new TheoryData<SupervisionStrategy, HealingDirective, string>();
            foreach (var strategy in Enum.GetValues<SupervisionStrategy>())
                foreach (var directive in Enum.GetValues<HealingDirective>())
                    foreach (var when in new[] { "turn 0", "event", "host" }) all.Add(strategy, directive, when);
            return all;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Exactly_those_are_touched_and_everything_comes_to_rest(SupervisionStrategy strategy, HealingDirective directive, string when)
    {
        var policy = Policy(directive) with { Strategy = strategy, Rewind = new RewindTarget { Inputs = RewindInputs.Dropped } };
        var mesh = new TestMesh(Of([Group("g", policy)], Agent("a", "in.>", "m", "g"), Agent("b", "in.>", "m", "g"), Agent("c", "in.>", "m", "g"), Agent("d", "in.>", "m")), Guests(when));
        mesh.Publish("in.a", "1");
        mesh.RunToIdle();
        mesh.Publish("in.a", "2");
        mesh = mesh.RunToIdle().Restart().RunToIdle();

        var decision = Assert.Single(mesh.Store.Records().OfType<HealingRecord>());
        var carried = Carried(directive, when);
        Assert.Equal(carried, decision.Directive);
        string[] touched = [.. Touched(strategy, directive, carried)];
        Assert.Equal(touched.Order(), decision.Affected.Select(n => mesh.Shard.Agent(n)!.Name).Order());
        foreach (var name in new[] { "a", "b", "c", "d" }) Check(mesh, name, touched.Contains(name) ? carried : null, when, decision.Quarantine);
        Assert.Equal(AgentState.Running, mesh.Status("d").State);
    }

    private static TestGuests Guests(string when)
    {
        var failed = false;
        GuestFault? Once(Turn turn, bool now)
        {
            if (turn.Agent.Name != "b" || failed || !now || turn.IsReplay) return null;
            failed = true;
            return when == "host" ? new GuestFault(FaultKind.Operating, "host", "The host failed.") : TestGuests.Trap();
        }
        return new TestGuests().With("m", (memory, turn) => Once(turn, when != "turn 0" && TestGuests.TextOf(turn) == "2") ?? TestGuests.Note(memory, turn),
            (_, turn) => Once(turn, when == "turn 0"));
    }

    /// <summary>What the directive comes to: there is nothing to rewind before turn 0, and a turn 0 that is put aside ends the agent.</summary>
    private static HealingDirective Carried(HealingDirective directive, string when) => (directive, when) switch
    {
        (Escalate, _) => Restart,
        (Rewind, "turn 0") => Reset,
        (Resume, "turn 0") => Stop,
        _ => directive,
    };

    private static IEnumerable<string> Touched(SupervisionStrategy strategy, HealingDirective asked, HealingDirective carried)
    {
        if (carried == Resume) return ["b"];
        if (asked == Escalate || strategy == SupervisionStrategy.AllForOne) return ["a", "b", "c"];
        return strategy == SupervisionStrategy.RestForOne ? ["b", "c"] : ["b"];
    }

    private static void Check(TestMesh mesh, string name, HealingDirective? carried, string when, bool quarantine)
    {
        var status = mesh.Status(name);
        Assert.Equal(carried == Stop ? AgentState.Stopped : AgentState.Running, status.State);
        Assert.Equal(name == "b" && quarantine ? 1 : 0, status.Quarantined);
        if (carried == Stop) return;
        Assert.Equal(carried is Reset or Rewind ? 2 : 1, status.Incarnation);
        var (first, second) = (carried is not (Reset or Rewind) || when == "turn 0", name != "b" || !quarantine);
        var seen = mesh.Seen(name);
        if (name == "b") Assert.Equal((first, second), (seen.Contains("in.a:1"), seen.Contains("in.a:2")));
    }
}
