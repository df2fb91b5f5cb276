using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class CircuitTests
{
    private bool ill = true;

    private TestMesh Mesh(CircuitPolicy? circuit, int maxAwake = int.MaxValue) => new TestMesh(
        Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], Family("kin", "kin.*", 2) with { Circuit = circuit }),
        new TestGuests().With("kin", (memory, turn) => ill && TestGuests.TextOf(turn) != "well" ? TestGuests.Trap() : TestGuests.Note(memory, turn)),
        new ShardOptions { MeshName = "test", MaxAwake = maxAwake }).Run();

    private static TestMesh Publish(TestMesh mesh, string text, params string[] keys)
    {
        foreach (var key in keys) mesh.Publish($"kin.{key}", text);
        return mesh.Run();
    }

    private static string[] Story(TestMesh mesh) => [.. mesh.Store.Events().Where(e => e.Topic.StartsWith("mesh.family.kin.", StringComparison.Ordinal)).Select(e => e.Topic["mesh.family.kin.".Length..])];

    [Fact]
    public void A_family_that_fails_everywhere_gets_no_events_until_a_few_were_tried_with_success()
    {
        var mesh = Publish(Mesh(new CircuitPolicy { MinAgents = 3 }), "x", "a", "b", "c");
        Assert.Equal(["circuit-opened"], Story(mesh));
        Publish(mesh, "y", "a", "b", "c", "d");
        Assert.Equal((4L, AgentState.Held, 3), (mesh.Shard.Backlog, mesh.Status("kin/a").State, (int)mesh.Shard.Totals.Quarantined));
        Assert.Contains("open until", mesh.Status("kin/a").Why);
        Assert.False(mesh.Shard.IsIdle);
        ill = false;
        mesh = mesh.Restart().RunToIdle();
        Assert.Equal(["circuit-opened", "circuit-half-open", "circuit-closed"], Story(mesh));
        Assert.All(new[] { "a", "b", "c", "d" }, key => Assert.Equal([$"kin.{key}:y"], mesh.Seen($"kin/{key}")));
    }

    [Fact]
    public void While_it_is_half_open_only_so_many_are_tried_and_one_failure_opens_it_again()
    {
        var mesh = Publish(Mesh(new CircuitPolicy { MinAgents = 3, HalfOpenProbes = 2 }), "x", "a", "b", "c");
        Publish(mesh, "y", "a", "b", "c");
        var failures = mesh.Shard.Totals.Failures.Values.Sum();
        mesh.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(["circuit-opened", "circuit-half-open", "circuit-opened"], Story(mesh));
        Assert.InRange(mesh.Shard.Totals.Failures.Values.Sum() - failures, 1, 2);
        ill = false;
        Publish(mesh.RunToIdle(), "z", "a", "b", "c");
        Assert.Equal("circuit-closed", Story(mesh.RunToIdle())[^1]);
        Assert.Equal(AgentState.Running, mesh.Status("kin/a").State);
    }

    [Fact]
    public void Too_few_agents_or_too_few_failures_do_not_open_it_and_what_is_out_of_the_window_does_not_count()
    {
        var mesh = Publish(Mesh(new CircuitPolicy { MinAgents = 3, FailuresShare = 0.6 }), "x", "a", "b");
        Publish(mesh, "well", "c", "d");
        Publish(mesh, "x", "a", "b");
        Assert.Empty(Story(mesh));
        mesh.Pass(TimeSpan.FromMinutes(2));
        Publish(mesh, "x", "a", "b");
        Assert.Empty(Story(mesh));
        Assert.Equal(["circuit-opened"], Story(Publish(mesh, "x", "c")));
    }

    [Fact]
    public void There_is_none_where_none_is_configured()
    {
        var mesh = Publish(Mesh(null), "x", [.. Enumerable.Range(0, 20).Select(i => $"k{i}")]);
        Assert.Equal((20L, 0), (mesh.Shard.Totals.Quarantined, Story(mesh).Length));
    }

    [Fact]
    public void What_waits_for_an_open_circuit_counts_for_back_pressure()
    {
        var options = new ShardOptions { MeshName = "test", MaxBacklog = 10 };
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], Family("kin", "kin.*", 2) with { Circuit = new CircuitPolicy { MinAgents = 1 } }),
            new TestGuests().With("kin", (_, _) => TestGuests.Trap()), options).Run();
        Publish(mesh, "x", "a");
        PublishProblem? refused = null;
        for (var i = 0; i < 20 && refused is null; i++) refused = mesh.Publish("kin.a", "y");
        Assert.Equal(PublishRefusal.Overloaded, refused?.Reason);
    }

    [Fact]
    public void Those_who_are_held_leave_the_room_to_those_who_are_tried()
    {
        var mesh = Publish(Mesh(new CircuitPolicy { MinAgents = 2, HalfOpenProbes = 1 }, maxAwake: 1), "x", "a", "b");
        Publish(mesh, "y", "a", "b");
        ill = false;
        Assert.Equal(["circuit-opened", "circuit-half-open", "circuit-closed"], Story(mesh.RunToIdle()));
        Assert.All(new[] { "a", "b" }, key => Assert.Equal([$"kin.{key}:y"], mesh.Seen($"kin/{key}")));
    }

    [Fact]
    public void Others_are_tried_where_the_one_that_is_tried_has_nothing_more_to_do_when_it_comes_up()
    {
        var mesh = Mesh(new CircuitPolicy { MinAgents = 2, HalfOpenProbes = 1 });
        mesh.Apply(mesh.Shard.Topology! with { Rules = [new RuleDefinition { Name = "sheds", Of = "kin/a", When = [new RuleLine(RuleSignal.Lag, 2, 1)], For = TimeSpan.Zero, Then = [new RuleAction(RuleVerb.Shed)] }] });
        Publish(mesh, "x", "a", "b");
        foreach (var key in new[] { "a", "b" }) mesh.Passivate($"kin/{key}");
        Publish(mesh.Run(), "y", "a", "a", "b");
        ill = false;
        mesh.NowNs += TimeSpan.FromSeconds(30).Ticks * 100;
        mesh.Tick();
        Assert.Equal([new Step(StepKind.Rebuild, mesh.Status("kin/a").Number)], mesh.Steps().Where(s => s.Kind == StepKind.Rebuild));
        mesh.ObserveHealth(); // what the one was to be tried with is put aside
        Assert.Equal((0, 3), (mesh.Status("kin/a").Pending, mesh.Status("kin/a").Quarantined));
        Assert.Equal(["circuit-opened", "circuit-half-open", "circuit-closed"], Story(mesh.RunToIdle()));
        Assert.Equal(["kin.b:y"], mesh.Seen("kin/b"));
    }

    [Fact]
    public void A_shard_that_recovers_knows_the_same_of_a_circuit()
    {
        var mesh = Publish(Mesh(new CircuitPolicy { MinAgents = 3 }), "x", "a");
        mesh.Pass(TimeSpan.FromMinutes(2));
        Publish(mesh, "x", "b").RunToIdle().CommitAll();
        var recovered = new Shard(mesh.Options);
        foreach (var block in mesh.Store.Blocks) recovered.Recover(block);
        Assert.Equal(mesh.Shard.SaveState().ToArray(), recovered.SaveState().ToArray());
    }
}
