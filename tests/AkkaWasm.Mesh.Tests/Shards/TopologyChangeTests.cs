using System.Text;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class TopologyChangeTests
{
    private static TestGuests Guests => new TestGuests().With("noter", TestGuests.Note).With("relay", (_, turn) => { turn.Publish("out.x", turn.Input.Data); return null; });

    private static TestMesh Start(params AgentDefinition[] agents)
    {
        var mesh = new TestMesh(Of(agents), Guests).Run();
        mesh.Publish("in.a", "1");
        return mesh.RunToIdle();
    }

    [Fact]
    public void The_same_topology_leaves_no_record()
    {
        var mesh = Start(Agent("noter", "in.>")).Restart().RunToIdle();
        Assert.Single(mesh.Store.Records().OfType<TopologyRecord>());
        Assert.Single(mesh.Store.Records().OfType<AgentRecord>());
    }

    [Fact]
    public void A_new_agent_begins_with_the_events_after_its_definition()
    {
        var mesh = Start(Agent("noter", "in.>")).Restart(topology: Of(Agent("noter", "in.>"), Agent("late", "in.>", "noter")));
        mesh.Publish("in.a", "2");
        mesh.RunToIdle();
        Assert.Equal(["in.a:1", "in.a:2"], mesh.Seen("noter"));
        Assert.Equal(["in.a:2"], mesh.Seen("late"));
    }

    [Fact]
    public void A_new_subscription_does_not_bring_events_from_before_even_to_an_agent_that_lags()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.a")), Guests).Run();
        foreach (var i in Enumerable.Range(0, 10)) mesh.Publish(i % 2 == 0 ? "in.a" : "in.b", $"{i}");
        mesh = mesh.CommitAll().Restart(topology: Of(Agent("noter", "in.b")));
        mesh.Publish("in.a", "after");
        mesh.Publish("in.b", "after");
        Assert.Equal(["in.a:0", "in.a:2", "in.a:4", "in.a:6", "in.a:8", "in.b:after"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void An_agent_that_is_defined_no_more_is_stopped_and_begins_anew_when_it_comes_back()
    {
        var (one, two) = (Agent("noter", "in.>"), Agent("other", "in.>", "noter"));
        var mesh = Start(one, two).Restart(topology: Of(one)).RunToIdle();
        Assert.Equal(AgentState.Stopped, mesh.Status("other").State);
        Assert.Contains("does not define it any more", Encoding.UTF8.GetString(mesh.On("mesh.agent.other.stopped")[0].Data.Span));
        mesh.Publish("in.a", "2");
        mesh = mesh.RunToIdle().Restart(topology: Of(one, two with { ModuleHash = "relay" })).RunToIdle();
        Assert.Equal((AgentState.Running, 2), (mesh.Status("other").State, mesh.Status("other").Incarnation));
        mesh.Publish("in.a", "3");
        Assert.Equal(["out.x:3"], mesh.RunToIdle().Log().Where(l => l.StartsWith("out")));
    }

    [Fact]
    public void An_agent_that_was_stopped_stays_so_over_restarts()
    {
        var topology = Of([Group(GroupDefinition.Default, Policy(HealingDirective.Stop))], Agent("noter", "in.>"));
        var mesh = new TestMesh(topology, Guests).Run();
        mesh.Publish("in.a", "trap");
        Assert.Equal(AgentState.Stopped, mesh.RunToIdle().Restart().RunToIdle().Status("noter").State);
    }

    [Fact]
    public void Other_capabilities_limits_and_supervision_do_not_change_what_happened()
    {
        var relay = Agent("relay", "in.>") with { SnapshotEveryTurns = 1_000 };
        var mesh = Start(relay);
        var stricter = relay with { Capabilities = Capabilities.None, Limits = relay.Limits with { EmittedEventsPerTurn = 0, Deadline = TimeSpan.FromTicks(1) } };
        mesh = mesh.Restart(topology: Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], stricter)).RunToIdle();
        Assert.Equal(AgentState.Running, mesh.Status("relay").State);
        mesh.Publish("in.a", "2");
        mesh.RunToIdle();
        Assert.Equal(FaultKind.Capability, mesh.Status("relay").LastFault!.Kind);
        Assert.Single(mesh.On("out.x"));
    }

    public static TheoryData<string, Func<AgentDefinition, AgentDefinition>> Conflicts => new()
    {
        { "has a history with module", a => a with { ModuleHash = "relay" } },
        { "has a history as a single agent, the configuration makes it a family keyed by topic token 2", a => a with { Key = new AgentKey(2) } },
        { "another config", a => a with { Config = new byte[] { 1 } } },
        { "another limit on memory", a => a with { Limits = a.Limits with { MemoryBytes = 1 } } },
        { "another limit on table elements", a => a with { Limits = a.Limits with { TableElements = 1 } } },
        { "another kind", a => a with { Kind = AgentKind.Mesh } },
        { "another list of arguments", a => a with { Wasi = a.Wasi with { Arguments = ["x"] } } },
        { "another environment", a => a with { Wasi = a.Wasi with { Environment = [new WasiVariable("A", "b")] } } },
        { "another kind of input", a => a with { Wasi = a.Wasi with { InputLoops = true } } },
        { "another topic for its output", a => a with { Wasi = a.Wasi with { OutputTopic = "out" } } },
        { "another content of its folders", a => a with { Wasi = a.Wasi with { Preopens = [new WasiPreopen("/data", "hash")] } } },
        { "another limit on files", a => a with { Wasi = a.Wasi with { Limits = new WasiProgramLimits { Nodes = 7 } } } },
    };

    [Theory]
    [MemberData(nameof(Conflicts))]
    public void What_would_make_the_history_unrepeatable_is_refused(string reason, Func<AgentDefinition, AgentDefinition> change)
    {
        var mesh = Start(Agent("noter", "in.>"));
        var conflict = Assert.Throws<TopologyConflictException>(() => mesh.Restart(topology: Of(change(Agent("noter", "in.>")))));
        Assert.Contains(reason, conflict.Message);
        Assert.Contains("begin with a new data folder", conflict.Message);
    }

    [Fact]
    public void Another_mesh_in_the_same_folder_is_refused()
    {
        var mesh = Start(Agent("noter", "in.>"));
        Assert.Contains("holds the mesh 'test'", Assert.Throws<TopologyConflictException>(() => mesh.Restart(topology: Of(Agent("noter", "in.>")) with { Name = "other" })).Message);
    }
}
