using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>A module that is watched fails: its agents go back to what they were before they got it, and handle what came since with the one before.</summary>
public sealed class RollBackTests
{
    private static readonly CanaryPolicy Budget = new() { MaxFailures = 1 };

    private static readonly GuestTraits Traits = new() { Version = 1, Layout = 1, Migrates = true, Saves = true, Loads = true };

    /// <summary>A version that notes what it sees and tells of it; a later one that says so, and traps on what begins with an x.</summary>
    private static TestGuests Guests(GuestTraits? traits = null) => new TestGuests { Traits = traits ?? Traits }.With("noter", Handle, Begin).With("worse", HandleWorse, Begin);

    private static GuestFault? Begin(GuestMemory memory, Turn turn)
    {
        turn.Publish("out.began", turn.Input.Data);
        return null;
    }

    private static GuestFault? Handle(GuestMemory memory, Turn turn)
    {
        TestGuests.Note(memory, turn);
        var text = TestGuests.TextOf(turn);
        if (text == "clock") turn.Schedule(60_000, "", "tick"u8.ToArray());
        if (text == "cancel") turn.Cancel(memory["timer"]);
        if (text == "twin") memory["timer"] = turn.Schedule(30_000, "", "twin"u8.ToArray());
        turn.Publish("out.x", turn.Input.Data);
        return null;
    }

    private static GuestFault? HandleWorse(GuestMemory memory, Turn turn)
    {
        memory["worse"]++;
        if (TestGuests.TextOf(turn) == "late") turn.Schedule(1_000, "", "worse tick"u8.ToArray());
        return Handle(memory, turn) ?? (TestGuests.TextOf(turn).StartsWith('x') ? TestGuests.Trap() : null);
    }

    private static AgentDefinition Noter(string group = "resuming") => Agent("noter", "in.>") with { Group = group };

    private static AgentDefinition Family => Family("keyed", "key.*", 2, "noter") with { Group = "resuming", PassivateIdleAfter = TimeSpan.FromMinutes(1) };

    private static MeshTopology Mesh(params AgentDefinition[] agents) => Of(
        [
            Group("resuming", Policy(HealingDirective.Resume)), Group("stopping", Policy(HealingDirective.Stop)),
            Group("resetting", Policy(HealingDirective.Reset) with { EventRetries = 0 }),
        ], agents);

    private static AgentDefinition Worse(AgentDefinition definition) => definition with { ModuleHash = "worse" };

    private static TestMesh Start(AgentDefinition agent, params string[] texts) => Publish(new TestMesh(Mesh(agent), Guests(), replaces: true).RunToIdle(), texts);

    private static TestMesh Publish(TestMesh mesh, params string[] texts) => PublishOn(mesh, "in.a", texts);

    private static TestMesh PublishOn(TestMesh mesh, string topic, params string[] texts)
    {
        foreach (var text in texts) mesh.Publish(topic, text);
        return mesh.RunToIdle();
    }

    /// <summary>The change, as a node makes it: agents that are awake are made ready first.</summary>
    private static TestMesh Replace(TestMesh mesh, AgentDefinition agent, MoveRequest move = MoveRequest.Auto, CanaryPolicy? canary = null)
    {
        Assert.Equal(TopologyOutcome.Applied, mesh.ReplaceToTheEnd(Mesh(agent), canary ?? Budget, move)!.Outcome);
        return mesh;
    }

    private static string[] Out(TestMesh mesh) => [.. mesh.On("out.x").Select(e => Encoding.UTF8.GetString(e.Data.Span))];

    [Theory]
    [InlineData(MoveRequest.Layout)]
    [InlineData(MoveRequest.Migrate)]
    [InlineData(MoveRequest.Save)]
    [InlineData(MoveRequest.Replay)]
    [InlineData(MoveRequest.None)]
    public void The_agent_has_the_state_that_it_would_have_had_and_what_it_emitted_stands(MoveRequest move)
    {
        var mesh = Replace(Start(Noter(), "1", "2"), Worse(Noter()), move);
        Publish(mesh, "3", "xa", "4", "xb", "5");
        Assert.Equal("noter", mesh.Shard.Topology!.Agents[0].ModuleHash);
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3", "in.a:xa", "in.a:4", "in.a:xb", "in.a:5"], mesh.Seen("noter"));
        Assert.Equal(Start(Noter(), "1", "2", "3", "xa", "4", "xb", "5").Memory("noter").Numbers, mesh.Memory("noter").Numbers);
        Assert.Equal(["1", "2", "3", "4", "5", "xa", "xb"], Out(mesh).Order()); // what the worse version could not handle is emitted now, the rest not twice
        Assert.Equal((3, 0), (mesh.Status("noter").Incarnation, mesh.Status("noter").Quarantined));
        Assert.Equal(move == MoveRequest.None ? 2 : 1, mesh.On("out.began").Length);
        mesh = mesh.Restart();
        Assert.Equal(7, mesh.RunToIdle().Seen("noter").Length);
    }

    [Fact]
    public void One_that_slept_through_it_keeps_what_it_had()
    {
        var mesh = PublishOn(Start(Family), "key.a", "1");
        PublishOn(mesh, "key.b", "1").Pass(TimeSpan.FromMinutes(2)).RunToIdle();
        foreach (var name in new[] { "keyed/a", "keyed/b" }) mesh.Passivate(name);
        Replace(mesh.RunToIdle(), Worse(Family));
        PublishOn(mesh, "key.b", "xa", "xb");
        Assert.Equal((3, 3), (mesh.Status("keyed/a").Incarnation, mesh.Status("keyed/b").Incarnation));
        PublishOn(mesh, "key.a", "2");
        Assert.Equal(["key.a:1", "key.a:2"], mesh.Seen("keyed/a"));
        Assert.Equal((0, 2), (mesh.Memory("keyed/a")["worse"], (int)mesh.Memory("keyed/a")["count"]));
        Assert.Equal(["key.b:1", "key.b:xa", "key.b:xb"], mesh.Seen("keyed/b"));
    }

    [Fact]
    public void One_that_slept_and_whose_events_the_version_cannot_handle_again_fails_by_it_and_goes_back()
    {
        var mesh = PublishOn(PublishOn(PublishOn(Start(Family), "key.a", "1", "xa"), "key.b", "1"), "key.c", "xc");
        foreach (var name in new[] { "keyed/a", "keyed/b", "keyed/c" }) mesh.Passivate(name);
        Replace(mesh.RunToIdle(), Worse(Family), MoveRequest.Replay);
        PublishOn(mesh, "key.b", "2");
        Assert.Equal(("worse", 1), (mesh.Status("keyed/b").ModuleHash, (int)mesh.Shard.Canaries.Count));
        PublishOn(mesh, "key.a", "2");
        Assert.Equal((1, AgentState.Stopped), (Assert.Single(mesh.Shard.Canaries).Failures, mesh.Status("keyed/a").State));
        PublishOn(mesh, "key.c", "2");
        Assert.Contains("failed more than 1 times", mesh.Shard.TopologyChanges[^1].Reason);
        Assert.Equal(["key.a:1", "key.a:xa", "key.a:2"], mesh.Seen("keyed/a"));
        Assert.Equal((0, AgentState.Running, "noter"), ((int)mesh.Memory("keyed/a")["worse"], mesh.Status("keyed/a").State, mesh.Status("keyed/a").ModuleHash));
        var failed = Encoding.UTF8.GetString(mesh.On("mesh.agent.keyed.a.failed")[0].Data.Span);
        Assert.Contains("failed at", failed);
        Assert.Contains("when it was replayed, where it had succeeded", failed);
    }

    /// <summary>It sleeps through two changes. Whether it can be moved to the first version at all nobody knows when the second is taken back.</summary>
    [Theory]
    [InlineData("1", "worse", AgentState.Running)]
    [InlineData("xa", "worse", AgentState.Stopped)]
    public void One_that_had_yet_to_move_at_the_change_has_yet_to_move_when_that_is_taken_back(string text, string module, AgentState state)
    {
        var mesh = PublishOn(Start(Family), "key.a", text);
        mesh.Passivate("keyed/a");
        Replace(mesh.RunToIdle(), Worse(Family), MoveRequest.Replay).NowNs = mesh.Shard.NextAlarmNs!.Value;
        mesh.Tick();
        Assert.Empty(mesh.RunToIdle().Shard.Canaries);
        var next = Worse(Family) with { ModuleHash = "worse#2" };
        Replace(mesh, next);
        mesh = mesh.Restart().RunToIdle();
        mesh.Abort(new OperatorRequest("an abort"), "keyed");
        mesh.RunToIdle();
        Assert.Equal(("worse", AgentState.Asleep, 4), (mesh.Shard.Topology!.Agents[0].ModuleHash, mesh.Status("keyed/a").State, mesh.Status("keyed/a").Incarnation));
        mesh = mesh.Restart().RunToIdle();
        PublishOn(mesh, "key.a", "2");
        Assert.Equal((module, state), (mesh.Status("keyed/a").ModuleHash, mesh.Status("keyed/a").State));
        if (state == AgentState.Running) Assert.Equal(("key.a:1 key.a:2", 2L), (string.Join(' ', mesh.Seen("keyed/a")), mesh.Memory("keyed/a")["worse"]));
        else Assert.Contains("when it was replayed, where it had succeeded", Encoding.UTF8.GetString(mesh.On("mesh.agent.keyed.a.failed")[^1].Data.Span));
    }

    [Fact]
    public void One_that_is_awake_refuses_a_version_that_cannot_handle_its_events_again()
    {
        var mesh = Start(Noter(), "1", "xa");
        Assert.Equal((null, "noter"), (mesh.ReplaceToTheEnd(Mesh(Worse(Noter())), move: MoveRequest.Replay), mesh.Shard.Topology!.Agents[0].ModuleHash));
        Assert.Equal(["in.a:1", "in.a:xa", "in.a:2"], Publish(mesh, "2").Seen("noter"));
    }

    [Fact]
    public void One_that_came_to_be_since_begins_anew_and_handles_all_that_it_had()
    {
        var mesh = Replace(PublishOn(Start(Family), "key.a", "1"), Worse(Family));
        PublishOn(mesh, "key.new", "1", "xa", "2", "xb");
        Assert.Equal((2, 0), (mesh.Status("keyed/new").Incarnation, mesh.Status("keyed/new").Quarantined));
        Assert.Equal(["key.new:1", "key.new:xa", "key.new:2", "key.new:xb"], mesh.Seen("keyed/new"));
        Assert.Equal(0, mesh.Memory("keyed/new")["worse"]);
        Assert.Equal(2, mesh.On("out.began").Length); // one each: what a turn 0 of the worse version emitted stands
        Assert.Equal(["1", "1", "2", "xa", "xb"], Out(mesh));
    }

    [Theory, InlineData("worse", "keyed"), InlineData("noter", "other")]
    public void One_that_is_to_begin_anew_tells_nothing_twice_whatever_it_becomes_before(string module, string name)
    {
        var mesh = Replace(PublishOn(Start(Family), "key.a", "1"), Worse(Family));
        PublishOn(mesh, "key.new", "1");
        Assert.Equal(2, mesh.On("out.began").Length);
        Assert.Null(mesh.Shard.Pause("keyed/new", mesh.NowNs));
        var abort = new OperatorRequest("an abort");
        mesh.Abort(abort, "keyed");
        mesh.RunToIdle();
        Assert.True(abort.IsDone);
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(Mesh(Family with { Name = name, RenamedFrom = name == "keyed" ? null : "keyed", ModuleHash = module })).Outcome);
        Assert.Equal(2, mesh.Restart().RunToIdle().On("out.began").Length);
        Assert.Null(mesh.Shard.Resume($"{name}/new", mesh.NowNs));
        mesh.RunToIdle();
        Assert.Equal(["key.new:1"], mesh.Seen($"{name}/new"));
        Assert.Equal(2, mesh.On("out.began").Length);
    }

    [Fact]
    public void One_that_began_anew_since_has_its_state_again()
    {
        var mesh = Replace(Start(Noter("resetting"), "1"), Worse(Noter("resetting")));
        Publish(mesh, "2", "xa", "3", "xb", "4");
        Assert.Equal(["in.a:1", "in.a:2", "in.a:xa", "in.a:3", "in.a:xb", "in.a:4"], mesh.Seen("noter"));
        Assert.Equal(0, mesh.Memory("noter")["worse"]);
    }

    [Fact]
    public void One_that_a_failure_stopped_comes_back_and_misses_nothing()
    {
        var mesh = PublishOn(Start(Family with { Group = "stopping" }), "key.a", "1");
        Replace(mesh, Worse(Family with { Group = "stopping" }));
        PublishOn(mesh, "key.a", "xa", "2");
        Assert.Equal(AgentState.Stopped, mesh.Status("keyed/a").State);
        PublishOn(mesh, "key.a", "3");
        PublishOn(mesh, "key.b", "xb", "4");
        Assert.Equal(["key.a:1", "key.a:xa", "key.a:2", "key.a:3"], mesh.Seen("keyed/a"));
        Assert.Equal(["key.b:xb", "key.b:4"], mesh.Seen("keyed/b"));
        Assert.Equal(["1", "xa", "2", "3", "xb", "4"], Out(mesh));
        Assert.Contains("\"agents_set_back\":2,\"agents\":[\"keyed/a\",\"keyed/b\"],\"agents_stopped\":0", Encoding.UTF8.GetString(Assert.Single(mesh.On(Shard.RolledBackTopic)).Data.Span));
    }

    /// <summary>The records of agents that a version stopped, of one that came to be under it, of a timer that it took back; and of their way back.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = PublishOn(Start(Family with { Group = "stopping" }), "key.a", "clock", "twin");
        PublishOn(mesh, "key.watcher", "1");
        Replace(mesh, Worse(Family with { Group = "stopping" }));
        PublishOn(mesh, "key.new", "1");
        PublishOn(mesh, "key.a", "cancel", "xa", "2");
        return PublishOn(mesh, "key.b", "xb", "4").Store.Records();
    }

    [Fact]
    public void Timers_that_were_set_before_fire_though_a_life_since_has_forgotten_them_and_those_set_since_do_not()
    {
        var mesh = Replace(Start(Noter("resetting"), "clock", "twin"), Worse(Noter("resetting")));
        Publish(mesh, "late", "cancel", "xa", "xb");
        mesh.Pass(TimeSpan.FromMinutes(2)).RunToIdle();
        Assert.Equal(["in.a:clock", "in.a:twin", "in.a:late", "in.a:cancel", "in.a:xa", "in.a:xb", "mesh.inbox.noter:tick"], mesh.Seen("noter"));
    }

    [Fact]
    public void What_fired_since_is_handled_again_and_what_only_answers_what_is_undone_is_not()
    {
        var mesh = Replace(Start(Noter(), "twin"), Worse(Noter()));
        Publish(mesh, "late");
        mesh.Pass(TimeSpan.FromSeconds(40)).RunToIdle();
        Assert.Equal(["in.a:twin", "in.a:late", "mesh.inbox.noter:worse tick", "mesh.inbox.noter:twin"], mesh.Seen("noter"));
        Publish(mesh, "xa", "xb");
        Assert.Equal(["in.a:twin", "in.a:late", "mesh.inbox.noter:twin", "in.a:xa", "in.a:xb"], mesh.Seen("noter"));
    }

    [Fact]
    public void A_fork_that_was_made_since_goes_back_to_what_its_origin_was()
    {
        var mesh = Replace(Start(Noter(), "1"), Worse(Noter()));
        Publish(mesh, "2");
        var fork = new OperatorRequest("a fork") { Agent = "noter", Name = "copy" };
        mesh.CommitAll().Fork(fork);
        mesh.RunToIdle();
        Assert.True(fork.IsDone);
        Publish(mesh, "xa", "xb");
        Assert.Equal(["in.a:1", "in.a:2"], mesh.Seen("copy"));
        Assert.Equal((2, 0L), (mesh.Status("copy").Incarnation, mesh.Memory("copy")["worse"]));
        Assert.Equal(["in.a:1", "in.a:2", "in.a:xa", "in.a:xb"], mesh.Seen("noter"));
    }

    [Theory]
    [InlineData(RewindInputs.Dropped, "1", "1 2 3 xb")]
    [InlineData(RewindInputs.Reprocessed, "1 2 xa 3 xb", "1 2 3 2 xa 3 xb")]
    public void What_came_since_can_be_dropped_or_emitted_again(RewindInputs inputs, string seen, string emitted)
    {
        var mesh = Replace(Start(Noter(), "1"), Worse(Noter()), canary: Budget with { Inputs = inputs });
        Publish(mesh, "2", "xa", "3", "xb");
        Assert.Equal(seen.Split(' ').Select(text => $"in.a:{text}"), mesh.Seen("noter"));
        Assert.Equal(inputs == RewindInputs.Dropped ? emitted.Split(' ')[..3] : emitted.Split(' '), Out(mesh));
        Assert.Equal(inputs == RewindInputs.Dropped ? 2 : 0, mesh.Status("noter").Quarantined);
    }

    [Fact]
    public void An_operator_keeps_what_is_watched_or_takes_it_back()
    {
        var mesh = Replace(Start(Noter(), "1"), Worse(Noter()));
        Publish(mesh, "2");
        var (abort, again) = (new OperatorRequest("an abort"), new OperatorRequest("an abort"));
        mesh.Abort(abort, "noter");
        mesh.Abort(again, "noter");
        Assert.Equal((1, false), (again.Answers, again.IsDone));
        mesh.RunToIdle();
        Assert.True(abort.IsDone);
        Assert.Equal(["in.a:1", "in.a:2"], mesh.Seen("noter"));
        Assert.Equal((0L, TopologyAuthor.Operator), (mesh.Memory("noter")["worse"], mesh.Shard.TopologyChanges[^1].Author));
        Assert.Equal("No change of 'noter' is watched.", mesh.Shard.PromoteCanary("noter", mesh.NowNs));
        Replace(mesh, Worse(Noter()));
        Assert.Null(mesh.Shard.PromoteCanary("noter", mesh.NowNs));
        Publish(mesh, "xa", "xb", "xc");
        Assert.Equal(("worse", 3), (mesh.Shard.Topology!.Agents[0].ModuleHash, mesh.Status("noter").Quarantined));
    }

    [Fact]
    public void A_crash_at_any_record_leaves_it_as_it_was_or_sets_it_back_and_nothing_between()
    {
        var mesh = Replace(Start(Noter(), "1"), Worse(Noter()));
        Publish(mesh, "2", "xa", "xb");
        for (var blocks = 1; blocks <= mesh.Store.Blocks.Count; blocks++)
        {
            var back = mesh.Restart(blocks: blocks, useStates: blocks % 2 == 0, topology: Mesh(Noter()));
            back = new TestMesh(Mesh(Noter()), mesh.Guests, mesh.Options, back.Store, replaces: true, nowNs: mesh.NowNs).RunToIdle();
            var has = back.Store.Records().OfType<EventRecord>().Where(r => r.Event.Topic == "in.a").Select(r => $"in.a:{Encoding.UTF8.GetString(r.Event.Data.Span)}").ToArray();
            Assert.Equal(has, back.Seen("noter"));
            Assert.Equal(back.Shard.Topology!.Agents[0].ModuleHash == "worse" ? has.Length - 1 : 0, back.Memory("noter")["worse"]);
        }
    }

    [Fact]
    public void The_log_and_the_image_that_a_way_back_needs_are_held()
    {
        var noter = Noter() with { SnapshotEveryTurns = 2, KeepSnapshots = 1, KeepOlderSnapshots = 0 };
        var mesh = Start(noter, "1", "2");
        Replace(mesh, Worse(noter));
        Publish(mesh, [.. Enumerable.Range(3, 20).Select(i => $"{i}")]);
        var hold = Assert.Single(mesh.Shard.Holds(), h => h.Reason == LogHoldReason.Watched);
        Assert.True(hold.From < mesh.Shard.TopologyAt.Offset && hold.Agent == "noter");
        Assert.Equal(2, mesh.Shard.ImagesOf("noter").Length);
        Publish(mesh, "xa", "xb");
        Assert.Equal([.. Enumerable.Range(1, 22).Select(i => $"in.a:{i}"), "in.a:xa", "in.a:xb"], mesh.Seen("noter"));
        Assert.DoesNotContain(mesh.Shard.Holds(), h => h.Reason == LogHoldReason.Watched);
    }

    [Fact]
    public void An_agent_that_went_back_can_go_further_back_and_never_to_what_the_version_made()
    {
        var mesh = Replace(Start(Noter(), "1", "2"), Worse(Noter()));
        Publish(mesh, "3", "xa", "xb");
        var bad = new OperatorRequest("a way back") { Agent = "noter", Target = new RewindTarget { To = mesh.On("in.a")[2].Offset } };
        var good = new OperatorRequest("a way back") { Agent = "noter", Target = new RewindTarget { Turns = 4, Inputs = RewindInputs.Dropped } };
        mesh.Rewind(good);
        mesh.RunToIdle();
        Assert.True(good.IsDone);
        Assert.Equal(["in.a:1"], mesh.Seen("noter"));
        mesh.Rewind(bad);
        mesh.RunToIdle();
        Assert.Equal(0, mesh.Memory("noter")["worse"]);
    }
}
