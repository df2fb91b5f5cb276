using System.Text;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Groups that wait, and agents that end when they are through.</summary>
public sealed class GroupTests
{
    private static readonly SupervisionPolicy Restarts = Policy(HealingDirective.Restart);

    private static TestGuests Guests => new TestGuests().With("noter", TestGuests.Note);

    private static AgentDefinition In(string group, AgentDefinition agent) => agent with { Group = group };

    private static MeshTopology Two(params AgentDefinition[] agents) =>
        Of([Group(GroupDefinition.Default, Restarts), Group("edge", Restarts), Group("inner", Restarts) with { Parent = "edge" }], agents);

    private static TestMesh Start(params AgentDefinition[] agents) => new TestMesh(Two(agents), Guests).Run();

    private static void Do(TestMesh mesh, string? problem)
    {
        Assert.Null(problem);
        mesh.Tick();
        mesh.RunToIdle();
    }

    /// <summary>What each input handled, by the turns in the log: also of agents that are stopped.</summary>
    private static string[] Handled(TestMesh mesh, string agent)
    {
        var (number, events) = (mesh.Status(agent).Number, mesh.Store.Events().ToDictionary(e => e.Offset));
        return [.. mesh.Store.Records().OfType<TurnRecord>().Where(t => t.Agent == number && events[t.Input].Topic.StartsWith("in.", StringComparison.Ordinal)).Select(t => $"{events[t.Input].Topic}:{Encoding.UTF8.GetString(events[t.Input].Data.Span)}")];
    }

    /// <summary>The records of a mesh in which a group waits and agents drain.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var (stays, goes) = (Agent("stays", "in.>", "noter"), In("edge", Agent("goes", "in.>", "noter")));
        var mesh = Start(stays, goes);
        Do(mesh, mesh.Shard.PauseGroup("edge", mesh.NowNs));
        mesh.Publish("in.x", "1");
        mesh.RunToIdle().Apply(Two(stays), drain: TimeSpan.FromHours(1));
        return mesh.RunToIdle().CommitAll().Store.Records();
    }

    [Fact]
    public void All_of_a_group_and_of_those_below_wait_over_a_restart_and_others_go_on()
    {
        var mesh = Start(In("edge", Agent("a", "in.>", "noter")), In("inner", Agent("b", "in.>", "noter")), Agent("c", "in.>", "noter"));
        Do(mesh, mesh.Shard.PauseGroup("edge", mesh.NowNs));
        mesh.Publish("in.x", "1");
        mesh = mesh.RunToIdle().Restart().RunToIdle();

        Assert.Equal([AgentState.Paused, AgentState.Paused, AgentState.Running], new[] { "a", "b", "c" }.Select(name => mesh.Status(name).State));
        Assert.Equal((1, "an operator paused the group 'edge'"), (mesh.Status("b").Pending, mesh.Status("b").Why));
        Assert.Contains("paused with its group 'edge'; resume the group", mesh.Shard.Resume("b", mesh.NowNs));
        Assert.Equal([("default", false, 1), ("edge", true, 1), ("inner", false, 1)], mesh.Shard.Groups.Select(g => (g.Name, g.Paused, g.Agents)));
        Do(mesh, mesh.Shard.ResumeGroup("edge", mesh.NowNs));
        Assert.Equal([["in.x:1"], ["in.x:1"], ["in.x:1"]], new[] { "a", "b", "c" }.Select(mesh.Seen));
        Assert.Single(mesh.On("mesh.group.edge.paused"));
        Assert.Single(mesh.On("mesh.group.edge.resumed"));
    }

    [Fact]
    public void Whoever_is_paused_by_itself_too_waits_on_when_its_group_goes_on()
    {
        var mesh = Start(In("edge", Agent("a", "in.>", "noter")), In("edge", Agent("b", "in.>", "noter")));
        Do(mesh, mesh.Shard.Pause("a", mesh.NowNs));
        Do(mesh, mesh.Shard.PauseGroup("edge", mesh.NowNs));
        Do(mesh, mesh.Shard.ResumeGroup("edge", mesh.NowNs));
        Assert.Equal(AgentState.Paused, mesh.Status("a").State);
        Assert.NotEqual(AgentState.Paused, mesh.Status("b").State);
        Do(mesh, mesh.Shard.PauseGroup("edge", mesh.NowNs));
        Do(mesh, mesh.Shard.Resume("a", mesh.NowNs));
        Assert.Equal(AgentState.Paused, mesh.Status("a").State);
    }

    [Fact]
    public void Who_comes_to_be_in_a_paused_group_waits_and_who_leaves_it_goes_on()
    {
        var a = In("edge", Agent("a", "in.>", "noter"));
        var mesh = Start(a, In("edge", Family("family", "key.*", 2, "noter")));
        Do(mesh, mesh.Shard.PauseGroup("edge", mesh.NowNs));
        mesh.Publish("key.k", "1");
        mesh.Publish("in.x", "1");
        mesh.RunToIdle();
        Assert.Equal(AgentState.Paused, mesh.Status("family/k").State);

        mesh.Apply(Two(a with { Group = GroupDefinition.Default }, In("edge", Family("family", "key.*", 2, "noter"))));
        mesh.RunToIdle();
        Assert.Equal((AgentState.Running, AgentState.Paused), (mesh.Status("a").State, mesh.Status("family/k").State));
        Assert.Equal(["in.x:1"], mesh.Seen("a"));
        mesh.Apply(Two(a, In("edge", Family("family", "key.*", 2, "noter"))));
        mesh.RunToIdle();
        Assert.Equal(AgentState.Paused, mesh.Status("a").State);
    }

    [Fact]
    public void What_cannot_be_done_is_said_and_leaves_no_record()
    {
        var mesh = Start(Agent("a", "in.>", "noter"));
        var before = mesh.Shard.NextOffset;
        Assert.Equal("There is no group 'nowhere'; there are 'default', 'edge', 'inner'.", mesh.Shard.PauseGroup("nowhere", mesh.NowNs));
        Assert.Equal("The group 'edge' is not paused.", mesh.Shard.ResumeGroup("edge", mesh.NowNs));
        Assert.Equal(before, mesh.Shard.NextOffset);
        Do(mesh, mesh.Shard.PauseGroup("edge", mesh.NowNs));
        Assert.Equal("The group 'edge' is paused already.", mesh.Shard.PauseGroup("edge", mesh.NowNs));
    }

    [Fact]
    public void Who_drains_handles_what_waits_gets_nothing_more_and_then_ends_also_over_a_crash()
    {
        var (stays, goes) = (Agent("stays", "in.>", "noter"), In("edge", Agent("goes", "in.>", "noter")));
        var mesh = Start(stays, goes);
        mesh.Publish("in.x", "before");
        var target = Of([Group(GroupDefinition.Default, Restarts)], stays);
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(target, drain: TimeSpan.FromHours(1)).Outcome);
        mesh.Publish("in.x", "after");
        Assert.Equal("goes", Assert.Single(Assert.Single(mesh.Shard.Drains).Definitions));
        mesh = mesh.CommitAll().Restart().RunToIdle();
        mesh.Tick();
        mesh.RunToIdle();

        Assert.Equal(["in.x:before"], Handled(mesh, "goes"));
        Assert.Equal(["in.x:before", "in.x:after"], mesh.Seen("stays"));
        Assert.Equal(AgentState.Stopped, mesh.Status("goes").State);
        Assert.Empty(mesh.Shard.Drains);
        Assert.True(TopologyDelta.Between(mesh.Shard.Topology!, target).IsEmpty);
        Assert.Single(mesh.On(Shard.DrainTopic));
        Assert.Equal(TopologyOutcome.Unchanged, mesh.Apply(target, drain: TimeSpan.Zero).Outcome);
    }

    [Fact]
    public void Who_is_not_through_when_the_time_is_over_ends_and_the_change_says_what_was_left()
    {
        var (stays, goes) = (Agent("stays", "in.>", "noter"), Agent("goes", "in.>", "noter"));
        var mesh = Start(stays, goes);
        Do(mesh, mesh.Shard.Pause("goes", mesh.NowNs));
        mesh.Publish("in.x", "1");
        mesh.RunToIdle();
        mesh.Apply(Two(stays), drain: TimeSpan.FromSeconds(10));
        mesh.RunToIdle().Pass(TimeSpan.FromSeconds(9));
        Assert.Equal(AgentState.Paused, mesh.Status("goes").State);
        mesh.Pass(TimeSpan.FromSeconds(2)).RunToIdle();

        Assert.Equal(AgentState.Stopped, mesh.Status("goes").State);
        Assert.Contains("the time to drain is over; 1 events had not been handled", mesh.Shard.TopologyChanges[^1].Reason);
    }

    [Fact]
    public void Others_change_while_agents_drain_and_who_drains_already_drains_on()
    {
        var (stays, goes) = (Agent("stays", "in.>", "noter"), Agent("goes", "in.>", "noter"));
        var mesh = Start(stays, goes);
        Do(mesh, mesh.Shard.Pause("goes", mesh.NowNs));
        mesh.Publish("in.x", "1");
        mesh.RunToIdle();
        mesh.Apply(Two(stays), drain: TimeSpan.FromSeconds(10));
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(Two(stays, Agent("more", "in.>", "noter")), drain: TimeSpan.FromHours(1)).Outcome);
        mesh.RunToIdle();
        Assert.Single(mesh.Shard.Drains);
        Do(mesh, mesh.Shard.Resume("goes", mesh.NowNs));
        mesh.Tick();
        mesh.RunToIdle();
        Assert.Equal((AgentState.Stopped, AgentState.Running), (mesh.Status("goes").State, mesh.Status("more").State));
        Assert.Equal(["in.x:1"], Handled(mesh, "goes"));
    }

    [Fact]
    public void A_group_that_is_renamed_stays_paused_and_its_failures_go_on_counting()
    {
        var policy = Policy(HealingDirective.Restart, HealingDirective.Stop) with { MaxNrOfRetries = 1, EventRetries = 0 };
        MeshTopology Mesh(string name, string? from = null) => Of(
            [Group(name, policy) with { RenamedFrom = from }, Group("inner", Policy(HealingDirective.Escalate), name)], Agent("a", "in", "noter", "inner"), Agent("b", "other", "noter", name));
        var mesh = new TestMesh(Mesh("old"), new TestGuests().With("noter", TestGuests.Note)).Run();
        mesh.Publish("in", "1");
        mesh.Publish("in", "trap");
        mesh.RunToIdle().Pass(TimeSpan.FromSeconds(1)).RunToIdle();
        Assert.Null(mesh.Shard.PauseGroup("old", mesh.NowNs));
        var answer = mesh.Shard.ApplyTopology(Mesh("new", "old"), null, TopologyAuthor.Operator, "", mesh.NowNs);
        Assert.Equal("1 group renamed, 1 group changed, 1 agent regrouped", answer.Plan.Summary);
        Assert.Equal((TopologyOutcome.Applied, true), (answer.Outcome, mesh.RunToIdle().Shard.Groups.Single(g => g.Name == "new").Paused));
        Assert.Equal(AgentState.Paused, mesh.Status("a").State);
        mesh = mesh.Restart().RunToIdle();
        Assert.Null(mesh.Shard.ResumeGroup("new", mesh.NowNs));
        mesh.Publish("in", "2");
        mesh.Publish("in", "trap");
        mesh.RunToIdle();
        Assert.Equal((AgentState.Stopped, 1), (mesh.Status("a").State, mesh.Status("a").Incarnation)); // the second failure within the range, counted under both names
        Assert.Equal(["old", "new"], mesh.Store.Records().OfType<HealingRecord>().Select(r => r.Group));
        Assert.Equal(TopologyOutcome.Unchanged, mesh.Shard.ApplyTopology(Mesh("new", "old"), null, TopologyAuthor.Operator, "", mesh.NowNs).Outcome);
    }

    [Fact]
    public void A_group_is_not_renamed_to_one_that_is_there_nor_while_it_is_defined_itself()
    {
        var (one, two) = (Group("one", Policy(HealingDirective.Resume)), Group("two", Policy(HealingDirective.Resume)));
        var mesh = new TestMesh(Of([one, two], Agent("a", "in", "noter", "one")), new TestGuests().With("noter", TestGuests.Note)).Run();
        string Problem(params GroupDefinition[] groups) => Assert.Single(mesh.Shard.PlanTopology(Of(groups, Agent("a", "in", "noter", groups[^1].Name))).Problems).Message;
        Assert.Contains("there is a group of that name", Problem(two with { RenamedFrom = "one" }), StringComparison.Ordinal);
        Assert.Contains("still defined", Problem(one, two, Group("three", one.Supervision) with { RenamedFrom = "one" }), StringComparison.Ordinal);
        Assert.Contains("cannot get 2 names", Problem(two, Group("four", one.Supervision) with { RenamedFrom = "one" }, Group("three", one.Supervision) with { RenamedFrom = "one" }), StringComparison.Ordinal);
    }
}
