using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class TimerTests
{
    /// <summary>"set NAME MS" sets a timer that it remembers by name, "cancel NAME" takes it back; what else comes is noted.</summary>
    private static GuestFault? Clock(GuestMemory memory, Turn turn)
    {
        var words = TestGuests.TextOf(turn).Split(' ');
        if (turn.Input.Origin != EventOrigin.Timer && words[0] == "set") memory[words[1]] = turn.Schedule(long.Parse(words[2]), words.Length > 3 ? words[3] : "", Encoding.UTF8.GetBytes(words[1]));
        else if (turn.Input.Origin != EventOrigin.Timer && words[0] == "cancel") turn.Cancel(memory[words[1]]);
        else memory.Seen.Add(TestGuests.TextOf(turn));
        return null;
    }

    private static TestMesh Mesh(AgentLimits? limits = null, ShardOptions? options = null) => new TestMesh(
        Of(Agent("clock", "in.>") with { Limits = limits ?? AgentLimits.Default }, Agent("noter", "tick.>")), new TestGuests().With("clock", Clock).With("noter", TestGuests.Note), options).Run();

    private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds(ms);

    [Fact]
    public void Timers_fire_in_the_order_of_due_time_then_of_scheduling()
    {
        var mesh = Mesh();
        foreach (var text in new[] { "set late 300", "set b 200", "set a 100", "set c 200" }) mesh.Publish("in.x", text);
        mesh.Run();
        Assert.Equal(mesh.NowNs + 100_000_000, mesh.Shard.NextAlarmNs);
        Assert.Empty(mesh.Pass(Ms(99)).Seen("clock"));
        Assert.Equal(["a"], mesh.Pass(Ms(1)).Seen("clock"));
        Assert.Equal(["a", "b", "c", "late"], mesh.Pass(Ms(1_000)).Seen("clock"));
        Assert.Null(mesh.Shard.NextAlarmNs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_timer_that_was_due_while_the_shard_was_down_fires_once(bool useStates)
    {
        var mesh = Mesh(options: new ShardOptions { MeshName = "test", StateEveryRecords = 1 });
        mesh.Publish("in.x", "set a 100");
        mesh = mesh.Run().Restart(useStates: useStates).Run();
        Assert.Equal(["a"], mesh.Pass(TimeSpan.FromHours(1)).Seen("clock"));
        mesh = mesh.Restart(useStates: useStates).Run();
        Assert.Equal(["a"], mesh.Pass(TimeSpan.FromHours(1)).Seen("clock"));
    }

    [Fact]
    public void A_timer_with_a_topic_is_published_there_by_its_agent()
    {
        var mesh = Mesh();
        mesh.Publish("in.x", "set a 100 tick.tock");
        Assert.Equal(["tick.tock:a"], mesh.Run().Pass(Ms(100)).Seen("noter"));
        Assert.Equal(EventOrigin.Timer, Assert.Single(mesh.On("tick.tock")).Origin);
    }

    [Fact]
    public void A_cancelled_timer_does_not_fire()
    {
        var mesh = Mesh();
        mesh.Publish("in.x", "set a 100");
        mesh.Publish("in.x", "cancel a");
        Assert.Empty(mesh.Run().Pass(Ms(200)).Seen("clock"));
        Assert.Null(mesh.Shard.NextAlarmNs);
    }

    [Fact]
    public void A_timer_that_fired_and_waits_is_taken_back_by_cancel()
    {
        var mesh = Mesh(options: new ShardOptions { MeshName = "test", MailboxWindow = 1 });
        mesh.Publish("in.x", "set a 100");
        mesh.Run();
        mesh.Publish("in.x", "cancel a");
        mesh.NowNs += 100_000_000;
        mesh.Tick();
        mesh.Publish("in.x", "after");
        Assert.Equal(["after"], mesh.RunToIdle().Seen("clock"));
        Assert.Single(mesh.Store.Events(), e => e.Origin == EventOrigin.Timer);
    }

    [Fact]
    public void A_timer_in_the_mailbox_already_is_skipped_when_the_turn_before_takes_it_back()
    {
        var mesh = Mesh();
        mesh.Publish("in.x", "set a 100");
        mesh.Run();
        mesh.Publish("in.x", "cancel a");
        mesh.NowNs += 100_000_000;
        mesh.Tick();
        foreach (var i in Enumerable.Range(0, 300)) mesh.Publish("in.x", $"{i}");
        Assert.Equal(3, mesh.Actors[mesh.Status("clock").Number].Inbox.Take(3).Count());
        Assert.Equal(300, mesh.RunToIdle().Seen("clock").Length);
        Assert.Equal(0, mesh.Shard.Backlog);
    }

    [Fact]
    public void A_timer_that_fires_between_the_turn_that_takes_it_back_and_its_record_is_skipped()
    {
        var guests = new TestGuests().With("clock", Clock);
        var (shard, now) = (new Shard(new ShardOptions { MeshName = "test" }), 1_000L);
        shard.Open(Of(Agent("clock", "in.>")), now);
        var effects = shard.TakeEffects();
        var identity = new AgentIdentity(0, "clock", 1, shard.Agent(0)!.Definition, (n, _) => shard.Agent(n)!.Name);
        using var runner = AgentRunner.Rebuild(identity, shard.Identity, guests, null, []);
        var token = effects.OfType<RebuildAgent>().Single().Token;
        shard.AgentReady(0, token, now);
        shard.Publish(TestMesh.Batch(TestMesh.Event("in.x", "set a 0", "1"), TestMesh.Event("in.x", "cancel a", "2"), TestMesh.Event("in.x", "end", "3")), null, now);
        var delivered = new Queue<MeshEvent>();
        TurnResult? held = null;
        for (var done = false; !done;)
        {
            foreach (var deliver in shard.TakeEffects().OfType<DeliverEvents>())
                foreach (var e in deliver.Events) delivered.Enqueue(e);
            if (!(done = !delivered.TryDequeue(out var next)) && !runner.Skips(next!))
            {
                var result = runner.Run(next!, token);
                if (result.Outputs is [TimerCancelled])
                {
                    shard.Tick(now);
                    foreach (var deliver in shard.TakeEffects().OfType<DeliverEvents>())
                        foreach (var e in deliver.Events) delivered.Enqueue(e);
                    held = result;
                }
                shard.Complete(result, now);
            }
        }
        Assert.NotNull(held);
        Assert.Equal(0, shard.Backlog);
        Assert.Equal(["end"], GuestMemory.Of(runner.Capture()!.Guest.Span).Seen);
    }

    [Fact]
    public void A_timer_on_a_topic_is_an_event_like_others_once_it_fired()
    {
        var mesh = Mesh();
        mesh.Publish("in.x", "set a 100 in.loop");
        mesh.Run();
        mesh.Publish("in.x", "cancel a");
        mesh.NowNs += 100_000_000;
        mesh.Tick();
        Assert.Equal(["a"], mesh.RunToIdle().Seen("clock"));
    }

    [Fact]
    public void Only_the_agent_that_set_a_timer_takes_it_back()
    {
        var handle = 0L;
        var guests = new TestGuests()
            .With("clock", (memory, turn) => { if (turn.Input.Origin == EventOrigin.Timer) memory.Seen.Add("fired"); else handle = turn.Schedule(100, "", default); return null; })
            .With("thief", (_, turn) => { turn.Cancel(handle); return null; });
        var mesh = new TestMesh(Of(Agent("clock", "in.a"), Agent("thief", "in.b")), guests).Run();
        mesh.Publish("in.a");
        mesh.Run().Publish("in.b");
        Assert.Equal(["fired"], mesh.Run().Pass(Ms(100)).Seen("clock"));
    }

    [Fact]
    public void A_clock_that_sets_its_timer_anew_ticks_for_ever()
    {
        static GuestFault? Tick(GuestMemory memory, Turn turn) { memory["ticks"]++; turn.Schedule(10, "", default); return null; }
        var guests = new TestGuests().With("clock", Tick, (_, turn) => { turn.Schedule(10, "", default); return null; });
        var mesh = new TestMesh(Of(Agent("clock", "")), guests, new ShardOptions { MeshName = "test", MaxCausalDepth = 5 }).Run();
        for (var i = 0; i < 50; i++) mesh.Pass(Ms(10));
        Assert.Equal(50, mesh.Memory("clock")["ticks"]);
    }

    [Fact]
    public void More_pending_timers_than_allowed_fail_the_turn()
    {
        var mesh = Mesh(AgentLimits.Default with { PendingTimers = 2 });
        foreach (var text in new[] { "set a 100", "set b 100", "set c 100" }) mesh.Publish("in.x", text);
        mesh.Run();
        Assert.Equal("pending-timers", mesh.Status("clock").LastFault!.Code);
        mesh.Publish("in.x", "cancel a");
        mesh.Publish("in.x", "set d 100");
        Assert.Equal(["b", "c", "d"], mesh.RunToIdle().Pass(TimeSpan.FromMinutes(1)).Seen("clock").Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pending_timers_are_counted_over_restarts(bool useStates)
    {
        var mesh = Mesh(AgentLimits.Default with { PendingTimers = 2 }, new ShardOptions { MeshName = "test", StateEveryRecords = 1 });
        mesh.Publish("in.x", "set a 100000");
        mesh.Publish("in.x", "set b 100000");
        mesh = mesh.RunToIdle().Restart(useStates: useStates).Run();
        mesh.Publish("in.x", "set c 100000");
        mesh.Run();
        Assert.Equal("pending-timers", mesh.Status("clock").LastFault!.Code);
    }

    [Fact]
    public void A_turn_that_replaces_its_timer_stays_within_the_limit()
    {
        var guests = new TestGuests().With("clock", (memory, turn) => { turn.Cancel(memory["t"]); memory["t"] = turn.Schedule(100, "", default); return null; });
        var mesh = new TestMesh(Of(Agent("clock", "in.>") with { Limits = AgentLimits.Default with { PendingTimers = 1 } }), guests).Run();
        foreach (var _ in Enumerable.Range(0, 5)) mesh.Publish("in.x");
        Assert.Equal(0, mesh.RunToIdle().Status("clock").Failures);
    }

    [Fact]
    public void Pending_timers_do_not_keep_the_shard_from_being_idle()
    {
        var mesh = Mesh();
        mesh.Publish("in.x", "set a 100000");
        Assert.True(mesh.Run().Shard.IsIdle);
    }

    [Fact]
    public void Timers_end_with_the_life_that_set_them()
    {
        var guests = new TestGuests().With("clock", (memory, turn) => TestGuests.TextOf(turn) == "trap" ? TestGuests.Trap() : Clock(memory, turn));
        var mesh = new TestMesh(Of([Group("default", Policy(HealingDirective.Reset))], Agent("clock", "in.>")), guests).Run();
        mesh.Publish("in.x", "set a 100000");
        mesh.Publish("in.x", "trap");
        mesh.RunToIdle();
        Assert.Equal(3, mesh.Status("clock").Incarnation);
        Assert.Null(mesh.Shard.NextAlarmNs);
    }
}
