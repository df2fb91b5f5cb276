using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Agents, families and pools get other names, and all that is their own stays their own.</summary>
public sealed class RenameTests
{
    private static readonly GuestTraits Traits = new() { Version = 1, Layout = 1, Migrates = true, Saves = true, Loads = true };

    /// <summary>Notes its own name, topic and text; does what the text says.</summary>
    private static TestGuests Guests() => new TestGuests { Traits = Traits }.With("noter", Handle).With("other", Handle).With("answerer", (memory, turn) =>
    {
        memory.Seen.Add(TestGuests.TextOf(turn));
        if (turn.Input.Origin == EventOrigin.Request) turn.Reply("yes"u8.ToArray());
        return null;
    });

    private static GuestFault? Handle(GuestMemory memory, Turn turn)
    {
        var text = turn.Input.Origin == EventOrigin.Timer ? "fired" : TestGuests.TextOf(turn);
        memory.Seen.Add($"{turn.Agent.Name} {turn.Input.Topic} {text}");
        switch (text.Split(' '))
        {
            case ["tell", var to]: turn.Send(to, "hello"u8.ToArray()); break;
            case ["emit"]: turn.Publish("out.x", turn.Input.Data); break;
            case ["timer"]: memory["timer"] = turn.Schedule(60_000, "", default); break;
            case ["twins"]: (memory["one"], memory["two"]) = (turn.Schedule(1_000, "", default), turn.Schedule(1_000, "", default)); break;
            case ["fired"] when memory["two"] != 0: turn.Cancel(memory["two"]); break;
            case ["ask"]: turn.Request("ask", turn.Input.Data, 600_000); break;
            case ["watch", var whom]: turn.Watch(whom); break;
            case ["spawn", var whom]: turn.Spawn(whom); break;
        }
        return text.StartsWith("trap", StringComparison.Ordinal) ? TestGuests.Trap() : null;
    }

    private static AgentDefinition Noter(string name, string subscribe = "in.>") => Agent(name, subscribe, "noter") with { SnapshotEveryTurns = 3, HashEveryTurns = 1 };

    private static AgentDefinition From(string old, AgentDefinition agent) => agent with { RenamedFrom = old };

    private static TestMesh Start(params AgentDefinition[] agents) => new TestMesh(Of(agents), Guests(), replaces: true).RunToIdle();

    private static TestMesh Publish(TestMesh mesh, params string[] texts)
    {
        foreach (var text in texts) mesh.Publish("in.a", text);
        return mesh.RunToIdle();
    }

    private static TestMesh Change(TestMesh mesh, params AgentDefinition[] agents)
    {
        var answer = mesh.Apply(Of(agents));
        Assert.True(answer.Outcome == TopologyOutcome.Applied, $"{answer.Outcome}: {answer.Plan.Problems.FirstOrDefault()?.Message}");
        return mesh.RunToIdle();
    }

    private static string Refused(TestMesh mesh, params AgentDefinition[] agents)
    {
        var before = mesh.Shard.NextOffset;
        var answer = mesh.Apply(Of(agents));
        Assert.Equal((TopologyOutcome.Refused, before), (answer.Outcome, mesh.Shard.NextOffset));
        return Assert.Single(answer.Plan.Problems).Message;
    }

    private static string[] Texts(TestMesh mesh, string agent) => [.. mesh.Seen(agent).Select(s => s.Split(' ', 3)[2])];

    /// <summary>Memories do not change by a restart from the log alone, and neither does what the shard knows.</summary>
    private static TestMesh Restarted(TestMesh mesh)
    {
        mesh.RunToIdle().CommitAll();
        var live = mesh.Shard.SaveState().ToArray();
        var shard = new Shard(mesh.Options);
        foreach (var block in mesh.Store.Blocks) shard.Recover(block);
        Assert.True(live.AsSpan().SequenceEqual(shard.SaveState().Span), "A shard that recovers knows something else.");
        var again = new Shard(mesh.Options);
        again.Restore(live);
        Assert.True(live.AsSpan().SequenceEqual(again.SaveState().Span), "A shard that is restored knows something else.");
        return mesh.Restart(useStates: false).RunToIdle();
    }

    /// <summary>The records of a mesh in which an agent, a family and a pool are renamed.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = Publish(Start(Noter("a"), Family("f", "kin.*", 2, "noter"), Agent("p", "work.>", "noter") with { Pool = new PoolPolicy { Size = 2, Partitions = 8 } }), "1", "timer", "trap", "watch a");
        mesh.Publish("kin.k", "1");
        mesh.Publish("work.x", "1", subject: "s");
        Change(mesh.RunToIdle(), From("a", Noter("b")), From("f", Family("g", "kin.*", 2, "noter")), From("p", Agent("q", "work.>", "noter") with { Pool = new PoolPolicy { Size = 2, Partitions = 8 } }));
        return Publish(mesh, "2").CommitAll().Store.Records();
    }

    [Fact]
    public void An_agent_goes_on_under_another_name_with_its_state_and_loses_and_repeats_no_event()
    {
        var mesh = Publish(Start(Noter("a")), "1", "2", "3", "4");
        foreach (var text in new[] { "5", "6" }) mesh.Publish("in.a", text);
        var answer = mesh.Apply(Of(From("a", Noter("b"))));
        var step = Assert.Single(answer.Plan.Steps);
        Assert.Equal((TopologyStepKind.AgentRenamed, "agents.b", 1, "1 agent renamed"), (step.Kind, step.Path, step.Living, answer.Plan.Summary));
        Assert.Equal(new FieldChange("name", "a", "b"), Assert.Single(step.Fields));
        Publish(mesh.RunToIdle(), "7");

        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], Texts(mesh, "b"));
        Assert.Equal(["a", "b"], mesh.Seen("b").Select(s => s.Split(' ')[0]).Distinct());
        Assert.Equal((0, 2, 0), (mesh.Status("b").Number, mesh.Status("b").Incarnation, mesh.Status("b").Failures));
        Assert.Null(mesh.Shard.FindAgent("a"));
        Assert.Contains("from 'a'", Encoding.UTF8.GetString(Assert.Single(mesh.On("mesh.agent.b.renamed")).Data.Span));
        Assert.Empty(mesh.On("mesh.agent.a.stopped"));
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7"], Texts(Restarted(mesh), "b"));
    }

    [Fact]
    public void Timers_requests_and_what_waits_reach_it_under_its_new_name()
    {
        var mesh = Publish(Start(Noter("a"), Agent("answerer", "ask")), "twins");
        Do(mesh, mesh.Shard.Pause("answerer", mesh.NowNs));
        Publish(mesh, "ask", "tell a");
        Change(mesh, From("a", Noter("b")), Agent("answerer", "ask"));
        Publish(mesh, "tell a");
        Do(mesh, mesh.Shard.Resume("answerer", mesh.NowNs));
        mesh.Pass(TimeSpan.FromMinutes(1)).RunToIdle();

        Assert.Equal(["twins", "ask", "tell a", "hello", "tell a", "yes", "fired"], Texts(mesh, "b"));
        Assert.Equal("mesh.inbox.b", mesh.Seen("b")[^1].Split(' ')[1]);
        Assert.Equal(["mesh.inbox.b"], mesh.Store.Events().Where(e => e.Origin == EventOrigin.Reply).Select(e => e.Topic));
        Assert.Contains("there is no running agent with the private topic 'mesh.inbox.a'", Encoding.UTF8.GetString(Assert.Single(mesh.On("mesh.deadletter.b")).Data.Span));
        Restarted(mesh);
    }

    [Fact]
    public void A_timer_that_fired_before_is_taken_back_after()
    {
        var mesh = Publish(Start(Noter("a")), "twins");
        Do(mesh, mesh.Shard.Pause("a", mesh.NowNs));
        mesh.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(2, mesh.Status("a").Pending);
        Change(mesh, From("a", Noter("b")));
        Do(mesh, mesh.Shard.Resume("b", mesh.NowNs));
        Assert.Equal(["twins", "fired"], Texts(mesh, "b"));
        Assert.Equal(0, mesh.Status("b").Pending);
    }

    [Fact]
    public void Pause_quarantine_watches_and_failures_stay_its_own()
    {
        var policy = Policy(HealingDirective.Restart) with { EventRetries = 0 };
        MeshTopology With(params AgentDefinition[] agents) => Of([Group(GroupDefinition.Default, policy)], agents);
        var mesh = Publish(new TestMesh(With(Noter("a"), Noter("w", "see.>")), Guests()).RunToIdle(), "1", "trap", "2");
        mesh.Publish("see.x", "watch a");
        mesh.RunToIdle().Pass(TimeSpan.FromMinutes(5));
        var aside = Assert.Single(mesh.Shard.Quarantine("a"));
        Do(mesh, mesh.Shard.Pause("a", mesh.NowNs));
        Publish(mesh, "3");
        mesh.Apply(With(From("a", Noter("b")), Noter("w", "see.>")));
        mesh = Restarted(mesh);

        Assert.Equal((AgentState.Paused, 1, 1), (mesh.Status("b").State, mesh.Status("b").Pending, mesh.Status("b").Failures));
        Assert.Equal([("b", aside.Input)], mesh.Shard.Quarantine("b").Select(q => (q.Agent, q.Input)));
        Do(mesh, mesh.Shard.Resume("b", mesh.NowNs));
        Do(mesh, mesh.Shard.Release("b", mesh.Store.Events().First(e => e.Offset == aside.Input), "4"u8.ToArray(), mesh.NowNs));
        Assert.Equal(["1", "2", "3", "4"], Texts(mesh, "b"));
        mesh.Apply(With(Noter("w", "see.>")));
        Assert.Contains("\"b\"", mesh.RunToIdle().Seen("w")[^1]);
        Assert.Single(mesh.On("mesh.inbox.w"));
    }

    [Fact]
    public void Every_member_of_a_family_is_renamed_those_included_that_sleep_or_are_stopped_and_children_keep_their_parent()
    {
        var mesh = Publish(Start(Noter("a"), Family("f", "kin.*", 2, "noter") with { PassivateIdleAfter = TimeSpan.FromSeconds(1) }), "spawn f/c", "spawn f/s");
        foreach (var key in new[] { "k", "l", "c", "s" }) mesh.Publish($"kin.{key}", key);
        mesh.RunToIdle().Passivate("f/k");
        mesh.RunToIdle();
        Change(mesh, From("a", Noter("b")), From("f", Family("g", "kin.*", 2, "noter")));
        foreach (var key in new[] { "k", "l", "c", "m" }) mesh.Publish($"kin.{key}", $"{key}2");
        mesh = Restarted(mesh.RunToIdle());

        Assert.Equal(["k", "k2"], Texts(mesh, "g/k"));
        Assert.Equal(["l", "l2"], Texts(mesh, "g/l"));
        Assert.Equal(["m2"], Texts(mesh, "g/m"));
        Assert.Equal(["b", "g/c", "g/k", "g/l", "g/m", "g/s"], mesh.Shard.Agents.Select(a => a.Name).Order());
        Assert.Equal((mesh.Status("b").Number, 5), (mesh.Store.Records().OfType<AgentRecord>().Last(r => r.Name == "g/c").Parent, mesh.Shard.Agents.Count(a => a.Definition == "g")));
    }

    [Fact]
    public void A_pool_keeps_its_partitions_and_what_waits_for_its_members()
    {
        var pool = new PoolPolicy { Size = 3, Partitions = 8 };
        var mesh = Start(Agent("p", "work.>", "noter") with { Pool = pool });
        for (var i = 0; i < 12; i++) mesh.Publish("work.x", $"k{i}", subject: $"k{i}");
        Do(mesh.RunToIdle(), mesh.Shard.Pause("p/2", mesh.NowNs));
        for (var i = 0; i < 12; i++) mesh.Publish("work.x", $"k{i}", subject: $"k{i}");
        mesh.Run();
        Change(mesh, From("p", Agent("q", "work.>", "noter") with { Pool = pool }));
        Do(mesh, mesh.Shard.Resume("q/2", mesh.NowNs));
        for (var i = 0; i < 12; i++) mesh.Publish("work.x", $"k{i}", subject: $"k{i}");
        mesh = Restarted(mesh.RunToIdle());

        Assert.Single(mesh.Store.Events(), e => e.Topic.StartsWith("mesh.pool.", StringComparison.Ordinal));
        var seen = new[] { "q/1", "q/2", "q/3" }.ToDictionary(m => m, m => Texts(mesh, m));
        Assert.Equal(36, seen.Values.Sum(texts => texts.Length));
        for (var i = 0; i < 12; i++) Assert.Equal(3, Assert.Single(seen.Values, texts => texts.Contains($"k{i}")).Count(t => t == $"k{i}"));
    }

    [Fact]
    public void Another_agent_may_have_the_old_name_and_no_id_is_given_twice_whoever_has_which_name()
    {
        var mesh = Publish(Start(Noter("a")), "emit", "emit");
        Change(mesh, From("a", Noter("b")));
        Change(Publish(mesh, "emit"), Noter("b"), Noter("a") with { SubscribeFrom = new SubscriptionStart(SubscriptionStartKind.Beginning) });
        Assert.NotEqual(mesh.Status("a").Number, mesh.Status("b").Number);
        Change(Publish(mesh, "emit"), From("a", Noter("c")), Noter("b"));
        Change(Publish(mesh, "emit"), Noter("c"), From("b", Noter("a")));
        Publish(mesh, "emit");

        var ids = mesh.On("out.x").Select(mesh.Shard.Identity.IdOf).ToArray();
        Assert.Equal(12, ids.Length);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(["/meshes/test/agents/a", "/meshes/test/agents/a", "/meshes/test/agents/b"], mesh.On("out.x").Where(e => e.Agent == 0).Take(3).Select(mesh.Shard.Identity.SourceOf));
        Assert.Equal([0, 1], new[] { "a", "c" }.Select(name => mesh.Status(name).Number));
        Restarted(mesh);
    }

    [Fact]
    public void A_rename_may_come_with_another_module_and_other_fields()
    {
        var mesh = Publish(Start(Noter("a")), "1", "2");
        var target = Of(From("a", Noter("b") with { ModuleHash = "other", MaxKeys = 7 }));
        var step = Assert.Single(mesh.Shard.PlanTopology(target).Steps);
        Assert.Equal((TopologyStepKind.AgentRenamed, MoveWay.Layout, "name module max-keys"), (step.Kind, step.Move?.Way, string.Join(' ', step.Fields.Select(f => f.Field))));
        mesh.Apply(target);
        mesh = Restarted(Publish(mesh.RunToIdle(), "3"));
        Assert.Equal(["1", "2", "3"], Texts(mesh, "b"));
    }

    [Fact]
    public void Who_has_not_made_its_first_turn_or_has_yet_to_move_its_state_does_so_under_the_new_name()
    {
        var mesh = Start(Noter("a"), Family("f", "kin.*", 2, "noter") with { PassivateIdleAfter = TimeSpan.FromSeconds(1) });
        mesh.Publish("kin.k", "1");
        mesh.RunToIdle().Passivate("f/k");
        var family = Family("f", "kin.*", 2, "other") with { PassivateIdleAfter = TimeSpan.FromSeconds(1) };
        Change(mesh.RunToIdle(), Noter("a"), family);
        Assert.NotNull(mesh.Shard.PlanRebuild(mesh.Status("f/k").Number, 0).Due);
        mesh.Apply(Of(Noter("a"), family, Noter("new")));
        mesh.Apply(Of(Noter("a"), From("f", family with { Name = "g" }), From("new", Noter("newer"))));
        mesh.Publish("kin.k", "2");
        mesh = Restarted(Publish(mesh.RunToIdle(), "x"));
        Assert.Equal(["1", "2"], Texts(mesh, "g/k"));
        Assert.Equal(["x"], Texts(mesh, "newer"));
    }

    [Fact]
    public void An_agent_and_the_mesh_go_back_to_before_it_was_renamed_and_keep_the_new_name()
    {
        var mesh = Publish(Start(Noter("a"), Noter("w", "see.>")), "1", "timer");
        mesh.Publish("see.x", "watch a");
        mesh.RunToIdle();
        var cut = mesh.Shard.NextOffset - 1;
        Change(Publish(mesh, "2"), From("a", Noter("b")), Noter("w", "see.>"));
        Publish(mesh, "3");
        var number = mesh.Status("b").Number;
        mesh.Shard.Rewind("b", new RewindTarget { To = cut, Inputs = RewindInputs.Dropped }, new object(), mesh.NowNs);
        mesh.Tick();
        Publish(mesh.RunToIdle(), "4");
        Assert.Equal(["1", "timer", "4"], Texts(mesh, "b"));

        mesh.CommitAll();
        mesh.Shard.RewindMesh(CutAt(mesh, cut), false, new object(), mesh.NowNs);
        mesh.Pass(TimeSpan.FromMinutes(2)).RunToIdle();
        Assert.Equal(number, mesh.Status("b").Number);
        Assert.Equal(["1", "timer", "fired"], Texts(mesh, "b"));
        Change(mesh, Noter("w", "see.>"));
        Assert.Contains("\"b\"", mesh.Seen("w")[^1]);
        Assert.Equal(["a"], CutAt(mesh, cut).Agents.Select(a => a.Name).Except(["w"]));
        Restarted(mesh);
    }

    [Fact]
    public void A_topology_of_old_gives_the_old_names_back_with_what_is_theirs_now()
    {
        var mesh = Publish(Start(Noter("a"), Family("f", "kin.*", 2, "noter")), "1");
        mesh.Publish("kin.k", "1");
        var cut = mesh.RunToIdle().Shard.NextOffset - 1;
        Change(mesh, From("a", Noter("b")), From("f", Family("g", "kin.*", 2, "noter")));
        Change(Publish(mesh, "2"), From("b", Noter("c")), From("f", Family("g", "kin.*", 2, "noter")));
        var back = mesh.CommitAll().Shard.BackTo(CutAt(mesh, cut));
        Assert.Equal(["c", "g"], back.Agents.Select(a => a.RenamedFrom));
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(back).Outcome);
        Publish(mesh.RunToIdle(), "3");
        Assert.Equal(["1", "2", "3"], Texts(mesh, "a"));
        Assert.Equal(["a", "f/k"], mesh.Shard.Agents.Select(a => a.Name));
        Restarted(mesh);
    }

    [Fact]
    public void A_saved_state_of_before_names_could_change_is_read()
    {
        var mesh = Publish(Start(Noter("a")), "1");
        Assert.Equal(["a"], mesh.Shard.NamesOf(0)!.Value.All);
        Assert.Equal((0, null), (mesh.Shard.Renames, mesh.Shard.NamesOf(1)));
        Change(mesh, From("a", Noter("b")));
        Assert.Equal(["b", "a"], mesh.Shard.NamesOf(0)!.Value.All);
        Assert.Equal((1, "a", "b"), (mesh.Shard.Renames, mesh.Shard.NamesOf(0)!.Value.In(1), mesh.Shard.NamesOf(0)!.Value.In(2)));
    }

    [Fact]
    public void What_cannot_be_renamed_is_refused_and_says_why()
    {
        var mesh = Publish(Start(Noter("a"), Noter("b"), Family("f", "kin.*", 2, "noter")), "1");
        mesh.Publish("kin.k", "1");
        mesh.RunToIdle();
        AgentDefinition[] all = [Noter("a"), Noter("b"), Family("f", "kin.*", 2, "noter")];
        Assert.Contains("there is an agent of that name", Refused(mesh, From("a", Noter("b")), all[2]));
        Assert.Contains("is still defined; leave it out", Refused(mesh, [.. all, From("a", Noter("c"))]));
        Assert.Contains("cannot get 2 names", Refused(mesh, From("a", Noter("c")), From("a", Noter("d")), all[1], all[2]));
        Assert.Contains("'a' is a single agent and 'c' is to be a family keyed by topic token 2", Refused(mesh, From("a", Family("c", "kin.*", 2, "noter")), all[1], all[2]));
        Assert.Contains("is one agent of a family, and is renamed with it; name the family, 'f'", Refused(mesh, [.. all, From("f/k", Noter("c"))]));
        Assert.Contains("cannot be renamed to the name that it has", Refused(mesh, From("a", Noter("a")), all[1], all[2]));
        Assert.Contains("is the name of no agent", Refused(mesh, From("no name", Noter("c")), all[0], all[1], all[2]));
        Assert.Equal(TopologyOutcome.Refused, mesh.Apply(Of(From("a", Noter("c")), all[1], all[2]), canary: new CanaryPolicy()).Outcome);
        Change(mesh, all[0], all[2]);
        Assert.Contains("which is stopped and keeps it", Refused(mesh, From("a", Noter("b")), all[2]));
        Change(mesh, From("a", Noter("c")), all[2]);
        Assert.Equal(TopologyOutcome.Unchanged, mesh.Apply(Of(From("a", Noter("c")), all[2])).Outcome);
    }

    [Fact]
    public void A_definition_that_is_watched_keeps_its_name_until_that_is_decided()
    {
        var mesh = Start(Noter("a"));
        Assert.Equal(TopologyOutcome.Applied, mesh.Apply(Of(Noter("a") with { SnapshotEveryTurns = 5 }), canary: new CanaryPolicy()).Outcome);
        Assert.Contains("'a' is watched", Refused(mesh.RunToIdle(), From("a", Noter("b") with { SnapshotEveryTurns = 5 })));
    }

    private static ShardCut CutAt(TestMesh mesh, long offset)
    {
        var cut = new ShardCut(mesh.Options);
        foreach (var record in mesh.Store.Records())
            if (!cut.Take(record, offset)) break;
        return cut;
    }

    private static void Do(TestMesh mesh, string? problem)
    {
        Assert.Null(problem);
        mesh.Tick();
        mesh.RunToIdle();
    }
}
