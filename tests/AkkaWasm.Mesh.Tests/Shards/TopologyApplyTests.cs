using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class TopologyApplyTests
{
    private static TestGuests Guests => new TestGuests().With("noter", TestGuests.Note).With("relay", (_, turn) => { turn.Publish("out.x", turn.Input.Data); return null; })
        .With("clock", (_, turn) => { turn.Schedule(1_000, "", turn.Input.Data); return null; });

    private static TestMesh Start(params AgentDefinition[] agents)
    {
        var mesh = new TestMesh(Of(agents), Guests).Run();
        mesh.Publish("in.a", "1");
        return mesh.RunToIdle();
    }

    private static string Text(MeshEvent e) => Encoding.UTF8.GetString(e.Data.Span);

    [Fact]
    public void Agents_come_and_go_in_one_append_and_those_not_concerned_are_not_touched()
    {
        var (noter, other, late) = (Agent("noter", "in.>"), Agent("other", "in.>", "noter"), Agent("late", "in.>", "noter"));
        var mesh = Start(noter, other);
        mesh.Publish("in.a", "2"); // given out and not answered
        var token = mesh.Actors[mesh.Status("noter").Number].Token;
        var at = mesh.Shard.NextOffset;
        var answer = mesh.Apply(Of(noter, late), reason: "try");
        Assert.Equal((TopologyOutcome.Applied, at, "1 agent defined, 1 agent stopped"), (answer.Outcome, answer.At.Offset, answer.Plan.Summary));
        mesh.Publish("in.a", "3");
        mesh.RunToIdle();
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3"], mesh.Seen("noter"));
        Assert.Equal(["in.a:3"], mesh.Seen("late"));
        Assert.Equal((token, 1, AgentState.Stopped), (mesh.Actors[mesh.Status("noter").Number].Token, mesh.Status("noter").Incarnation, mesh.Status("other").State));
        var record = Assert.Single(mesh.Store.Records().OfType<TopologyChangeRecord>());
        Assert.Equal(("operator", "try", at), (record.Author, record.Reason, record.Offset));
        Assert.Contains("\"reason\":\"try\",\"summary\":\"1 agent defined, 1 agent stopped\"", Text(Assert.Single(mesh.On(Shard.TopologyTopic))));
    }

    [Fact]
    public void A_crash_leaves_the_old_topology_or_the_new_one_whole()
    {
        var (noter, late) = (Agent("noter", "in.>"), Agent("late", "in.>", "noter"));
        var mesh = Start(noter).CommitAll();
        mesh.Apply(Of(noter, late));
        Assert.Equal(["noter"], mesh.Restart(commitFirst: false).Shard.Topology!.Agents.Select(a => a.Name));
        mesh = mesh.Restart();
        Assert.Equal(["noter", "late"], mesh.Shard.Topology!.Agents.Select(a => a.Name));
        Assert.Equal(AgentState.Running, mesh.RunToIdle().Status("late").State);
    }

    [Fact]
    public void What_was_changed_while_it_ran_outlives_a_restart_until_the_configuration_says_something_else()
    {
        var (noter, late, third) = (Agent("noter", "in.>"), Agent("late", "in.>", "noter"), Agent("third", "in.>", "noter"));
        var mesh = Start(noter);
        mesh.Apply(Of(noter, late));
        mesh = mesh.RunToIdle().Restart().RunToIdle().Restart(useStates: false).RunToIdle();
        Assert.Equal(2, mesh.Shard.Topology!.Agents.Length);
        mesh = mesh.Restart(topology: Of(noter, third)).RunToIdle();
        Assert.Equal(["noter", "third"], mesh.Shard.Topology!.Agents.Select(a => a.Name));
        Assert.Equal(["startup", "operator", "startup"], mesh.Shard.TopologyChanges.Select(c => c.Author));
        mesh.Apply(Of(third));
        mesh = mesh.RunToIdle().Restart(topology: Of(third)).RunToIdle(); // the configuration follows: nothing changes, and from now on it counts
        Assert.Equal("nothing changes", mesh.Shard.TopologyChanges[^1].Summary);
        Assert.Single(mesh.Restart(topology: Of(third)).RunToIdle().Shard.Topology!.Agents);
    }

    [Fact]
    public void A_saved_state_knows_the_changes_and_what_was_configured()
    {
        var (noter, late) = (Agent("noter", "in.>"), Agent("late", "in.>", "noter"));
        var mesh = new TestMesh(Of(noter, Agent("gone", "in.>", "noter")), Guests, new ShardOptions { MeshName = "test", StateEveryRecords = 1 }).Run();
        mesh.Apply(Of(noter, late));
        mesh.RunToIdle();
        Assert.NotEmpty(mesh.Store.States);
        var again = mesh.Restart().RunToIdle();
        Assert.Equal(mesh.Shard.TopologyChanges, again.Shard.TopologyChanges);
        Assert.Equal((2, AgentState.Stopped, mesh.Shard.TopologyAt.Offset), (again.Shard.Topology!.Agents.Length, again.Status("gone").State, again.Shard.TopologyAt.Offset));
    }

    [Fact]
    public void Who_planned_against_a_topology_that_is_gone_is_told_what_came_first()
    {
        var (noter, late) = (Agent("noter", "in.>"), Agent("late", "in.>", "noter"));
        var mesh = Start(noter);
        var seen = mesh.Shard.TopologyAt.Offset;
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(Of(noter, late), seen, reason: "first").Outcome);
        var next = mesh.Shard.NextOffset;
        var answer = mesh.Apply(Of(late), seen);
        Assert.Equal((TopologyOutcome.Stale, "first", next), (answer.Outcome, Assert.Single(answer.Since).Reason, mesh.Shard.NextOffset));
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(Of(late), answer.At.Offset).Outcome);
    }

    [Fact]
    public void What_changes_nothing_and_what_cannot_be_leaves_no_record()
    {
        var mesh = Start(Agent("noter", "in.>"));
        var next = mesh.Shard.NextOffset;
        Assert.Equal(TopologyOutcome.Unchanged, mesh.Apply(Of(Agent("noter", "in.>"))).Outcome);
        var refused = mesh.Apply(Of(Agent("noter", "in.>") with { ModuleHash = "relay" }));
        Assert.Equal((TopologyOutcome.Refused, "agents.noter.module"), (refused.Outcome, Assert.Single(refused.Plan.Problems).Path));
        Assert.Equal("agents.noter", Assert.Single(mesh.Apply(Of(Agent("noter", ".."))).Plan.Problems.Select(p => p.Path).Distinct())[..12]);
        Assert.Equal(next, mesh.Shard.NextOffset);
    }

    [Fact]
    public void Other_subscriptions_count_from_the_change_on_and_disturb_nobody()
    {
        var mesh = Start(Agent("noter", "in.a"));
        var token = mesh.Actors[0].Token;
        mesh.Publish("in.a", "before");
        mesh.Publish("in.b", "before");
        mesh.Apply(Of(Agent("noter", "in.b")));
        mesh.Publish("in.a", "after");
        mesh.Publish("in.b", "after");
        Assert.Equal(["in.a:1", "in.a:before", "in.b:after"], mesh.RunToIdle().Seen("noter"));
        Assert.Equal(token, mesh.Actors[0].Token);
    }

    [Fact]
    public void Other_capabilities_and_limits_begin_the_actor_again_with_the_same_state()
    {
        var relay = Agent("relay", "in.>");
        var mesh = Start(relay, Agent("noter", "in.>"));
        mesh.Publish("in.a", "2");
        var tokens = mesh.Actors.ToDictionary(a => a.Key, a => a.Value.Token);
        mesh.Apply(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], relay with { Capabilities = Capabilities.None }, Agent("noter", "in.>")));
        mesh.RunToIdle();
        Assert.Equal((FaultKind.Capability, 1), (mesh.Status("relay").LastFault!.Kind, mesh.Status("relay").Incarnation));
        Assert.Single(mesh.On("out.x"));
        Assert.Equal((true, false), (mesh.Actors[0].Token > tokens[0], mesh.Actors[1].Token > tokens[1]));
    }

    [Fact]
    public void An_agent_that_gets_into_another_group_ends_before_the_tree_changes_and_begins_after()
    {
        var (inner, policy) = (Group("inner", SupervisionPolicy.Default), SupervisionPolicy.Default);
        var mesh = Start(Agent("noter", "in.>"), Agent("other", "in.>", "noter"));
        mesh.Effects.Clear();
        mesh.Apply(Of([inner, Group("deep", policy, "inner")], Agent("noter", "in.>", group: "deep"), Agent("other", "in.>", "noter")));
        Assert.Equal([typeof(EndAgent), typeof(TopologyChanged), typeof(RebuildAgent)], mesh.Effects.Select(e => e.GetType()));
        mesh.RunToIdle().Effects.Clear();
        mesh.Apply(Of([inner, Group("deep", policy)], Agent("noter", "in.>", group: "deep"), Agent("other", "in.>", "noter"))); // the group moves, and its agents with it
        Assert.Equal([typeof(EndAgent), typeof(TopologyChanged), typeof(RebuildAgent)], mesh.Effects.Select(e => e.GetType()));
        mesh.Publish("in.a", "2");
        Assert.Equal(["in.a:1", "in.a:2"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void Timers_and_back_offs_go_on_over_a_change()
    {
        var clock = Agent("clock", "in.>") with { ModuleHash = "clock" };
        var mesh = Start(clock);
        mesh.Publish("in.a", "tick");
        mesh.Run();
        mesh.Apply(Of(clock with { Limits = clock.Limits with { Deadline = TimeSpan.FromSeconds(9) } }, Agent("noter", "in.>")));
        mesh.Run();
        Assert.Equal(TestMesh.Second, mesh.Shard.NextAlarmNs - mesh.NowNs);
        mesh.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(2, mesh.Store.Events().Count(e => e.Origin == EventOrigin.Timer));
    }

    [Fact]
    public void An_agent_that_comes_back_with_another_module_does_not_go_back_to_states_of_the_old_one()
    {
        var (noter, other) = (Agent("noter", "in.>"), Agent("other", "in.>", "noter"));
        var mesh = Start(noter, other);
        var before = mesh.Shard.CommittedOffset;
        mesh.Apply(Of(noter));
        mesh.RunToIdle();
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(Of(noter, other with { ModuleHash = "relay" })).Outcome);
        mesh.RunToIdle();
        mesh.Shard.Rewind("other", new RewindTarget { To = before }, "ticket", mesh.NowNs);
        mesh.Tick();
        mesh.RunToIdle();
        Assert.Contains("had another module", Assert.Single(mesh.Answers).Problem);
        Assert.Equal((2, AgentState.Running), (mesh.Status("other").Incarnation, mesh.Status("other").State));
    }

    [Fact]
    public void A_name_that_was_a_single_agent_may_be_a_family_after_it_was_gone()
    {
        var mesh = Start(Agent("noter", "in.>"), Agent("other", "in.>", "noter"));
        mesh.Apply(Of(Agent("noter", "in.>")));
        mesh.RunToIdle();
        mesh.Apply(Of(Agent("noter", "in.>"), Family("other", "in.>", 2, "noter")));
        mesh.Publish("in.k", "2");
        Assert.Equal(["in.k:2"], mesh.RunToIdle().Seen("other/k"));
        Assert.Equal(AgentState.Stopped, mesh.Status("other").State);
        Assert.Contains("of another definition", mesh.Shard.Reset("other", mesh.NowNs));
    }

    [Fact]
    public void A_cut_has_a_change_with_all_that_follows_from_it()
    {
        var (noter, other) = (Agent("noter", "in.>"), Agent("other", "in.>", "noter"));
        var mesh = Start(noter, other);
        mesh.Apply(Of(noter));
        mesh.RunToIdle();
        mesh.Apply(Of(noter, other));
        mesh.RunToIdle();
        foreach (var change in mesh.Store.Records().OfType<TopologyChangeRecord>())
        {
            var cut = new ShardCut(mesh.Options);
            foreach (var record in mesh.Store.Records())
                if (!cut.Take(record, change.Offset)) break;
            var isBack = cut.Topology!.Agents.Length == 2;
            Assert.Equal((isBack, isBack ? 2 : 1), (cut.Agents.Single(a => a.Name == "other").State != AgentState.Stopped, cut.Agents.Single(a => a.Name == "other").Incarnation));
        }
    }
}
