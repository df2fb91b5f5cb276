using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Changed definitions that are watched, promoted or set back.</summary>
public sealed class CanaryTests
{
    private static readonly CanaryPolicy Budget = new() { Watch = TimeSpan.FromMinutes(5), MaxFailures = 1, WithinTimeRange = TimeSpan.FromMinutes(1) };

    /// <summary>Notes what it sees, tells of it, and traps on what begins so.</summary>
    private static TestGuests Guests => new TestGuests().With("noter", (memory, turn) =>
    {
        turn.Publish("out.x", turn.Input.Data);
        TestGuests.Note(memory, turn);
        return TestGuests.TextOf(turn).StartsWith("trap", StringComparison.Ordinal) ? TestGuests.Trap() : null;
    });

    private static AgentDefinition Noter => Agent("noter", "in.>") with { Group = "resuming" };

    private static AgentDefinition Changed => Noter with { Limits = AgentLimits.Default with { LogLinesPerTurn = 7 } };

    private static MeshTopology Mesh(params AgentDefinition[] agents) => Of([Group("resuming", Policy(HealingDirective.Resume))], agents);

    private static TestMesh Start(params AgentDefinition[] agents)
    {
        var mesh = new TestMesh(Mesh(agents), Guests).Run();
        return Publish(mesh, "1", "2");
    }

    private static TestMesh Publish(TestMesh mesh, params string[] texts)
    {
        foreach (var text in texts) mesh.Publish("in.a", text);
        return mesh.RunToIdle();
    }

    /// <summary>The records of a change that is watched, and set back; then of an agent that gets another module.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = Publish(new TestMesh(Mesh(Noter), Guests, replaces: true).Run(), "1", "2");
        mesh.Apply(Mesh(Changed), canary: Budget);
        Publish(mesh, "3", "trap", "trap");
        mesh.Apply(Mesh(Changed with { ModuleHash = "noter#2" }));
        return Publish(mesh, "4").Store.Records();
    }

    private static string Text(MeshEvent e) => Encoding.UTF8.GetString(e.Data.Span);

    [Fact]
    public void A_change_that_holds_its_budget_stays()
    {
        var mesh = Start(Noter);
        var at = mesh.Apply(Mesh(Changed), canary: Budget).At;
        Publish(mesh, "3", "trap");
        var watched = Assert.Single(mesh.Shard.Canaries);
        Assert.Equal(("noter", at, 1), (watched.Definition, watched.Since, watched.Failures));
        Assert.Contains("\"definition\":\"noter\"", Text(Assert.Single(mesh.On(Shard.CanaryTopic))));
        mesh.Pass(TimeSpan.FromMinutes(4)).RunToIdle();
        Assert.Single(mesh.Shard.Canaries);
        mesh.NowNs = mesh.Shard.NextAlarmNs!.Value;
        mesh.Tick();
        mesh.RunToIdle();
        Assert.Empty(mesh.Shard.Canaries);
        Assert.Single(mesh.On(Shard.PromotedTopic));
        Assert.Equal((7, at), (mesh.Shard.Topology!.Agents[0].Limits.LogLinesPerTurn, mesh.Shard.TopologyAt));
    }

    [Fact]
    public void One_that_fails_too_often_is_set_back_with_its_agents_who_handle_again_what_came_since_suppressed()
    {
        var mesh = Start(Noter, Agent("other", "in.>", "noter") with { Group = "resuming" });
        var other = Agent("other", "in.>", "noter") with { Group = "resuming" };
        mesh.Apply(Mesh(Changed, other), canary: Budget);
        Publish(mesh, "3", "4");
        var emitted = mesh.On("out.x").Count(e => e.Agent == mesh.Status("noter").Number);
        Publish(mesh, "trap a", "5", "trap b", "6");
        var noter = mesh.Status("noter");
        Assert.Equal((2, 1, 2), (noter.Incarnation, mesh.Status("other").Incarnation, noter.Quarantined)); // what traps in every version is put aside again
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3", "in.a:4", "in.a:5", "in.a:6"], mesh.Seen("noter"));
        Assert.Equal(emitted + 2, mesh.On("out.x").Count(e => e.Agent == noter.Number)); // 5 and 6 once each, 3 and 4 not again
        var told = Text(Assert.Single(mesh.On(Shard.RolledBackTopic)));
        Assert.Contains("\"failures\":2,\"agents_set_back\":1,\"agents\":[\"noter\"],\"agents_stopped\":0,\"stopped\":[],\"emitted_since\":4,", told);
        Assert.Equal((Noter.Limits.LogLinesPerTurn, "canary"), (mesh.Shard.Topology!.Agents[0].Limits.LogLinesPerTurn, mesh.Shard.TopologyChanges[^1].Author));
        Assert.Contains("'noter' failed more than 1 times in 00:01:00 since 0-1-", mesh.Shard.TopologyChanges[^1].Reason);
        Assert.Empty(mesh.Shard.Canaries);
    }

    [Fact]
    public void It_is_set_back_also_when_the_node_dies_before_that_was_decided()
    {
        var mesh = Start(Noter);
        mesh.Apply(Mesh(Changed), canary: Budget);
        Publish(mesh, "3");
        foreach (var useStates in new[] { true, false })
        {
            mesh.Publish("in.a", "trap");
            while (mesh.Steps() is [var step, ..] && !mesh.Shard.Canaries.Any(c => c.Failures > Budget.MaxFailures)) mesh.Take(step);
            mesh = mesh.CommitAll().Restart(useStates: useStates, topology: Mesh(Noter)).RunToIdle();
        }
        Assert.Equal((2, "canary"), (mesh.Status("noter").Incarnation, mesh.Shard.TopologyChanges[^1].Author));
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3"], mesh.Seen("noter"));
    }

    [Fact]
    public void Old_failures_do_not_count_and_nobody_changes_what_is_watched()
    {
        var mesh = Start(Noter);
        mesh.Apply(Mesh(Changed), canary: Budget);
        for (var i = 0; i < 4; i++)
        {
            Publish(mesh, "trap");
            mesh.Pass(TimeSpan.FromMinutes(1));
        }
        Assert.Equal(1, mesh.Status("noter").Incarnation);
        foreach (var target in new[] { Mesh(Changed with { Limits = AgentLimits.Default with { LogLinesPerTurn = 8 } }), Mesh(Noter), Mesh() })
        {
            var refused = mesh.Apply(target);
            Assert.Equal(TopologyOutcome.Refused, refused.Outcome);
            Assert.Contains("'noter' is watched since its change at 0-1-", Assert.Single(refused.Plan.Problems).Message);
        }
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(Mesh(Changed, Agent("other", "in.>", "noter"))).Outcome);
        mesh = mesh.Restart(topology: Mesh(Changed with { Limits = AgentLimits.Default with { LogLinesPerTurn = 8 } })); // nobody could be asked
        Assert.Empty(mesh.Shard.Canaries);
        Assert.Equal(8, mesh.Shard.Topology!.Agents[0].Limits.LogLinesPerTurn);
    }

    [Fact]
    public void What_cannot_be_set_back_any_more_stays_and_the_mesh_says_why()
    {
        var mesh = Start(Noter);
        var moved = Changed with { Group = GroupDefinition.Default };
        mesh.Apply(Of(moved), canary: Budget); // the group that it was in goes with the change
        Publish(mesh, "trap", "trap", "trap");
        Assert.Contains("\"problem\":\"", Text(Assert.Single(mesh.On(Shard.KeptTopic))));
        Assert.Equal(GroupDefinition.Default, mesh.Shard.Topology!.Agents[0].Group);
    }

    [Theory]
    [InlineData(0, 3, 60)]
    [InlineData(60, -1, 60)]
    [InlineData(60, 1_001, 60)]
    [InlineData(60, 3, 0)]
    public void A_policy_that_cannot_be_is_told_apart(int watch, int failures, int within)
    {
        Assert.Null(new CanaryPolicy().FindProblem());
        Assert.NotNull(new CanaryPolicy { Watch = TimeSpan.FromSeconds(watch), MaxFailures = failures, WithinTimeRange = TimeSpan.FromSeconds(within) }.FindProblem());
    }
}
