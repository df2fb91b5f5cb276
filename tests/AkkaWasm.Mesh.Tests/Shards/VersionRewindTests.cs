using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;
using static AkkaWasm.Mesh.Topology.HealingDirective;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>An agent that fails with the version that it got goes back to the one before, alone: its definition stays, and says what it should run.</summary>
public sealed class VersionRewindTests
{
    private static readonly RewindTarget Before = new() { PreviousVersion = true };

    private static readonly GuestTraits Traits = new() { Version = 1, Layout = 1, Migrates = true, Saves = true, Loads = true };

    /// <summary>A version that notes what it sees and tells of it; later ones of the same that trap on what begins with an x.</summary>
    private static TestGuests Guests() => new TestGuests { Traits = Traits }.With("noter", Handle).With("worse", HandleWorse).With("worst", HandleWorse);

    private static GuestFault? Handle(GuestMemory memory, Turn turn)
    {
        if (TestGuests.Note(memory, turn) is { } fault) return fault;
        turn.Publish("out.x", turn.Input.Data);
        return null;
    }

    private static GuestFault? HandleWorse(GuestMemory memory, Turn turn)
    {
        memory["worse"]++;
        return Handle(memory, turn) ?? (TestGuests.TextOf(turn).StartsWith('x') ? TestGuests.Trap() : null);
    }

    private static SupervisionPolicy Ladder(RewindInputs inputs = RewindInputs.Suppressed, params HealingDirective[] then) =>
        Policy(HealingDirective.Rewind, then.Length == 0 ? [Stop] : then) with { MaxNrOfRetries = 2, Rewind = Before with { Inputs = inputs } };

    private static MeshTopology Mesh(SupervisionPolicy policy, AgentDefinition agent) => Of([Group("g", policy)], agent with { Group = "g" });

    private static AgentDefinition Noter(string module) => Agent("noter", "in.>", module);

    private static TestMesh Publish(TestMesh mesh, params string[] texts)
    {
        foreach (var text in texts) mesh.Publish("in.a", text);
        return mesh.RunToIdle().Pass(TimeSpan.FromMinutes(1)).RunToIdle();
    }

    private static TestMesh Start(SupervisionPolicy policy, params string[] texts) => Publish(new TestMesh(Mesh(policy, Noter("noter")), Guests(), replaces: true).RunToIdle(), texts);

    private static TopologyAnswer Replace(TestMesh mesh, SupervisionPolicy policy, string module, MoveRequest move = MoveRequest.Auto) => mesh.ReplaceToTheEnd(Mesh(policy, Noter(module)), move: move)!;

    /// <summary>A log with an agent that went back.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = Start(Ladder(), "one");
        Replace(mesh, Ladder(), "worse");
        return Publish(mesh, "x-two", "three").CommitAll().Store.Records();
    }

    private static string? GoBack(TestMesh mesh, RewindTarget target) => mesh.GoBack("noter", target);

    private static string[] Out(TestMesh mesh) => [.. mesh.On("out.x").Select(e => Encoding.UTF8.GetString(e.Data.Span))];

    [Theory]
    [InlineData(MoveRequest.Layout)]
    [InlineData(MoveRequest.Migrate)]
    [InlineData(MoveRequest.Save)]
    [InlineData(MoveRequest.Replay)]
    public void The_ladder_leads_back_to_the_version_before_and_what_came_since_is_handled_with_it(MoveRequest move)
    {
        var policy = Ladder();
        var mesh = Start(policy, "1", "2");
        Assert.Equal(TopologyOutcome.Applied, Replace(mesh, policy, "worse", move).Outcome);
        Publish(mesh, "3", "xa", "4");
        var status = mesh.Status("noter");
        Assert.Equal(("noter", 3, 0), (status.RunsModule, status.Incarnation, status.Quarantined));
        Assert.Equal("worse", mesh.Shard.Topology!.Agents[0].ModuleHash);
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3", "in.a:xa", "in.a:4"], mesh.Seen("noter"));
        Assert.Equal(0, mesh.Memory("noter")["worse"]);
        Assert.Equal(["1", "2", "3", "xa", "4"], Out(mesh)); // what had left the agent leaves it once
        using var told = JsonDocument.Parse(Assert.Single(mesh.On("mesh.agent.noter.rewound")).Data);
        Assert.Equal("noter", told.RootElement.GetProperty("module").GetString());
        mesh = mesh.Restart();
        Publish(mesh, "xb");
        Assert.Equal(("noter", 6), (mesh.Status("noter").RunsModule, mesh.RunToIdle().Seen("noter").Length));
    }

    [Fact]
    public void What_was_put_aside_since_is_tried_again_and_what_was_put_aside_before_is_not()
    {
        var policy = Policy(Resume) with { Rewind = Before };
        var mesh = Start(policy, "1", "trap", "2");
        Replace(mesh, policy, "worse");
        Publish(mesh, "3", "xa", "4", "xb");
        Assert.Equal(3, mesh.Status("noter").Quarantined);
        Assert.Null(GoBack(mesh, Before));
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3", "in.a:xa", "in.a:4", "in.a:xb"], mesh.Seen("noter").Except(["in.a:trap"]));
        Assert.Equal(1, mesh.Status("noter").Quarantined);
        Assert.Equal(["1", "2", "3", "4", "xa", "xb"], Out(mesh).Order());
    }

    [Fact]
    public void Without_a_version_before_the_next_directive_is_taken_and_it_is_said_why()
    {
        var mesh = Publish(Start(Ladder(RewindInputs.Suppressed, Reset, Stop), "1"), "trap");
        Assert.Equal((3, null), (mesh.Status("noter").Incarnation, mesh.Status("noter").RunsModule)); // reset for the event and for its one retry
        Assert.Contains("no other version", Encoding.UTF8.GetString(mesh.On("mesh.agent.noter.rewind-refused")[0].Data.Span), StringComparison.Ordinal);
        Assert.Equal(Reset, mesh.Store.Records().OfType<HealingRecord>().First().Directive);
    }

    [Fact]
    public void A_life_that_began_anew_with_its_version_has_none_before_and_the_ladder_says_what_then()
    {
        var policy = Ladder();
        var mesh = Start(policy, "1");
        Replace(mesh, policy, "worse", MoveRequest.None);
        Publish(mesh, "xa", "2", "xb");
        Assert.Single(mesh.Store.Records().OfType<AgentVersionRecord>(), r => r.Step == AgentVersionStep.Refused);
        Assert.Equal((AgentState.Stopped, 2), (mesh.Status("noter").State, mesh.Status("noter").Incarnation));
    }

    [Fact]
    public void One_goes_back_version_by_version_and_no_further_than_the_first()
    {
        var policy = Policy(Resume);
        var mesh = Start(policy, "1");
        foreach (var (module, text) in new[] { ("worse", "2"), ("worst", "3") })
        {
            Replace(mesh, policy, module);
            Publish(mesh, text);
        }
        Assert.Null(GoBack(mesh, Before));
        Assert.Equal("worse", mesh.Status("noter").RunsModule);
        Assert.Null(GoBack(mesh, Before));
        Assert.Equal("noter", mesh.Status("noter").RunsModule);
        Assert.Contains("no version before", GoBack(mesh, Before), StringComparison.Ordinal);
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3"], mesh.Seen("noter"));
        Assert.Equal(0, mesh.Memory("noter")["worse"]);
    }

    [Fact]
    public void A_changed_definition_takes_the_agent_along_from_the_version_that_it_runs()
    {
        var policy = Policy(Resume);
        var mesh = Start(policy, "1");
        Replace(mesh, policy, "worse");
        Publish(mesh, "2");
        GoBack(mesh, Before);
        var warning = Assert.Single(mesh.Shard.PlanTopology(mesh.Shard.Topology! with { Root = Policy(Resume) }).Warnings);
        Assert.Contains("runs module noter where its definition says worse", warning.Message, StringComparison.Ordinal);
        var answer = Replace(mesh, policy, "worst");
        Assert.Equal(("noter", MoveWay.Layout), (Assert.Single(answer.Plan.Strays).Agent, answer.Plan.Strays[0].Move!.Way!.Value));
        Publish(mesh, "3");
        Assert.Equal((null, 1L), (mesh.Status("noter").RunsModule, mesh.Memory("noter")["worse"]));
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3"], mesh.Seen("noter"));
        Assert.Null(GoBack(mesh, Before));
        Assert.Equal("noter", mesh.Status("noter").RunsModule);
    }

    [Fact]
    public void A_definition_that_becomes_what_the_agent_runs_does_not_touch_its_state()
    {
        var policy = Policy(Resume);
        var mesh = Start(policy, "1");
        Replace(mesh, policy, "worse");
        GoBack(mesh, Before);
        var incarnation = mesh.Status("noter").Incarnation;
        Assert.Null(Assert.Single(Replace(mesh, policy, "noter").Plan.Strays).Move);
        Publish(mesh, "2");
        Assert.Equal((incarnation, null), (mesh.Status("noter").Incarnation, mesh.Status("noter").RunsModule));
        Assert.Equal(["in.a:1", "in.a:2"], mesh.Restart().RunToIdle().Seen("noter"));
    }

    [Fact]
    public void Who_begins_anew_runs_what_its_definition_says()
    {
        var policy = Policy(Resume);
        var mesh = Start(policy, "1");
        Replace(mesh, policy, "worse");
        GoBack(mesh, Before);
        Assert.Null(mesh.Shard.Reset("noter", mesh.NowNs));
        Publish(mesh.RunToIdle(), "2");
        Assert.Equal((null, 1L), (mesh.Status("noter").RunsModule, mesh.Memory("noter")["worse"]));
    }
}
