using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class DeliveryTests
{
    private static readonly ShardOptions Small = new() { MeshName = "test", MailboxWindow = 2, LogWindowBytes = 2_000 };

    private static TestGuests Noters => new TestGuests().With("noter", TestGuests.Note);

    [Fact]
    public void An_agent_sees_the_matching_events_in_log_order_and_no_others()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.> other.*.b")), Noters).Run();
        foreach (var (topic, text) in new[] { ("in.a", "1"), ("out.a", "2"), ("other.x.b", "3"), ("other.b", "4"), ("in.b.c", "5"), ("in", "6") }) mesh.Publish(topic, text);
        Assert.Equal(["in.a:1", "other.x.b:3", "in.b.c:5"], mesh.Run().Seen("noter"));
    }

    [Fact]
    public void An_event_that_matches_two_subscriptions_is_handled_once()
    {
        var guests = Noters.With("sender", (_, turn) => { turn.Send("noter", "hi"u8.ToArray()); return null; });
        var mesh = new TestMesh(Of(Agent("noter", "in.> in.a *.a mesh.inbox.>"), Agent("sender", "go")), guests).Run();
        mesh.Publish("in.a", "1");
        mesh.Publish("go");
        Assert.Equal(["in.a:1", "mesh.inbox.noter:hi"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void Turn_0_comes_first_and_may_emit()
    {
        var guests = new TestGuests()
            .With("noter", TestGuests.Note)
            .With("greeter", TestGuests.Note, (memory, turn) => { memory["inits"]++; turn.Publish("in.hello", "from turn 0"u8.ToArray()); return null; });
        var mesh = new TestMesh(Of(Agent("noter", "in.>"), Agent("greeter", "in.>")), guests);
        mesh.Publish("in.a", "early");
        mesh.RunToIdle();
        Assert.Equal(["in.a:early", "in.hello:from turn 0"], mesh.Seen("noter"));
        mesh = mesh.Restart().RunToIdle();
        Assert.Equal(1, mesh.Memory("greeter")["inits"]);
        Assert.Equal(["in.a:early", "in.hello:from turn 0"], mesh.Seen("greeter"));
    }

    [Fact]
    public void A_family_member_comes_to_be_on_its_first_event_and_handles_that_one_after_turn_0()
    {
        var mesh = new TestMesh(Of(Family("monitors", "quake.*", 2, "noter")), Noters).Run();
        mesh.Publish("quake.alaska", "1");
        mesh.Publish("quake.new york", "x");
        mesh.Publish("quake.nevada", "2");
        mesh.Publish("quake.alaska", "3");
        mesh.RunToIdle();
        Assert.Equal(["monitors/alaska", "monitors/nevada"], mesh.Shard.Agents.Select(a => a.Name));
        Assert.Equal(["quake.alaska:1", "quake.alaska:3"], mesh.Seen("monitors/alaska"));
        Assert.Equal(2, mesh.Shard.Totals.Born);
        Assert.Single(mesh.On("mesh.agent.monitors.alaska.started"));
    }

    [Fact]
    public void A_family_keyed_by_subject_encodes_its_keys_and_ignores_events_without_one()
    {
        var mesh = new TestMesh(Of(Agent("by", "in.>", "noter") with { Key = AgentKey.Subject }), Noters).Run();
        mesh.Publish("in.a", "1", subject: "Ünï/a.b");
        mesh.Publish("in.a", "2");
        mesh.Publish("in.b", "3", subject: "Ünï/a.b");
        mesh.RunToIdle();
        var member = Assert.Single(mesh.Shard.Agents);
        Assert.Equal(("by/%C3%9Cn%C3%AF%2Fa%2Eb", "Ünï/a.b"), (member.Name, member.Key));
        Assert.Equal(["in.a:1", "in.b:3"], mesh.Seen(member.Name));
    }

    [Fact]
    public void More_keys_than_allowed_leave_a_dead_letter_instead_of_an_agent()
    {
        var mesh = new TestMesh(Of(Family("m", "in.*", 2, "noter") with { MaxKeys = 2 }), Noters).Run();
        foreach (var key in new[] { "a", "b", "c", "a", new string('k', 250) }) mesh.Publish($"in.{key}", key);
        mesh.RunToIdle();
        Assert.Equal(["m/a", "m/b"], mesh.Shard.Agents.Select(a => a.Name));
        Assert.Equal(2, mesh.On("mesh.deadletter.m").Length);
        Assert.Contains("max-keys", System.Text.Encoding.UTF8.GetString(mesh.On("mesh.deadletter.m")[0].Data.Span));
    }

    [Fact]
    public void A_sleeping_agent_wakes_on_its_next_event_with_its_memory()
    {
        var mesh = new TestMesh(Of(Family("m", "in.*", 2, "noter")), Noters).Run();
        mesh.Publish("in.a", "1");
        mesh.RunToIdle().Passivate("m/a");
        mesh.Run();
        Assert.Equal(AgentState.Asleep, mesh.Status("m/a").State);
        Assert.Equal(0, mesh.Status("m/a").TurnsSinceImage);
        mesh.Publish("in.a", "2");
        Assert.Equal(["in.a:1", "in.a:2"], mesh.RunToIdle().Seen("m/a"));
    }

    [Fact]
    public void An_agent_with_events_before_it_does_not_go_to_sleep()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Noters).Run();
        mesh.Publish("in.a", "1");
        mesh.Passivate("noter");
        Assert.Equal(AgentState.Running, mesh.Status("noter").State);
        Assert.Equal(["in.a:1"], mesh.Run().Seen("noter"));
    }

    [Fact]
    public void An_agent_that_lags_behind_memory_reads_on_from_the_log()
    {
        var slow = new TestMesh(Of(Agent("noter", "in.>"), Agent("other", "in.b", "noter")), Noters, Small).Run();
        foreach (var i in Enumerable.Range(0, 6_000))
        {
            slow.Publish(i % 3 == 0 ? "in.b" : "in.a", $"{i}");
            if (i % 10 == 9) slow.CommitAll();
        }
        Assert.Null(slow.Shard.FindEvent(10));
        slow.RunToIdle();
        Assert.True(slow.Loads > 1);
        Assert.Equal([.. Enumerable.Range(0, 6_000).Select(i => $"{(i % 3 == 0 ? "in.b" : "in.a")}:{i}")], slow.Seen("noter"));
        Assert.Equal([.. Enumerable.Range(0, 2_000).Select(i => $"in.b:{3 * i}")], slow.Seen("other"));
    }

    [Fact]
    public void An_event_in_flight_may_leave_memory()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.a"), Agent("other", "in.b", "noter")), Noters, Small).Run();
        mesh.Publish("in.a", "in flight");
        var offset = mesh.Shard.NextOffset - 1;
        mesh.CommitAll();
        var noter = mesh.Status("noter").Number;
        foreach (var i in Enumerable.Range(0, 100))
        {
            mesh.Publish("in.b", $"{i}");
            mesh.CommitAll();
        }
        Assert.Null(mesh.Shard.FindEvent(offset));
        mesh.Take(new(StepKind.Turn, noter));
        Assert.Equal(["in.a:in flight"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void No_more_inputs_are_handed_out_while_too_much_is_uncommitted()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Noters, Small with { MaxUncommitted = 3 }).Run();
        foreach (var i in Enumerable.Range(0, 10)) mesh.Publish("in.a", $"{i}");
        var noter = mesh.Status("noter").Number;
        Assert.Equal(2, mesh.Actors[noter].Inbox.Count);
        while (mesh.Actors[noter].Inbox.Count > 0) mesh.Take(new(StepKind.Turn, noter));
        Assert.Equal(8, mesh.Status("noter").Pending);
        mesh.CommitAll();
        Assert.NotEmpty(mesh.Actors[noter].Inbox);
        Assert.Equal(10, mesh.RunToIdle().Seen("noter").Length);
    }

    [Fact]
    public void An_agent_is_given_no_more_events_ahead_than_its_mailbox_window()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Noters, new ShardOptions { MeshName = "test", MailboxWindow = 4 }).Run();
        foreach (var i in Enumerable.Range(0, 20)) mesh.Publish("in.a", $"{i}");
        var actor = mesh.Actors[mesh.Status("noter").Number];
        var most = 0;
        while (mesh.Steps() is [var step, ..])
        {
            most = Math.Max(most, actor.Inbox.Count);
            mesh.Take(step);
        }
        Assert.Equal(4, most);
        Assert.Equal(20, mesh.Seen("noter").Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Shard(new ShardOptions { MailboxWindow = 0 }));
    }

    [Fact]
    public void Results_of_an_older_life_are_dropped()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Noters).Run();
        mesh.Publish("in.a", "1");
        var (number, next) = (mesh.Status("noter").Number, mesh.Shard.NextOffset);
        mesh.Shard.Complete(new TurnResult { Agent = number, Token = mesh.Actors[number].Token - 1, Input = next - 1, Digest = 1 }, mesh.NowNs);
        Assert.Equal(next, mesh.Shard.NextOffset);
        Assert.Throws<InvalidOperationException>(() => mesh.Shard.Complete(new TurnResult { Agent = number, Token = mesh.Actors[number].Token, Input = next + 5, Digest = 1 }, mesh.NowNs));
    }

    [Fact]
    public void The_shard_is_idle_only_when_nothing_waits_runs_heals_or_is_uncommitted()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Noters);
        Assert.False(mesh.Shard.IsIdle);
        mesh.Run();
        Assert.True(mesh.Shard.IsIdle);
        mesh.Publish("in.a", "trap");
        mesh.CommitAll();
        Assert.False(mesh.Shard.IsIdle);
        mesh.Run();
        Assert.Equal(AgentState.Healing, mesh.Status("noter").State);
        Assert.False(mesh.Shard.IsIdle);
        mesh.RunToIdle();
        mesh.Publish("nobody.listens");
        Assert.False(mesh.Shard.IsIdle);
        mesh.CommitAll();
        Assert.True(mesh.Shard.IsIdle);
    }

    [Fact]
    public void Emitted_events_have_ids_that_follow_from_their_turn_and_a_depth_one_deeper()
    {
        var guests = Noters.With("relay", (_, turn) => { turn.Publish("in.x", turn.Input.Data); turn.Publish("in.y", turn.Input.Data); return null; });
        var mesh = new TestMesh(Of(Agent("relay", "go"), Agent("noter", "in.>")), guests).Run();
        mesh.Publish(TestMesh.Batch(TestMesh.Event("go", "1", "id") with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }));
        mesh.RunToIdle();
        var (cause, x, y) = (mesh.On("go")[0], mesh.On("in.x")[0], mesh.On("in.y")[0]);
        Assert.Equal(EventIdentity.Derive("test", "relay", 1, cause.Offset, 0), mesh.Shard.Identity.IdOf(x));
        Assert.NotEqual(mesh.Shard.Identity.IdOf(x), mesh.Shard.Identity.IdOf(y));
        Assert.Equal("/meshes/test/agents/relay", mesh.Shard.Identity.SourceOf(x));
        Assert.Equal((cause.Offset, 1, cause.TraceParent), (y.Cause, y.Depth, y.TraceParent));
        Assert.Equal(x.Offset + 1, y.Offset);
    }

    [Fact]
    public void A_loop_of_agents_ends_at_the_causal_depth_with_a_dead_letter()
    {
        var guests = new TestGuests().With("ping", (_, turn) => { turn.Publish(turn.Input.Topic == "ping" ? "pong" : "ping", turn.Input.Data); return null; });
        var mesh = new TestMesh(Of(Agent("a", "ping", "ping"), Agent("b", "pong", "ping")), guests, new ShardOptions { MeshName = "test", MaxCausalDepth = 10 }).Run();
        mesh.Publish("ping", "x");
        mesh.RunToIdle();
        Assert.Equal(11, mesh.Log().Length);
        var letter = Assert.Single(mesh.Store.Events(), e => e.Origin == EventOrigin.DeadLetter);
        Assert.Contains("max-causal-depth", System.Text.Encoding.UTF8.GetString(letter.Data.Span));
    }

    [Fact]
    public void An_agent_that_fails_on_what_is_said_about_itself_comes_to_rest()
    {
        var guests = new TestGuests().With("touchy", (_, _) => TestGuests.Trap());
        var topology = Of([Group("default", Policy(HealingDirective.Resume))], Agent("touchy", "mesh.agent.> mesh.deadletter.> in.>"));
        var mesh = new TestMesh(topology, guests, new ShardOptions { MeshName = "test", MaxCausalDepth = 3 });
        mesh.Publish("in.a", "x");
        mesh.RunToIdle();
        Assert.Equal(0, mesh.Shard.Backlog);
        Assert.Equal(mesh.Status("touchy").Failures, mesh.Status("touchy").Quarantined);
    }

    [Fact]
    public void Lines_that_a_guest_logs_are_handed_on_up_to_the_limit()
    {
        var guests = new TestGuests().With("talker", (_, turn) => { turn.Log(2, "one"); turn.Log(2, "two"); turn.Log(2, "three"); return null; });
        var talker = Agent("talker", "in.>") with { Limits = AgentLimits.Default with { LogLinesPerTurn = 2 } };
        var mesh = new TestMesh(Of(talker), guests).Run();
        mesh.Publish("in.a");
        Assert.Equal(["talker: one", "talker: two"], mesh.RunToIdle().Lines);
    }
}
