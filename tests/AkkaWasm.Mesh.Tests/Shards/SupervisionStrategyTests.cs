using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Mesh.Tests.Shards.HealingTests;
using static AkkaWasm.Simulation.Topologies;
using static AkkaWasm.Mesh.Topology.HealingDirective;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class SupervisionStrategyTests
{
    [Fact]
    public void All_for_one_restarts_every_running_agent_of_the_group_and_none_other()
    {
        var mesh = Grouped(Policy(Restart) with { Strategy = SupervisionStrategy.AllForOne });
        mesh.Publish("to.b", "trap");
        mesh.RunToIdle();
        Assert.Equal(["b", "a", "c"], Affected(mesh, 0));
        Assert.Equal(["x.1", "x.1", "x.1", "x.1"], new[] { "a", "b", "c", "d" }.Select(n => string.Join(",", mesh.Seen(n).Select(s => s.Split(':')[1]))));
    }

    [Fact]
    public void Rest_for_one_restarts_the_failed_agent_and_those_defined_after_it()
    {
        var mesh = Grouped(Policy(Restart) with { Strategy = SupervisionStrategy.RestForOne });
        mesh.Publish("to.b", "trap");
        Assert.Equal(["b", "c"], Affected(mesh.RunToIdle(), 0));
        mesh.Publish("to.c", "trap");
        Assert.Equal(["c"], Affected(mesh.RunToIdle(), 2));
    }

    [Fact]
    public void Stop_for_all_stops_the_group_and_reset_for_all_begins_it_anew()
    {
        var stopped = Grouped(Policy(Stop) with { Strategy = SupervisionStrategy.AllForOne });
        stopped.Publish("to.b", "trap");
        stopped.RunToIdle();
        Assert.Equal([AgentState.Stopped, AgentState.Stopped, AgentState.Stopped, AgentState.Running], new[] { "a", "b", "c", "d" }.Select(n => stopped.Status(n).State));
        var reset = Grouped(Policy(Reset) with { Strategy = SupervisionStrategy.AllForOne, EventRetries = 0 });
        reset.Publish("to.b", "trap");
        reset.RunToIdle();
        Assert.Equal([2, 2, 2, 1], new[] { "a", "b", "c", "d" }.Select(n => reset.Status(n).Incarnation));
        Assert.Empty(reset.Seen("a"));
    }

    [Fact]
    public void Agents_touched_by_the_failure_of_another_lose_no_event_in_flight()
    {
        var mesh = Grouped(Policy(Restart) with { Strategy = SupervisionStrategy.AllForOne });
        foreach (var i in Enumerable.Range(2, 20))
        {
            mesh.Publish("to.all", $"x.{i}");
            if (i % 5 == 0) mesh.Publish("to.b", "trap");
        }
        mesh.RunToIdle();
        Assert.All(["a", "b", "c", "d"], n => Assert.Equal(Enumerable.Range(1, 21).Select(i => $"to.all:x.{i}"), mesh.Seen(n)));
    }

    [Fact]
    public void A_result_that_arrives_after_its_life_was_ended_by_the_failure_of_another_never_was()
    {
        var topology = Of([Group("g", Policy(Restart) with { Strategy = SupervisionStrategy.AllForOne, MinBackoff = TimeSpan.Zero, MaxBackoff = TimeSpan.Zero })],
            Agent("a", "to.a", "noter", "g"), Agent("b", "to.b", "noter", "g"));
        var mesh = new TestMesh(topology, Guests()) { ResultsTakeTime = true }.Run();
        mesh.Publish("to.a", "1");
        mesh.Take(new(StepKind.Turn, mesh.Status("a").Number));
        mesh.Publish("to.b", "trap");
        mesh.Take(new(StepKind.Turn, mesh.Status("b").Number));
        mesh.Take(new(StepKind.Report, mesh.Status("b").Number));
        mesh.Take(new(StepKind.Rebuild, mesh.Status("a").Number));
        var turns = mesh.Status("a").Turns;
        mesh.Take(new(StepKind.Report, mesh.Status("a").Number));
        Assert.Equal(turns, mesh.Status("a").Turns);
        Assert.Equal(["to.a:1"], mesh.RunToIdle().Seen("a"));
        Assert.Equal(turns + 1, mesh.Status("a").Turns);
    }

    [Fact]
    public void A_failure_escalates_through_nested_groups_to_the_root_and_touches_each_level_whole()
    {
        var one = Policy(Escalate);
        MeshTopology Topology(SupervisionPolicy middle, SupervisionPolicy root) =>
            Of([Group("outer", middle), Group("inner", one, "outer"), Group("side", Policy(Restart), "outer"), Group("far", Policy(Restart))],
                Agent("in1", "to.in1 to.all", "noter", "inner"), Agent("in2", "to.all", "noter", "inner"),
                Agent("side1", "to.all", "noter", "side"), Agent("out1", "to.all", "noter", "outer"), Agent("far1", "to.all", "noter", "far")) with { Root = root };

        var restarted = Fail(Topology(Policy(Restart), Policy(Stop)));
        Assert.Equal(("outer", 1), (restarted.Healings[0].Decision.Group, restarted.Healings[0].Decision.Escalations));
        Assert.Equal(["in1", "in2"], Affected(restarted, 0));

        var all = Fail(Topology(Policy(Restart) with { Strategy = SupervisionStrategy.AllForOne }, Policy(Stop)));
        Assert.Equal(["in1", "in2", "side1", "out1"], Affected(all, 0));

        var rest = Fail(Topology(Policy(Restart) with { Strategy = SupervisionStrategy.RestForOne }, Policy(Stop)));
        Assert.Equal(["in1", "in2", "side1"], Affected(rest, 0));

        var root = Fail(Topology(Policy(Escalate), Policy(Restart)));
        Assert.Equal(("", 2), (root.Healings[0].Decision.Group, root.Healings[0].Decision.Escalations));
        Assert.Equal(["in1", "in2", "side1", "out1"], Affected(root, 0));

        var beyond = Fail(Topology(Policy(Escalate), Policy(Escalate)));
        Assert.Equal(Stop, beyond.Healings[0].Decision.Directive);
        Assert.Equal(AgentState.Running, beyond.Status("far1").State);

        static TestMesh Fail(MeshTopology topology)
        {
            var mesh = new TestMesh(topology, Guests()).Run();
            mesh.Publish("to.in1", "trap");
            return mesh.RunToIdle();
        }
    }

    [Fact]
    public void The_budget_of_a_group_is_spent_by_what_escalates_to_it()
    {
        var mesh = new TestMesh(Of(
            [Group("outer", Policy(Restart, Stop) with { MaxNrOfRetries = 2, WithinTimeRange = TimeSpan.FromHours(1), EventRetries = 0 }), Group("inner", Policy(Escalate), "outer")],
            Agent("a", "to.a", "noter", "inner"), Agent("b", "to.b", "noter", "inner")), Guests()).Run();
        foreach (var topic in new[] { "to.a", "to.b", "to.a" })
        {
            mesh.Publish(topic, "trap");
            mesh = mesh.RunToIdle();
            if (topic == "to.b") mesh = mesh.Restart().RunToIdle();
        }
        Assert.Equal(["Stop"], mesh.Healings.Select(h => h.Decision.Directive.ToString()));
        Assert.Equal(AgentState.Stopped, mesh.Status("b").State);
    }

    private static TestMesh Grouped(SupervisionPolicy policy)
    {
        var mesh = new TestMesh(Of([Group("g", policy)], Member("a", "g"), Member("b", "g"), Member("c", "g"), Member("d", GroupDefinition.Default)), Guests()).Run();
        mesh.Publish("to.all", "x.1");
        return mesh.RunToIdle();

        static AgentDefinition Member(string name, string group) => Agent(name, $"to.{name} to.all", "noter", group);
    }

    private static string[] Affected(TestMesh mesh, int healing) => [.. mesh.Healings[healing].Decision.Affected.Select(n => mesh.Shard.Agent(n)!.Name)];
}
