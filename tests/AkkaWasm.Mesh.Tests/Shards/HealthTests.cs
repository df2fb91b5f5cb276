using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>How agents are: what guests say, and what the mesh sees.</summary>
public sealed class HealthTests
{
    private static readonly string[] Words = ["well", "degraded", "overloaded"];

    private static TestGuests Guests => new TestGuests()
        .With("talker", Talk)
        .With("noter", TestGuests.Note)
        .With("listener", (memory, turn) => { turn.Health((int)(++memory["count"] / 3), "I listen"); return null; });

    private static TestMesh Mesh(HealthPolicy policy, params AgentDefinition[] more) =>
        Mesh(policy, new ShardOptions { MeshName = "test" }, more);

    private static TestMesh Mesh(HealthPolicy policy, ShardOptions options, params AgentDefinition[] more) => new TestMesh(
        Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume) with { MinBackoff = TimeSpan.Zero, MaxBackoff = TimeSpan.Zero })], [Agent("talker", "in.>") with { Health = policy }, .. more]), Guests, options).Run();

    /// <summary>Says the health that its event names, "2 too much", and nothing else; traps on "trap".</summary>
    private static GuestFault? Talk(GuestMemory memory, Turn turn)
    {
        memory["count"]++;
        var text = TestGuests.TextOf(turn);
        if (text.StartsWith("trap", StringComparison.Ordinal)) return TestGuests.Trap();
        foreach (var said in text.Split('|', StringSplitOptions.RemoveEmptyEntries))
            if (char.IsAsciiDigit(said[0])) turn.Health(said[0] - '0', said[1..].Trim());
        return null;
    }

    private static string[] Told(TestMesh mesh, string agent = "talker") => [.. mesh.CommitAll().On($"mesh.health.{agent}").Select(Text)];

    private static string Text(MeshEvent e)
    {
        using var json = JsonDocument.Parse(e.Data);
        return $"{json.RootElement.GetProperty("level").GetString()} {(json.RootElement.TryGetProperty("signal", out var signal) ? signal.GetString() : json.RootElement.GetProperty("reason").GetString())}";
    }

    private static TestMesh Look(TestMesh mesh, double seconds = 1)
    {
        mesh.NowNs += (long)(seconds * TestMesh.Second);
        mesh.ObserveHealth();
        return mesh;
    }

    [Fact]
    public void Only_what_differs_from_what_was_said_before_is_published_and_the_last_word_is_kept_over_a_restart()
    {
        var mesh = Mesh(HealthPolicy.Default);
        foreach (var said in (string[])["0 fine", "0 fine", "1 slow|1 slow|2 full", "2 full", "nothing", "2 fuller"]) mesh.Publish("in.a", said);
        Assert.Equal(["well fine", "degraded slow", "overloaded full", "overloaded fuller"], Told(mesh.RunToIdle()));
        var told = mesh.On("mesh.health.talker")[^1];
        Assert.Equal((EventOrigin.Lifecycle, "talker", 1), (told.Origin, told.Subject ?? "talker", told.Depth));
        foreach (var useStates in (bool[])[true, false])
        {
            var status = mesh.Restart(useStates: useStates).RunToIdle().Status("talker").Health;
            Assert.Equal((AgentHealthLevel.Overloaded, "fuller", told.Offset - 1), (status.Level, status.Reported!.Reason, status.Reported.Offset));
        }
    }

    [Fact]
    public void A_saved_state_knows_what_was_said()
    {
        var mesh = Mesh(new HealthPolicy { DegradedLag = 1, MinFailures = 1, PublishAtMostEvery = TimeSpan.Zero });
        mesh.Publish("in.a", "1 slow");
        mesh.Publish("in.a", "trap");
        Look(mesh.RunToIdle()).CommitAll();
        var saved = new Shard(mesh.Options);
        saved.Restore(mesh.Shard.SaveState());
        Assert.Equal(mesh.Shard.SaveState().ToArray(), saved.SaveState().ToArray());
        saved.NoteTime(mesh.NowNs);
        Assert.Equal(mesh.Status("talker").Health with { TurnNs = null, MemoryBytes = null }, saved.FindAgent("talker")!.Health);
        Assert.Equal((HealthSignal.Failures, "slow"), (saved.FindAgent("talker")!.Health.Observed!.Signal, saved.FindAgent("talker")!.Health.Reported!.Reason));
    }

    [Fact]
    public void A_guest_that_begins_anew_has_said_nothing()
    {
        var mesh = Mesh(HealthPolicy.Default);
        mesh.Publish("in.a", "2 full");
        Assert.Null(mesh.RunToIdle().Shard.Reset("talker", mesh.NowNs));
        mesh.Tick();
        Assert.Null(mesh.RunToIdle().Status("talker").Health.Reported);
        mesh.Publish("in.a", "2 full");
        Assert.Equal(["overloaded full", "overloaded full"], Told(mesh.RunToIdle()));
    }

    [Theory]
    [InlineData(RewindInputs.Dropped, "slow", "degraded slow,overloaded full")]
    [InlineData(RewindInputs.Suppressed, "full", "degraded slow,overloaded full")]
    [InlineData(RewindInputs.Reprocessed, "full", "degraded slow,overloaded full,overloaded full")]
    public void Who_goes_back_has_said_what_it_had_said_by_then_and_what_it_says_again(RewindInputs inputs, string last, string told)
    {
        var mesh = Mesh(HealthPolicy.Default);
        mesh.Publish("in.a", "1 slow");
        mesh.Publish("in.a", "nothing");
        mesh.Publish("in.a", "2 full");
        mesh.RunToIdle();
        mesh.Shard.Rewind("talker", new RewindTarget { Turns = 2, Inputs = inputs }, new object(), mesh.NowNs);
        mesh.Tick();
        Assert.Equal(last, mesh.RunToIdle().Status("talker").Health.Reported?.Reason);
        Assert.Equal(told, string.Join(',', Told(mesh)));
        Assert.Equal(last, mesh.Restart(useStates: false).RunToIdle().Status("talker").Health.Reported?.Reason);
    }

    [Fact]
    public void Who_goes_back_to_before_its_first_word_has_said_nothing()
    {
        var mesh = Mesh(HealthPolicy.Default);
        mesh.Publish("in.a", "1 slow");
        mesh.Publish("in.a", "2 full");
        mesh.RunToIdle();
        mesh.Shard.Rewind("talker", new RewindTarget { Turns = 2, Inputs = RewindInputs.Dropped }, new object(), mesh.NowNs);
        mesh.Tick();
        Assert.Null(mesh.RunToIdle().Status("talker").Health.Reported);
    }

    [Fact]
    public void An_agent_that_listens_to_health_and_says_its_own_makes_no_storm()
    {
        var mesh = Mesh(HealthPolicy.Default, Agent("listener", "mesh.health.>"));
        for (var i = 0; i < 5; i++) mesh.Publish("in.a", $"{i % 3} round {i}");
        Assert.Equal(5, Told(mesh.RunToIdle()).Length);
        Assert.Equal(["well I listen", "degraded I listen", "overloaded I listen"], Told(mesh, "listener"));
        Assert.Equal(8, mesh.Memory("listener")["count"]);
    }

    [Fact]
    public void A_level_that_is_none_and_a_reason_that_is_too_long_fail_the_turn()
    {
        var mesh = Mesh(new HealthPolicy { MaxReasonBytes = 8, DegradedFailures = null });
        mesh.Publish("in.a", "7 what");
        mesh.Publish("in.a", "1 12345678");
        mesh.Publish("in.a", "2 äöüäö");
        Assert.Equal(["degraded 12345678"], Told(mesh.RunToIdle()));
        var faults = mesh.Shard.Quarantine("talker").Select(q => q.Fault).ToArray();
        Assert.Equal((FaultKind.BadArgument, "bad-health", FaultKind.Limit, "health-reason"), (faults[0].Kind, faults[0].Code, faults[1].Kind, faults[1].Code));
        Assert.Contains("a reason of 10 bytes for its health, at most 8 are allowed (health.max-reason)", faults[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_mesh_says_once_that_an_agent_lags_and_once_that_it_does_not_any_more()
    {
        var mesh = Mesh(new HealthPolicy { DegradedLag = 10, OverloadedLag = 20, DegradedAge = null, OverloadedAge = null });
        Assert.Null(mesh.Shard.Pause("talker", mesh.NowNs));
        for (var i = 0; i < 10; i++) mesh.Publish("in.a", "x");
        Look(Look(Look(mesh)));
        Assert.Equal(["degraded lag"], Told(mesh));
        for (var i = 0; i < 10; i++) mesh.Publish("in.a", "x");
        Look(Look(mesh));
        Assert.Equal(["degraded lag", "overloaded lag"], Told(mesh));
        Assert.Contains("20 events wait; the line is at 20 (health.overloaded-lag).", mesh.Status("talker").Health.Observed!.Reason, StringComparison.Ordinal);
        mesh.Shard.Resume("talker", mesh.NowNs);
        mesh.Tick();
        Look(Look(mesh.RunToIdle()));
        Assert.Equal(["degraded lag", "overloaded lag", "well none"], Told(mesh));
        Assert.Equal(AgentHealthLevel.Well, mesh.Status("talker").Health.Level);
        using var last = JsonDocument.Parse(mesh.On("mesh.health.talker")[1].Data);
        Assert.Equal(("mesh", 20, "overloaded"), (last.RootElement.GetProperty("by").GetString(), last.RootElement.GetProperty("lag").GetInt32(), last.RootElement.GetProperty("overall").GetString()));
    }

    [Fact]
    public void A_level_is_left_below_the_line_and_not_at_once_so_that_it_does_not_flutter()
    {
        var mesh = Mesh(new HealthPolicy { DegradedLag = 10, OverloadedLag = null, DegradedAge = null, OverloadedAge = null, RecoverAt = 0.5, DegradedTurnTime = null, DegradedFailures = null, DegradedQuarantine = 10 });
        for (var i = 0; i < 10; i++) mesh.Publish("in.a", $"trap {i}");
        var held = Look(mesh.RunToIdle()).Shard.Quarantine("talker");
        Assert.Equal(10, held.Count);
        foreach (var q in held.Take(5))
        {
            mesh.Shard.Drop("talker", q.Input, mesh.NowNs);
            Look(mesh);
        }
        Assert.Equal((AgentHealthLevel.Degraded, HealthSignal.Quarantine), (mesh.Status("talker").Health.Level, mesh.Status("talker").Health.Observed!.Signal));
        mesh.Shard.Drop("talker", held[5].Input, mesh.NowNs);
        Assert.Equal(AgentHealthLevel.Well, Look(mesh).Status("talker").Health.Level);
    }

    [Fact]
    public void The_mesh_speaks_of_an_agent_no_more_often_than_it_may()
    {
        var mesh = Mesh(new HealthPolicy { DegradedLag = 1, OverloadedLag = null, DegradedAge = null, OverloadedAge = null, PublishAtMostEvery = TimeSpan.FromSeconds(30), DegradedTurnTime = null });
        for (var i = 0; i < 60; i++)
        {
            mesh.Publish("in.a", "x");
            Look(mesh, 0.5);
            Look(mesh.Run(), 0.5);
        }
        var times = mesh.CommitAll().On("mesh.health.talker").Select(e => e.AppendedAtNs / TestMesh.Second).ToArray();
        Assert.InRange(times.Length, 2, 3);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 30));
    }

    [Fact]
    public void Failures_count_as_a_share_of_the_last_turns_for_a_while()
    {
        var mesh = Mesh(new HealthPolicy { DegradedFailures = 0.1, MinFailures = 3, FailureWindow = TimeSpan.FromMinutes(2) });
        for (var i = 0; i < 2; i++) mesh.Publish("in.a", "trap");
        Assert.Equal(0, Look(mesh.RunToIdle()).Status("talker").Health.FailureShare);
        mesh.Publish("in.a", "trap");
        var now = Look(mesh.RunToIdle()).Status("talker").Health;
        Assert.Equal((AgentHealthLevel.Degraded, HealthSignal.Failures, 0.75), (now.Level, now.Observed!.Signal, now.FailureShare)); // turn 0 went well
        for (var i = 0; i < 60; i++) mesh.Publish("in.a", "x");
        Assert.Equal(AgentHealthLevel.Well, Look(mesh.RunToIdle()).Status("talker").Health.Level);
        for (var i = 0; i < 10; i++) mesh.Publish("in.a", "trap");
        Assert.Equal(AgentHealthLevel.Degraded, Look(mesh.RunToIdle()).Status("talker").Health.Level);
        Assert.Equal((AgentHealthLevel.Well, 0.0), (Look(mesh, 121).Status("talker").Health.Level, mesh.Status("talker").Health.FailureShare));
    }

    [Fact]
    public void What_the_turns_take_is_averaged_while_the_agent_is_awake_and_forgotten_when_it_sleeps()
    {
        var mesh = Mesh(new HealthPolicy { DegradedTurnTime = 0.5, DegradedMemory = 0.5, DegradedFailures = null });
        mesh.Publish("in.a", "x");
        var (number, token) = (mesh.RunToIdle().Status("talker").Number, mesh.Actors[0].Token);
        mesh.Shard.NoteUse(number, token + 1, new AgentUse(100, 1e12, 1, 1)); // of a life that is not the present one
        mesh.Shard.NoteUse(number, token, new AgentUse(100, 6e8, 1000, 24));
        var seen = Look(mesh).Status("talker").Health;
        Assert.Equal((HealthSignal.TurnTime, 1024L), (seen.Observed!.Signal, seen.MemoryBytes));
        Assert.InRange(seen.TurnNs!.Value, 5e8, 6e8);
        mesh.Shard.NoteUse(number, token, new AgentUse(1000, 1e6, 40L << 20, 0));
        Assert.Equal(HealthSignal.Memory, Look(mesh).Status("talker").Health.Observed!.Signal);
        mesh.Passivate("talker");
        seen = Look(mesh.RunToIdle()).Status("talker").Health;
        Assert.Equal((null, null, AgentHealthLevel.Well), (seen.TurnNs, seen.MemoryBytes, seen.Level));
    }

    [Fact]
    public void The_oldest_event_that_waits_has_an_age_also_when_it_is_not_in_memory_any_more()
    {
        var mesh = Mesh(new HealthPolicy { DegradedLag = null, OverloadedLag = null }, new ShardOptions { MeshName = "test", LogWindowBytes = 2_000 });
        mesh.Shard.Pause("talker", mesh.NowNs);
        for (var i = 0; i < 40; i++)
        {
            mesh.Publish("in.a", new string('x', 200));
            mesh.CommitAll();
            mesh.NowNs += TestMesh.Second;
        }
        var seen = mesh.Status("talker").Health;
        Assert.Null(mesh.Shard.FindEvent(mesh.Store.Events().First(e => e.Topic == "in.a").Offset));
        mesh.Shard.NoteTime(mesh.NowNs);
        Assert.InRange(mesh.Status("talker").Health.AgeNs, 2 * TestMesh.Second, 40 * TestMesh.Second);
        Assert.Equal(HealthSignal.Age, Look(mesh, 90).Status("talker").Health.Observed!.Signal);
        Assert.Equal(AgentHealthLevel.Overloaded, mesh.Status("talker").Health.Level);
        Assert.Equal(AgentHealthLevel.Overloaded, mesh.Restart().Status("talker").Health.Level);
    }

    [Fact]
    public void So_many_are_looked_at_at_a_time_and_each_has_its_turn()
    {
        var policy = new HealthPolicy { DegradedLag = 1, PublishAtMostEvery = TimeSpan.Zero };
        var mesh = Mesh(policy, new ShardOptions { MeshName = "test", MaxHealthLooks = 3 }, [.. Enumerable.Range(0, 9).Select(i => Agent($"a{i}", "in.>", "noter") with { Health = policy })]);
        foreach (var agent in mesh.Shard.Agents.ToArray()) mesh.Shard.Pause(agent.Name, mesh.NowNs);
        mesh.Publish("in.a", "x");
        var counts = Enumerable.Range(0, 5).Select(_ => Look(mesh).Shard.Agents.Count(a => a.Health.Level == AgentHealthLevel.Degraded));
        Assert.Equal([3, 6, 9, 10, 10], counts);
    }

    [Fact]
    public void The_first_in_an_order_are_found_by_looking_at_those_who_do_something()
    {
        var mesh = Mesh(HealthPolicy.Default, Family("fam", "key.*", 2, "noter"), Agent("idle", "", "noter"));
        for (var i = 0; i < 20; i++) mesh.Publish($"key.k{i}", "x");
        mesh.RunToIdle();
        for (var i = 0; i < 20; i++) mesh.Passivate($"fam/k{i}");
        Look(mesh.RunToIdle());
        foreach (var (key, events) in ((string, int)[])[("k3", 2), ("k7", 9), ("k9", 4)])
        {
            mesh.Shard.Pause($"fam/{key}", mesh.NowNs);
            for (var i = 0; i < events; i++) mesh.Publish($"key.{key}", "x");
        }
        var top = mesh.Shard.Top(AgentOrder.Lag, 2);
        Assert.Equal(["fam/k7", "fam/k9"], top.Agents.Select(a => a.Name));
        Assert.Equal((22, true), (top.Known, top.Active is >= 3 and < 10));
        top = mesh.Shard.Top(AgentOrder.Lag, 5, TopicPattern.Parse("fam.*"));
        Assert.Equal(["fam/k7", "fam/k9", "fam/k3", "fam/k0", "fam/k1"], top.Agents.Select(a => a.Name));
        Assert.Empty(mesh.Shard.Top(AgentOrder.Memory, 5, TopicPattern.Parse("none.*")).Agents);
        Assert.Throws<ArgumentOutOfRangeException>(() => mesh.Shard.Top(AgentOrder.Lag, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => mesh.Shard.Top(AgentOrder.Lag, 1_001));
    }

    [Fact]
    public void Each_order_has_another_first()
    {
        var mesh = Mesh(HealthPolicy.Default with { MinFailures = 1, DegradedFailures = null }, [.. ((string[])["slow", "large", "lagging", "failing"]).Select(name => Agent(name, $"{name}.>", "noter") with { Health = HealthPolicy.Default with { MinFailures = 1, DegradedFailures = null } })]);
        mesh.Publish("in.a", "2 full");
        mesh.Publish("failing.a", "trap");
        mesh.RunToIdle();
        mesh.Shard.Pause("lagging", mesh.NowNs);
        mesh.Publish("lagging.a", "x");
        mesh.NowNs += TestMesh.Second;
        mesh.Tick();
        int NumberOf(string name) => mesh.Status(name).Number;
        mesh.Shard.NoteUse(NumberOf("slow"), mesh.Actors[NumberOf("slow")].Token, new AgentUse(1000, 9e8, 1, 0));
        mesh.Shard.NoteUse(NumberOf("large"), mesh.Actors[NumberOf("large")].Token, new AgentUse(1, 1, 1 << 20, 0));
        mesh.Shard.NoteTime(mesh.NowNs);
        var firsts = Enum.GetValues<AgentOrder>().Select(order => mesh.Shard.Top(order, 1).Agents[0].Name);
        Assert.Equal(["lagging", "lagging", "failing", "slow", "large", "talker"], firsts);
    }

    [Fact]
    public void Words_for_levels_are_those_of_the_enumeration() =>
        Assert.Equal(Words, Enum.GetNames<AgentHealthLevel>().Select(n => n.ToLowerInvariant()));

    [Fact]
    public void The_digest_of_a_turn_that_speaks_of_health_is_that_of_the_event()
    {
        var e = new MeshEvent { Topic = "mesh.health.a", Data = Encoding.UTF8.GetBytes("{}"), ContentType = "application/json", Origin = EventOrigin.Lifecycle };
        Assert.Equal(TurnResult.DigestOf([new EventEmitted(e)]), TurnResult.DigestOf([new HealthReported(AgentHealthLevel.Well, "", e)]));
    }
}
