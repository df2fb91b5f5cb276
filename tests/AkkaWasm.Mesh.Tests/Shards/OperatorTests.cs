using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class OperatorTests
{
    private static TestMesh Mesh() => new TestMesh(
        Of([Group(GroupDefinition.Default, Policy(HealingDirective.Restart))], Agent("noter", "in.>", "clock")), new TestGuests().With("clock", (memory, turn) =>
        {
            if (TestGuests.TextOf(turn) == "timer") turn.Schedule(1_000, "", "rings"u8.ToArray());
            return TestGuests.Note(memory, turn);
        })).Run();

    private static TestMesh Do(TestMesh mesh, Func<Shard, string?> act)
    {
        Assert.Null(act(mesh.Shard));
        mesh.Tick();
        return mesh.RunToIdle();
    }

    [Fact]
    public void A_paused_agent_waits_also_over_a_restart_and_its_timers_fire_to_where_it_waits()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "timer");
        mesh.RunToIdle();
        Do(mesh, shard => shard.Pause("noter", mesh.NowNs));
        mesh.Publish("in.a", "2");
        mesh = mesh.RunToIdle().Restart().RunToIdle().Pass(TimeSpan.FromMinutes(1));
        Assert.Equal((AgentState.Paused, 2), (mesh.Status("noter").State, mesh.Status("noter").Pending));
        Assert.Contains("operator", mesh.Status("noter").Why);
        Do(mesh, shard => shard.Resume("noter", mesh.NowNs));
        Assert.Equal(["in.a:timer", "in.a:2", "mesh.inbox.noter:rings"], mesh.Seen("noter"));
        Assert.Single(mesh.On("mesh.agent.noter.paused"));
        Assert.Single(mesh.On("mesh.agent.noter.resumed"));
    }

    [Fact]
    public void What_a_paused_agent_was_given_and_has_not_answered_is_given_again_once()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "1");
        mesh.Publish("in.a", "2");
        Assert.Null(mesh.Shard.Pause("noter", mesh.NowNs));
        mesh.Tick();
        mesh.RunToIdle();
        Assert.Equal(2, mesh.Status("noter").Pending);
        Do(mesh, shard => shard.Resume("noter", mesh.NowNs));
        Assert.Equal(["in.a:1", "in.a:2"], mesh.Seen("noter"));
    }

    [Fact]
    public void A_paused_agent_that_is_being_healed_does_not_keep_the_mesh_busy_and_comes_back_healed()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "trap");
        mesh.Run();
        Do(mesh, shard => shard.Pause("noter", mesh.NowNs));
        Assert.Equal(AgentState.Paused, mesh.Status("noter").State);
        Do(mesh, shard => shard.Resume("noter", mesh.NowNs));
        Assert.Equal((AgentState.Running, 1), (mesh.Status("noter").State, mesh.Status("noter").Quarantined));
    }

    [Fact]
    public void Reset_begins_again_and_brings_a_stopped_agent_back()
    {
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Stop))], Agent("noter", "in.>")), new TestGuests().With("noter", TestGuests.Note)).Run();
        mesh.Publish("in.a", "1");
        mesh.RunToIdle();
        Do(mesh, shard => shard.Reset("noter", mesh.NowNs));
        Assert.Equal((2, 0), (mesh.Status("noter").Incarnation, mesh.Seen("noter").Length));
        mesh.Publish("in.a", "trap");
        Assert.Equal(AgentState.Stopped, mesh.RunToIdle().Status("noter").State);
        Do(mesh, shard => shard.Reset("noter", mesh.NowNs));
        mesh.Publish("in.a", "2");
        mesh = mesh.RunToIdle().Restart().RunToIdle();
        Assert.Equal(["in.a:2"], mesh.Seen("noter"));
        Assert.Equal(3, mesh.Status("noter").Incarnation);
    }

    [Fact]
    public void A_simulated_crash_fails_one_turn_for_a_reason_of_the_host_and_is_healed_without_loss()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "1");
        mesh.RunToIdle();
        Assert.Null(mesh.Shard.SimulateCrash("noter", mesh.NowNs));
        mesh.Publish("in.a", "2");
        mesh.Publish("in.a", "3");
        mesh.RunToIdle();
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3"], mesh.Seen("noter"));
        Assert.Equal((1L, 1L, GuestFault.Simulated), (mesh.Status("noter").Failures, mesh.Status("noter").Healed, mesh.Status("noter").LastFault?.Code));
    }

    [Fact]
    public void A_crash_that_was_asked_for_happens_once_also_to_who_sleeps_waits_or_begins_anew_and_over_restarts()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "1");
        mesh.RunToIdle();
        Do(mesh, shard => shard.Pause("noter", mesh.NowNs));
        Do(mesh, shard => shard.SimulateCrash("noter", mesh.NowNs));
        mesh = mesh.RunToIdle().Restart().RunToIdle();
        Assert.Contains("to fail already", mesh.Shard.SimulateCrash("noter", mesh.NowNs));
        mesh.Publish("in.a", "trap"); // a turn that fails anyway is not the one
        Do(mesh, shard => shard.Reset("noter", mesh.NowNs));
        mesh = mesh.RunToIdle().Restart().RunToIdle();
        Do(mesh, shard => shard.Resume("noter", mesh.NowNs));
        mesh = mesh.RunToIdle().Restart().RunToIdle();
        mesh.Publish("in.a", "2");
        mesh = mesh.RunToIdle().Restart().RunToIdle();
        Assert.Single(mesh.Store.Records().OfType<TurnRecord>(), t => t.Fault?.Code == GuestFault.Simulated);
        Assert.Equal(["in.a:2"], mesh.Seen("noter"));
    }

    [Fact]
    public void Who_is_stopped_makes_no_turn_that_could_fail_and_one_that_is_reset_after_that_is_spared()
    {
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Stop))], Agent("noter", "in.>")), new TestGuests().With("noter", TestGuests.Note)).Run();
        Do(mesh, shard => shard.SimulateCrash("noter", mesh.NowNs));
        mesh.Publish("in.a", "trap");
        Assert.Equal(AgentState.Stopped, mesh.RunToIdle().Status("noter").State);
        Assert.Contains("is stopped", mesh.Shard.SimulateCrash("noter", mesh.NowNs));
        Do(mesh, shard => shard.Reset("noter", mesh.NowNs));
        mesh.Publish("in.a", "2");
        Assert.Equal(["in.a:2"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void Refusals_are_sentences()
    {
        var mesh = Mesh();
        Assert.Contains("no agent 'x'", mesh.Shard.Pause("x", mesh.NowNs));
        Assert.Contains("not paused", mesh.Shard.Resume("noter", mesh.NowNs));
        Do(mesh, shard => shard.Pause("noter", mesh.NowNs));
        Assert.Contains("paused already", mesh.Shard.Pause("noter", mesh.NowNs));
        Assert.Contains("no agent 'x'", mesh.Shard.Reset("x", mesh.NowNs));
        Assert.Contains("no agent 'x'", mesh.Shard.SimulateCrash("x", mesh.NowNs));
    }

    [Fact]
    public void The_status_says_of_what_budget_how_much_is_spent()
    {
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Restart, HealingDirective.Reset) with { MaxNrOfRetries = 3, EventRetries = 0 })], Agent("noter", "in.>")),
            new TestGuests().With("noter", TestGuests.Note)).Run();
        mesh.Publish("in.a", "trap");
        mesh.Run();
        var status = mesh.Status("noter");
        Assert.Equal((AgentState.Healing, HealingDirective.Restart, 0, 1, 3), (status.State, status.Directive, status.Rung, status.BudgetSpent, status.Budget));
        Assert.Contains("trap/unreachable", status.Why);
        Assert.Equal(mesh.On("in.a")[0].Offset, status.LastFailedInput);
        Assert.True(status.BackoffUntilNs > mesh.NowNs);
        for (var i = 0; i < 3; i++) mesh.Publish("in.a", "trap");
        status = mesh.RunToIdle().Status("noter");
        Assert.Equal((HealingDirective.Reset, 1, 1, null), (status.Directive, status.Rung, status.BudgetSpent, status.Why));
        Assert.Equal((HealingDirective.Restart, 0, 0), mesh.Pass(TimeSpan.FromMinutes(2)).Status("noter") is var later ? (later.Directive, later.Rung, later.BudgetSpent) : default);
    }
}
