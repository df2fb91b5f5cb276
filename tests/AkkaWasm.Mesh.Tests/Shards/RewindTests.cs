using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;
using static AkkaWasm.Mesh.Topology.HealingDirective;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class RewindTests
{
    /// <summary>
    /// Notes each text with the random number and the incarnation of its turn. "emit" publishes, "timer" sets one of an hour, "ask" requests, "spawn" spawns; while the test
    /// says so, "poison" makes all that comes after it trap.
    /// </summary>
    private static TestGuests Guests() => new TestGuests().With("noter", (memory, turn) =>
    {
        var random = new byte[1];
        turn.Random(random);
        var text = TestGuests.TextOf(turn);
        memory.Seen.Add(turn.Input.Origin == EventOrigin.Timer ? turn.Input.Subject ?? "fired" : text);
        memory["random"] = memory["random"] * 31 + random[0];
        if (text == "emit") turn.Publish("out.x", Encoding.UTF8.GetBytes($"{turn.Agent.Incarnation}"));
        if (text == "timer") turn.Schedule(3_600_000, "", default);
        if (text == "ask") turn.Request("ask.x", default, 1_000);
        if (text == "spawn") turn.Spawn("kin/k");
        if (text == "poison") memory["poisoned"] = 1;
        return text == "trap" || (memory["poisoned"] == 1 && text == "touch") ? TestGuests.Trap() : null;
    }, (memory, _) => { memory.Seen.Add("init"); return null; }).With("kin", TestGuests.Note);

    private static TestMesh Mesh(SupervisionPolicy? policy = null, int snapshotEvery = 1_000, TestGuests? guests = null) => new TestMesh(
        Of([Group(GroupDefinition.Default, policy ?? Policy(Restart))], Agent("noter", "in.>") with { SnapshotEveryTurns = snapshotEvery }, Family("kin", "kin.*", 2)), guests ?? Guests()).Run();

    private static TestMesh Publish(TestMesh mesh, params string[] texts)
    {
        foreach (var text in texts) mesh.Publish("in.a", text);
        return mesh.RunToIdle();
    }

    private static string? GoBack(TestMesh mesh, RewindTarget target) => mesh.GoBack("noter", target);

    [Theory, InlineData(1_000), InlineData(2), InlineData(3)]
    public void An_agent_goes_back_to_a_position_and_is_as_it_was_then(int snapshotEvery)
    {
        var mesh = Publish(Mesh(snapshotEvery: snapshotEvery), "1", "2", "3");
        var (then, at) = (mesh.Memory("noter").ToBytes(), mesh.Status("noter").LastInput);
        Publish(mesh, "4", "5", "6");
        Assert.Null(GoBack(mesh, new RewindTarget { To = at, Inputs = RewindInputs.Dropped }));
        Assert.Equal(then, mesh.Memory("noter").ToBytes());
        Assert.Equal((2, at), (mesh.Status("noter").Incarnation, mesh.Status("noter").LastInput));
        Assert.Equal(["init", "1", "2", "3", "7"], Publish(mesh, "7").Seen("noter"));
        var memory = mesh.Memory("noter").ToBytes();
        mesh = mesh.Restart().RunToIdle();
        Assert.Equal(memory, mesh.Memory("noter").ToBytes());
        Assert.Equal(memory, mesh.Restart(useStates: false).RunToIdle().Memory("noter").ToBytes());
    }

    [Fact]
    public void Inputs_since_are_handled_again_and_nothing_of_it_leaves_the_agent()
    {
        var mesh = Publish(Mesh(), "1", "emit", "timer", "spawn", "2");
        Assert.Null(GoBack(mesh, new RewindTarget { Turns = 4 }));
        mesh.Publish("in.a", "emit");
        mesh.RunToIdle();
        Assert.Equal(["init", "1", "emit", "timer", "spawn", "2", "emit"], mesh.Seen("noter"));
        Assert.Equal(["out.x:1", "out.x:2"], mesh.Log().Where(l => l.StartsWith("out", StringComparison.Ordinal)));
        Assert.Single(mesh.Store.Records().OfType<AgentRecord>(), a => a.Name == "kin/k");
        Assert.Equal(["init", "1", "emit", "timer", "spawn", "2", "emit", "fired"], mesh.Pass(TimeSpan.FromHours(2)).Seen("noter"));
    }

    [Fact]
    public void Reprocessed_inputs_emit_once_more_with_other_ids()
    {
        var mesh = Publish(Mesh(), "1", "emit");
        Assert.Null(GoBack(mesh, new RewindTarget { Turns = 1, Inputs = RewindInputs.Reprocessed }));
        mesh.RunToIdle();
        var emitted = mesh.On("out.x");
        Assert.Equal(2, emitted.Select(mesh.Shard.Identity.IdOf).Distinct().Count());
        using var json = JsonDocument.Parse(Assert.Single(mesh.On("mesh.agent.noter.rewound")).Data);
        Assert.Equal(("reprocessed", 1), (json.RootElement.GetProperty("inputs").GetString(), json.RootElement.GetProperty("emitted_since").GetInt32()));
        Assert.Equal([$"0-1-{emitted[0].Offset}"], json.RootElement.GetProperty("emitted").EnumerateArray().Select(e => e.GetString()!));
    }

    [Fact]
    public void Timers_set_before_stay_those_set_since_go_and_what_fired_of_them_is_not_handled_again()
    {
        var mesh = Publish(Mesh(), "timer", "1");
        var at = mesh.Status("noter").LastInput;
        Publish(mesh, "timer");
        Assert.Null(GoBack(mesh, new RewindTarget { To = at, Inputs = RewindInputs.Dropped }));
        Assert.Equal(["init", "timer", "1", "fired"], mesh.Pass(TimeSpan.FromHours(2)).Seen("noter"));
        Assert.Null(GoBack(mesh, new RewindTarget { To = at }));
        Assert.Equal(["init", "timer", "1", "timer", "fired"], mesh.RunToIdle().Seen("noter"));
        Assert.Equal(["init", "timer", "1", "timer", "fired", "fired"], mesh.Pass(TimeSpan.FromHours(2)).Seen("noter"));
    }

    [Fact]
    public void A_request_that_is_made_again_suppressed_ends_by_its_time_out()
    {
        var mesh = Publish(Mesh(), "1", "ask");
        Assert.Null(GoBack(mesh, new RewindTarget { Turns = 1 }));
        mesh.RunToIdle();
        Assert.Single(mesh.On("ask.x"));
        Assert.Equal(["init", "1", "ask", MeshEvent.TimeoutSubject], mesh.Pass(TimeSpan.FromMinutes(1)).Seen("noter"));
    }

    [Fact]
    public void An_agent_may_go_back_into_an_earlier_life_and_again_from_there()
    {
        var mesh = Publish(Mesh(Policy(Reset) with { EventRetries = 0 }, snapshotEvery: 2), "1", "2", "3", "trap", "4");
        Assert.Equal(["init", "4"], mesh.Seen("noter"));
        var second = mesh.Store.Events().First(e => Encoding.UTF8.GetString(e.Data.Span) == "2").Offset;
        Assert.Null(GoBack(mesh, new RewindTarget { To = second, Inputs = RewindInputs.Dropped }));
        Assert.Equal(["init", "1", "2", "5"], Publish(mesh, "5").Seen("noter"));
        mesh = mesh.Restart().RunToIdle();
        Assert.Null(GoBack(mesh, new RewindTarget { Turns = 2, Inputs = RewindInputs.Reprocessed }));
        Assert.Equal(["init", "1", "2", "3", "4", "5"], mesh.RunToIdle().Seen("noter"));
        Assert.Equal(["init", "1", "2", "3", "4", "5"], mesh.Restart(useStates: false).RunToIdle().Seen("noter"));
    }

    [Fact]
    public void As_a_directive_it_takes_back_what_poisoned_the_agent()
    {
        var mesh = Publish(Mesh(Policy(Rewind) with { Rewind = new RewindTarget { Turns = 2, Inputs = RewindInputs.Dropped } }), "1", "2", "poison", "3", "touch", "4");
        Assert.Equal(["init", "1", "2", "touch", "4"], mesh.Seen("noter"));
        Assert.Equal((2, 0, 1L), (mesh.Status("noter").Incarnation, mesh.Status("noter").Quarantined, mesh.Status("noter").Healed));
        var rewound = Assert.Single(mesh.On("mesh.agent.noter.rewound"));
        Assert.Equal(mesh.Store.Events().First(e => Encoding.UTF8.GetString(e.Data.Span) == "touch").Offset, rewound.Cause);
    }

    [Fact]
    public void An_event_that_fails_in_every_state_is_quarantined_whatever_is_handled_again_before_it()
    {
        var mesh = Publish(Mesh(Policy(Rewind, Rewind) with { MaxNrOfRetries = -1 }), "1", "2", "trap", "3");
        Assert.Equal(["init", "1", "2", "3"], mesh.Seen("noter"));
        Assert.Equal((1, 2L), (mesh.Status("noter").Quarantined, mesh.Status("noter").Failures));
    }

    [Fact]
    public void A_rewind_that_was_decided_is_carried_out_after_a_crash()
    {
        var mesh = Mesh(Policy(Rewind) with { Rewind = new RewindTarget { Turns = 1, Inputs = RewindInputs.Dropped }, MinBackoff = TimeSpan.FromSeconds(5) });
        Publish(mesh, "1", "poison");
        mesh.Publish("in.a", "touch");
        mesh = mesh.Run().Restart();
        Assert.Equal(1, mesh.Status("noter").Incarnation);
        Assert.Equal(["init", "1", "touch"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void With_the_failing_turn_0_there_is_nothing_to_go_back_to_so_it_begins_again()
    {
        var tries = 0;
        var guests = new TestGuests().With("noter", TestGuests.Note, (_, _) => ++tries == 1 ? TestGuests.Trap() : null).With("kin", TestGuests.Note);
        var mesh = Publish(Mesh(Policy(Rewind), guests: guests), "1");
        Assert.Equal(["in.a:1"], mesh.Seen("noter"));
        Assert.Equal((Reset, 2), (mesh.Healings.Single().Decision.Directive, mesh.Status("noter").Incarnation));
    }

    [Fact]
    public void It_may_go_back_to_a_snapshot()
    {
        var mesh = Publish(Mesh(snapshotEvery: 2), "1", "2", "3", "4", "5");
        Assert.Null(GoBack(mesh, new RewindTarget { Snapshots = 2, Inputs = RewindInputs.Dropped }));
        Assert.Equal(["init", "1", "2", "3"], mesh.RunToIdle().Seen("noter"));
        Assert.Contains("snapshots", GoBack(mesh, new RewindTarget { Snapshots = 9 }));
        Assert.Equal(["init", "1", "2", "3"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void What_cannot_be_is_refused_in_a_sentence_and_the_agent_goes_on()
    {
        var mesh = Publish(Mesh(), "1", "2");
        Assert.Contains("as old as offset 0", GoBack(mesh, new RewindTarget { To = 0 }));
        mesh.Shard.Rewind("nobody", RewindTarget.Default, "t", mesh.NowNs);
        mesh.Tick();
        mesh.Run();
        Assert.Contains("no agent 'nobody'", mesh.Answers[^1].Problem);
        Assert.Equal(["init", "1", "2", "3"], Publish(mesh, "3").Seen("noter"));
        var small = new TestMesh(Of(Agent("noter", "in.>")), Guests(), new ShardOptions { MeshName = "test", MaxRewindTurns = 2 }).Run();
        Publish(small, "1", "2", "3", "4");
        Assert.Contains("max-rewind-turns", GoBack(small, new RewindTarget { Turns = 1 }));
        Assert.Equal((1, 5L), (small.RunToIdle().Status("noter").Incarnation, small.Status("noter").Turns));
    }
}
