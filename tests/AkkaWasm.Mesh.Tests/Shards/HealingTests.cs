using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;
using static AkkaWasm.Mesh.Topology.HealingDirective;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class HealingTests
{
    private static TestMesh Mesh(SupervisionPolicy policy, params AgentDefinition[] agents) => new TestMesh(
        Of([Group(GroupDefinition.Default, policy)], agents.Length > 0 ? agents : [Agent("noter", "in.>")]), Guests()).Run();

    /// <summary>"trap" traps, "flaky N" has an operating fault the first N times, "die" traps until the mesh forgets.</summary>
    internal static TestGuests Guests()
    {
        var tries = new Dictionary<long, int>();
        return new TestGuests().With("noter", (memory, turn) =>
        {
            var words = TestGuests.TextOf(turn).Split(' ');
            if (words[0] == "flaky" && (tries[turn.Input.Offset] = tries.GetValueOrDefault(turn.Input.Offset) + 1) <= int.Parse(words[1]))
                return new GuestFault(FaultKind.Deadline, "deadline", "The turn took too long.");
            return TestGuests.Note(memory, turn);
        });
    }

    private static TestMesh Publish(TestMesh mesh, params string[] texts)
    {
        foreach (var text in texts) mesh.Publish("in.a", text);
        return mesh.RunToIdle();
    }

    private static string[] Directives(TestMesh mesh) => [.. mesh.Healings.Select(h => h.Decision.Directive.ToString())];

    [Fact]
    public void A_trap_on_the_same_event_is_quarantined_after_one_retry()
    {
        var mesh = Publish(Mesh(Policy(Restart)), "1", "trap", "2");
        Assert.Equal(["in.a:1", "in.a:2"], mesh.Seen("noter"));
        var status = mesh.Status("noter");
        Assert.Equal((2, 2, 1, 1), (status.Failures, status.Healed, status.Quarantined, status.Incarnation));
        Assert.Equal([1, 2], mesh.Store.Records().OfType<TurnRecord>().Where(t => t.Fault is not null).Select(t => t.Attempt));
        Assert.Equal([false, true], mesh.Healings.Select(h => h.Decision.Quarantine));
    }

    [Fact]
    public void A_failed_turn_leaves_nothing_but_its_record()
    {
        var guests = new TestGuests().With("noter", (memory, turn) =>
        {
            memory["count"]++;
            turn.Publish("out.x", "never"u8.ToArray());
            turn.Schedule(1, "", default);
            return TestGuests.TextOf(turn) == "trap" ? TestGuests.Trap() : null;
        });
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), guests).Run();
        Publish(mesh, "trap");
        Assert.Empty(mesh.On("out.x"));
        Assert.Equal(0, mesh.Memory("noter")["count"]);
        Assert.Null(mesh.Shard.NextAlarmNs);
    }

    [Fact]
    public void Resume_quarantines_at_once_waits_not_and_spends_no_budget()
    {
        var mesh = Mesh(Policy(Resume, Stop) with { MaxNrOfRetries = 0 });
        foreach (var i in Enumerable.Range(0, 44)) mesh.Publish("in.a", $"trap {i}");
        mesh.Publish("in.a", "end");
        mesh.Run();
        Assert.Equal((44L, 44L, 44L), (mesh.Shard.Totals.Healed, mesh.Shard.Totals.Quarantined, mesh.Shard.Totals.Failures[FaultKind.Trap]));
        Assert.Equal(["in.a:end"], mesh.Seen("noter"));
    }

    [Fact]
    public void Resume_tries_again_what_failed_because_of_the_host()
    {
        var mesh = Publish(Mesh(Policy(Resume)), "flaky 3", "2");
        Assert.Equal(["in.a:flaky 3", "in.a:2"], mesh.Seen("noter"));
        Assert.Equal(0, mesh.Status("noter").Quarantined);
    }

    [Fact]
    public void A_fault_of_the_host_is_worth_more_tries_but_not_without_end()
    {
        var mesh = Publish(Mesh(Policy(Restart) with { HostFaultRetries = 3 }), "flaky 3", "flaky 4");
        Assert.Equal(["in.a:flaky 3"], mesh.Seen("noter"));
        Assert.Equal(1, mesh.Status("noter").Quarantined);
    }

    [Fact]
    public void Faults_of_the_host_do_not_use_up_the_retry_of_a_trap()
    {
        var tries = 0;
        var guests = new TestGuests().With("noter", (_, _) => ++tries <= 2 ? new GuestFault(FaultKind.Deadline, "deadline", "slow") : tries == 3 ? TestGuests.Trap() : null);
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), guests).Run();
        Publish(mesh, "x");
        Assert.Equal((3L, 0), (mesh.Status("noter").Failures, mesh.Status("noter").Quarantined));
    }

    [Fact]
    public void The_dead_letter_tells_trap_back_trace_position_and_data()
    {
        var mesh = Publish(Mesh(Policy(Resume)), "trap me");
        var letter = Assert.Single(mesh.On("mesh.deadletter.noter"));
        using var json = JsonDocument.Parse(letter.Data);
        var original = mesh.On("in.a")[0];
        Assert.Equal(("trap", "unreachable", $"0-1-{original.Offset}", "in.a", "e0"), (Text("kind"), Text("code"), Text("position"), Text("topic"), Text("id")));
        Assert.Equal(["inner", "mesh_handle"], json.RootElement.GetProperty("backtrace").EnumerateArray().Select(f => f.GetString()!));
        Assert.Equal("trap me", Encoding.UTF8.GetString(json.RootElement.GetProperty("data_base64").GetBytesFromBase64()));
        Assert.Equal((original.Offset, EventOrigin.DeadLetter), (letter.Cause, letter.Origin));

        string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
    }

    [Fact]
    public void A_released_event_is_handled_again_as_a_new_one_with_the_original_as_its_cause()
    {
        var mesh = Publish(Mesh(Policy(Resume)), "trap", "trap 2");
        var inputs = mesh.Shard.Quarantine("noter");
        Assert.Equal(2, inputs.Count);
        var original = mesh.Shard.FindEvent(inputs[0].Input)!;
        Assert.Null(mesh.Shard.Release("noter", original, "fixed"u8.ToArray(), mesh.NowNs));
        Assert.Equal(["mesh.inbox.noter:fixed"], mesh.RunToIdle().Seen("noter"));
        var released = Assert.Single(mesh.Store.Events(), e => e.Origin == EventOrigin.Released);
        Assert.Equal((original.Offset, "in.a"), (released.Cause, released.Extensions.Single(x => x.Key == "originaltype").Value));
        Assert.Contains("no event at offset", mesh.Shard.Release("noter", original, null, mesh.NowNs));
        Assert.Contains("no agent 'nobody'", mesh.Shard.Drop("nobody", 1, mesh.NowNs));
        mesh = mesh.Restart().RunToIdle();
        Assert.Equal(inputs[1].Input, Assert.Single(mesh.Shard.Quarantine("noter")).Input);
    }

    [Fact]
    public void A_released_event_that_fails_again_goes_back_to_quarantine()
    {
        var mesh = Publish(Mesh(Policy(Resume)), "trap");
        for (var round = 0; round < 2; round++)
        {
            var kept = Assert.Single(mesh.Shard.Quarantine("noter"));
            Assert.Null(mesh.Shard.Release("noter", mesh.Shard.FindEvent(kept.Input)!, null, mesh.NowNs));
            mesh.RunToIdle();
        }
        var again = mesh.Shard.FindEvent(Assert.Single(mesh.Shard.Quarantine("noter")).Input)!;
        Assert.Equal("in.a", Assert.Single(again.Extensions).Value);
    }

    [Fact]
    public void A_dropped_event_leaves_quarantine_unhandled()
    {
        var mesh = Publish(Mesh(Policy(Resume)), "trap");
        Assert.Null(mesh.Shard.Drop("noter", mesh.Shard.Quarantine("noter")[0].Input, mesh.NowNs));
        Assert.Empty(mesh.RunToIdle().Seen("noter"));
        Assert.Empty(mesh.Restart().Shard.Quarantine("noter"));
    }

    [Fact]
    public void Reset_begins_a_new_life_with_turn_0_first_and_keeps_what_waits()
    {
        var guests = new TestGuests().With("noter", TestGuests.Note, (memory, turn) => { memory.Seen.Add($"life {turn.Agent.Incarnation}"); return null; });
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(Reset))], Agent("noter", "in.>")), guests).Run();
        Publish(mesh, "1", "trap", "2", "3");
        Assert.Equal(["life 3", "in.a:2", "in.a:3"], mesh.Seen("noter"));
        Assert.Equal((3, 1), (mesh.Status("noter").Incarnation, mesh.Status("noter").Quarantined));
        Assert.Equal(["life 3", "in.a:2", "in.a:3"], mesh.Restart().RunToIdle().Seen("noter"));
    }

    [Fact]
    public void A_new_life_emits_events_with_new_ids()
    {
        var guests = new TestGuests().With("noter", (_, turn) => TestGuests.TextOf(turn) == "trap" ? TestGuests.Trap() : null, (_, turn) => { turn.Publish("out.x", default); return null; });
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(Reset))], Agent("noter", "in.>")), guests).Run();
        Publish(mesh, "trap");
        var ids = mesh.On("out.x").Select(mesh.Shard.Identity.IdOf).ToArray();
        Assert.Equal(3, ids.Distinct().Count());
    }

    [Fact]
    public void Stop_ends_the_agent_and_keeps_the_event_in_quarantine()
    {
        var mesh = Publish(Mesh(Policy(Stop)), "1", "trap", "2");
        Assert.Equal((AgentState.Stopped, 1, 0), (mesh.Status("noter").State, mesh.Status("noter").Quarantined, mesh.Status("noter").Pending));
        Assert.Contains("is stopped", mesh.Shard.Release("noter", mesh.Shard.FindEvent(mesh.Shard.Quarantine("noter")[0].Input)!, null, mesh.NowNs));
        Assert.Equal(0, mesh.Shard.Backlog);
        Assert.Equal(AgentState.Stopped, mesh.Restart().RunToIdle().Status("noter").State);
    }

    [Fact]
    public void A_turn_0_that_keeps_failing_stops_the_agent()
    {
        var guests = new TestGuests().With("noter", TestGuests.Note, (_, _) => TestGuests.Trap());
        foreach (var directive in new[] { Resume, Restart, Reset })
        {
            var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(directive) with { MaxNrOfRetries = -1 })], Agent("noter", "in.>")), guests);
            Publish(mesh, "1");
            Assert.Equal((AgentState.Stopped, 0), (mesh.Status("noter").State, mesh.Status("noter").Quarantined));
            Assert.InRange(mesh.Status("noter").Failures, 1, 2);
        }
    }

    [Fact]
    public void When_the_budget_is_spent_the_next_directive_of_the_ladder_is_in_force()
    {
        var mesh = Mesh(Policy(Restart, Reset, Stop) with { MaxNrOfRetries = 3, WithinTimeRange = TimeSpan.FromHours(1) });
        Publish(mesh, "trap 1", "trap 2", "trap 3", "trap 4");
        Assert.Equal(["Restart", "Restart", "Restart", "Reset", "Reset", "Reset", "Stop"], Directives(mesh));
        Assert.Equal(AgentState.Stopped, mesh.Status("noter").State);
    }

    [Fact]
    public void The_budget_survives_a_restart_of_the_shard()
    {
        var mesh = Mesh(Policy(Restart, Stop) with { MaxNrOfRetries = 3, WithinTimeRange = TimeSpan.FromHours(1) });
        Publish(mesh, "trap 1");
        mesh = Publish(mesh.Restart(), "trap 2");
        Assert.Equal(["Restart", "Stop"], Directives(mesh));
    }

    [Fact]
    public void Failures_outside_the_time_range_do_not_count()
    {
        var mesh = Mesh(Policy(Restart, Stop) with { MaxNrOfRetries = 2, WithinTimeRange = TimeSpan.FromMinutes(1) });
        for (var i = 0; i < 5; i++)
        {
            Publish(mesh, $"trap {i}");
            mesh.Pass(TimeSpan.FromMinutes(2));
        }
        Assert.All(mesh.Healings, h => Assert.Equal(Restart, h.Decision.Directive));
        Assert.Equal(10, mesh.Healings.Count);
    }

    [Fact]
    public void A_rung_of_the_ladder_is_left_when_nothing_failed_for_the_time_range()
    {
        var mesh = Mesh(Policy(Restart, Reset) with { MaxNrOfRetries = 2, WithinTimeRange = TimeSpan.FromMinutes(1), EventRetries = 0 });
        Publish(mesh, "trap 1", "trap 2", "trap 3");
        mesh.Pass(TimeSpan.FromMinutes(2));
        Publish(mesh, "trap 4");
        Assert.Equal(["Restart", "Restart", "Reset", "Restart"], Directives(mesh));
    }

    [Fact]
    public void Any_number_of_failures_is_served_without_a_budget()
    {
        var mesh = Mesh(Policy(Restart, Stop) with { MaxNrOfRetries = -1, EventRetries = 0, MaxBackoff = TimeSpan.FromMilliseconds(100) });
        Publish(mesh, [.. Enumerable.Range(0, 200).Select(i => $"trap {i}")]);
        Assert.Equal(200, mesh.Status("noter").Healed);
    }

    [Fact]
    public void The_back_off_doubles_up_to_its_limit_and_is_lengthened_by_chance()
    {
        var policy = Policy(Restart) with
        {
            MaxNrOfRetries = -1, EventRetries = 20, MinBackoff = TimeSpan.FromMilliseconds(100), MaxBackoff = TimeSpan.FromSeconds(1), RandomFactor = 0.5, WithinTimeRange = TimeSpan.FromHours(1),
        };
        var mesh = Mesh(policy);
        mesh.Publish("in.a", "trap");
        var waits = new List<double>();
        for (mesh.Run(); !mesh.Shard.IsIdle; mesh.Run())
        {
            waits.Add((mesh.Shard.NextAlarmNs!.Value - mesh.NowNs) / 1e6);
            mesh.NowNs = mesh.Shard.NextAlarmNs.Value;
            mesh.Tick();
        }
        Assert.Equal(21, waits.Count);
        var expected = waits.Select((_, i) => Math.Min(1_000, 100 * Math.Pow(2, i))).ToArray();
        for (var i = 0; i < waits.Count; i++) Assert.InRange(waits[i], expected[i], expected[i] * 1.5);
        Assert.True(waits.Skip(5).Distinct().Count() > 1);
    }

    [Fact]
    public void An_agent_does_not_come_back_before_its_back_off_is_over_also_after_a_crash()
    {
        var mesh = Mesh(Policy(Restart) with { MinBackoff = TimeSpan.FromSeconds(5), RandomFactor = 0 });
        mesh.Publish("in.a", "trap");
        mesh = mesh.Run().Restart().Run();
        Assert.Equal(AgentState.Healing, mesh.Status("noter").State);
        Assert.Equal(AgentState.Healing, mesh.Pass(TimeSpan.FromSeconds(4)).Status("noter").State);
        Assert.Equal(1, mesh.Pass(TimeSpan.FromSeconds(1)).Status("noter").Healed);
    }

    [Fact]
    public void An_agent_that_cannot_be_rebuilt_is_tried_again_and_stopped_in_the_end()
    {
        var broken = 3;
        var guests = Guests();
        guests.OnCreate = _ => { if (broken-- > 0) throw new GuestRefusedException("no such module"); };
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), guests);
        Assert.Equal(["in.a:1"], Publish(mesh, "1").Seen("noter"));
        broken = int.MaxValue;
        mesh = mesh.Restart().RunToIdle();
        Assert.Equal(AgentState.Stopped, mesh.Status("noter").State);
        Assert.Contains("no such module", Encoding.UTF8.GetString(mesh.On("mesh.agent.noter.stopped")[0].Data.Span));
    }

    [Fact]
    public void A_fault_is_recorded_only_up_to_its_limits()
    {
        var guests = new TestGuests().With("noter", (_, _) => new GuestFault(FaultKind.Failed, "fail", new string('x', 100_000), [.. Enumerable.Range(0, 1_000).Select(i => $"f{i}")]));
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(Resume))], Agent("noter", "in.>")), guests).Run();
        Publish(mesh, "x");
        var fault = mesh.Status("noter").LastFault!;
        Assert.Equal((GuestFault.MaxMessageLength, GuestFault.MaxFrames), (fault.Message.Length, fault.BackTrace.Length));
    }
}
