using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;
using static AkkaWasm.Mesh.Topology.HealingDirective;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Forks of agents, and the whole mesh taken back.</summary>
public sealed class MeshRewindTests
{
    /// <summary>Notes each text with the random number of its turn; "emit" publishes, "timer" sets one of an hour.</summary>
    private static TestGuests Guests() => new TestGuests().With("noter", (memory, turn) =>
    {
        var random = new byte[1];
        turn.Random(random);
        memory["random"] = memory["random"] * 31 + random[0];
        var text = turn.Input.Origin == EventOrigin.Timer ? "fired" : TestGuests.TextOf(turn);
        memory.Seen.Add(text);
        if (text == "emit") turn.Publish("kin.k", Encoding.UTF8.GetBytes("from noter"));
        if (text == "tell") turn.Send("what-if", Encoding.UTF8.GetBytes("hello"));
        if (text == "timer") turn.Schedule(3_600_000, "", default);
        return text == "trap" ? TestGuests.Trap() : null;
    }, (memory, _) => { memory.Seen.Add("init"); return null; }).With("kin", TestGuests.Note);

    private static TestMesh Mesh(int snapshotEvery = 1_000) => new TestMesh(
        Of([Group(GroupDefinition.Default, Policy(Resume))], Agent("noter", "in.>") with { SnapshotEveryTurns = snapshotEvery, Capabilities = new Capabilities { Publish = [">"], Send = [">"], Schedule = true } }, Family("kin", "kin.*", 2)),
        Guests()).Run();

    /// <summary>A log in which the mesh goes back to before an agent of a family came to be.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = Publish(Mesh(), "1", "timer");
        var cut = mesh.Shard.NextOffset - 1;
        Publish(mesh, "emit");
        Rewind(mesh, cut);
        return mesh.Store.Records().ToArray();
    }

    private static TestMesh Publish(TestMesh mesh, params string[] texts)
    {
        foreach (var text in texts) mesh.Publish("in.a", text);
        return mesh.RunToIdle();
    }

    private static string? Fork(TestMesh mesh, string origin, string name, long? at = null)
    {
        var (ticket, lives) = (new object(), new AgentLives(mesh.Status(origin).Number));
        foreach (var record in mesh.Store.Records()) lives.Take(record);
        mesh.Shard.Fork(origin, name, lives.Plan(new RewindTarget { To = at ?? long.MaxValue }, _ => null), ticket, mesh.NowNs);
        mesh.Tick();
        mesh.RunToIdle();
        return Assert.Single(mesh.Answers, a => a.Ticket == ticket).Problem;
    }

    private static ShardCut CutAt(TestMesh mesh, long to)
    {
        var cut = new ShardCut(mesh.Options);
        foreach (var record in mesh.Store.Records())
            if (!cut.Take(record, to)) break;
        return cut;
    }

    private static string? Rewind(TestMesh mesh, long to, bool sources = false)
    {
        var ticket = new object();
        mesh.Shard.RewindMesh(CutAt(mesh, to), sources, ticket, mesh.NowNs);
        mesh.Tick();
        mesh.RunToIdle();
        return Assert.Single(mesh.Answers, a => a.Ticket == ticket).Problem;
    }

    [Theory, InlineData(1_000), InlineData(2)]
    public void A_fork_begins_with_the_state_of_its_origin_and_goes_its_own_way(int snapshotEvery)
    {
        var mesh = Publish(Mesh(snapshotEvery), "1", "2", "timer");
        var (then, at) = (mesh.Memory("noter").ToBytes(), mesh.Status("noter").LastInput);
        Publish(mesh, "3", "4");

        Assert.Null(Fork(mesh, "noter", "what-if", at));

        Assert.Equal(then, mesh.Memory("what-if").ToBytes());
        Assert.Equal((1, at), (mesh.Status("what-if").Incarnation, mesh.Status("what-if").LastInput));
        Publish(mesh, "5");
        Assert.Equal(["init", "1", "2", "timer"], mesh.Seen("what-if"));
        Publish(mesh, "tell");
        Assert.Equal(["init", "1", "2", "timer", "3", "4", "5", "tell"], mesh.Seen("noter"));
        Assert.Equal(["init", "1", "2", "timer", "hello"], mesh.Seen("what-if"));
        Assert.Equal("fired", mesh.Pass(TimeSpan.FromHours(2)).Seen("noter")[^1]);
        Assert.Equal("hello", mesh.Seen("what-if")[^1]);
        var memories = new[] { "noter", "what-if" }.Select(name => mesh.Memory(name).ToBytes()).ToList();
        foreach (var useStates in new[] { true, false })
        {
            mesh = mesh.Restart(useStates: useStates).RunToIdle();
            Assert.Equal(memories, new[] { "noter", "what-if" }.Select(name => mesh.Memory(name).ToBytes()));
        }
    }

    [Fact]
    public void What_cannot_be_forked_is_said()
    {
        var mesh = Publish(Mesh(), "1");
        Assert.Equal("There is an agent or a definition 'kin' already; choose another name.", Fork(mesh, "noter", "kin"));
        Assert.StartsWith("'a/b' cannot name a fork;", Fork(mesh, "noter", "a/b"), StringComparison.Ordinal);
        Assert.Null(Fork(mesh, "noter", "twin"));
        Assert.Equal("There is an agent or a definition 'twin' already; choose another name.", Fork(mesh, "noter", "twin"));
        Assert.Null(Fork(mesh, "twin", "third"));
        Assert.Throws<TopologyConflictException>(() => mesh.Restart(topology: mesh.Topology with { Agents = [.. mesh.Topology.Agents, Agent("noter", "x") with { Name = "twin" }] }));
    }

    [Theory, InlineData(1_000), InlineData(2)]
    public void The_mesh_goes_back_to_a_cut_and_on_from_there(int snapshotEvery)
    {
        var mesh = Publish(Mesh(snapshotEvery), "1", "timer", "trap", "2");
        var (then, cut, epoch) = (mesh.Memory("noter").ToBytes(), mesh.Shard.NextOffset - 1, mesh.Shard.Epoch);
        Publish(mesh, "3", "emit", "trap");
        Assert.Equal(["kin.k:from noter"], mesh.Seen("kin/k"));
        mesh.Pass(TimeSpan.FromHours(2));
        Assert.Equal("fired", mesh.Seen("noter")[^1]);
        var records = mesh.Store.Records().Count();

        Assert.Null(Rewind(mesh, cut));

        Assert.Equal(epoch + 1, mesh.Shard.Epoch);
        Assert.Single(mesh.Shard.Quarantine("noter"));
        Assert.Equal(["init", "1", "timer", "2", "fired"], mesh.Seen("noter")); // the timer is open again and due long since
        Assert.Equal(AgentState.Stopped, mesh.Status("kin/k").State);
        Assert.True(mesh.Store.Records().Count() > records);
        Assert.Equal(["init", "1", "timer", "2", "fired", "4"], Publish(mesh, "4").Seen("noter"));
        Publish(mesh, "emit");
        Assert.Equal(["kin.k:from noter"], mesh.Seen("kin/k"));
        Assert.Equal(2, mesh.Status("kin/k").Incarnation);
        var memories = new[] { "noter", "kin/k" }.Select(name => mesh.Memory(name).ToBytes()).ToList();
        foreach (var useStates in new[] { true, false })
        {
            mesh = mesh.Restart(useStates: useStates).RunToIdle();
            Assert.Equal(memories, new[] { "noter", "kin/k" }.Select(name => mesh.Memory(name).ToBytes()));
        }
        Assert.NotEqual(then, mesh.Memory("noter").ToBytes());
    }

    [Fact]
    public void What_waited_at_the_cut_is_handled_again_and_what_came_after_it_is_not()
    {
        var mesh = Publish(Mesh(), "1");
        mesh.Publish("in.a", "2");
        mesh.Publish("in.a", "3");
        mesh.CommitAll();
        var cut = mesh.Shard.NextOffset - 1;
        Publish(mesh, "4");
        Assert.Equal(["init", "1", "2", "3", "4"], mesh.Seen("noter"));

        Assert.Null(Rewind(mesh, cut));

        Assert.Equal(["init", "1", "2", "3"], mesh.Seen("noter"));
    }

    [Fact]
    public void Wherever_a_cut_is_a_turn_is_in_it_with_all_that_it_did()
    {
        var begin = Publish(Mesh(), "1", "emit", "trap", "timer", "2");
        var (seen, last) = (begin.Seen("noter"), begin.Shard.NextOffset - 1);
        for (var to = begin.Store.Records().First(r => r is EventRecord { Event.Origin: EventOrigin.External }).Offset; to <= last; to++)
        {
            var mesh = Publish(Mesh(), "1", "emit", "trap", "timer", "2");
            Assert.Null(Rewind(mesh, to));
            var handled = mesh.Seen("noter");
            Assert.Equal(seen.Take(handled.Length), handled);
            if (handled.Contains("emit")) Assert.Equal(["kin.k:from noter"], mesh.Seen("kin/k"));
            Assert.Equal(handled.Contains("timer") ? 1 : 0, mesh.Shard.NextAlarmNs is null ? 0 : 1);
        }
    }

    [Fact]
    public void Published_events_stay_known_unless_the_sources_go_back_too()
    {
        var mesh = Publish(Mesh(), "1");
        var cut = mesh.Shard.NextOffset - 1;
        var batch = TestMesh.Batch(TestMesh.Event("in.a", "later", "id-1")) with { CursorOf = "week", Cursor = new byte[] { 7 } };
        mesh.Publish(batch);
        mesh.RunToIdle();

        Assert.Null(Rewind(mesh, cut));
        mesh.Publish(batch);
        Assert.Equal(["init", "1"], mesh.RunToIdle().Seen("noter"));
        Assert.Equal([7], mesh.Shard.SourceCursor("week")!.Value.ToArray());

        Assert.Null(Rewind(mesh, cut, sources: true));
        Assert.Null(mesh.Shard.SourceCursor("week"));
        mesh.Publish(batch);
        Assert.Equal(["init", "1", "later"], mesh.RunToIdle().Seen("noter"));
        mesh = mesh.Restart(useStates: false).RunToIdle();
        mesh.Publish(batch);
        Assert.Equal(["init", "1", "later"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void A_look_changes_nothing_and_says_what_would_become_of_whom()
    {
        var mesh = Publish(Mesh(), "1");
        var cut = mesh.Shard.NextOffset - 1;
        Publish(mesh, "2", "emit");
        var next = mesh.Shard.NextOffset;

        var outlook = mesh.Shard.LookAtRewind(CutAt(mesh, cut));

        Assert.Equal(next, mesh.Shard.NextOffset);
        Assert.Equal((cut, next - 1 - cut), (outlook.To, outlook.UndoneRecords));
        Assert.Equal([("noter", MeshRewindAction.Rewound, 2L), ("kin/k", MeshRewindAction.Unborn, 2L)], outlook.Agents.Select(a => (a.Name, a.Action, a.UndoneTurns)));
    }

    [Fact]
    public void The_mesh_goes_back_before_an_earlier_return_and_forth_again()
    {
        var mesh = Publish(Mesh(), "1");
        var first = mesh.Shard.NextOffset - 1;
        Publish(mesh, "2");
        var second = mesh.Shard.NextOffset - 1;
        Assert.Null(Rewind(mesh, first));
        Publish(mesh, "3");
        Assert.Null(Rewind(mesh, second));
        Assert.Equal(["init", "1", "2"], mesh.Seen("noter"));
        Assert.Null(Rewind(mesh, first));
        Assert.Equal(["init", "1"], mesh.Seen("noter"));
        Assert.Equal(4, mesh.Status("noter").Incarnation);
        Assert.Equal(["init", "1"], mesh.Restart(useStates: false).RunToIdle().Seen("noter"));
    }

    [Fact]
    public void After_the_mesh_went_back_an_agent_goes_back_without_what_was_undone()
    {
        var mesh = Publish(Mesh(), "1");
        var cut = mesh.Shard.NextOffset - 1;
        Publish(mesh, "undone", "emit");
        Assert.Null(Rewind(mesh, cut));
        Publish(mesh, "2", "3");
        mesh.Shard.Rewind("noter", new RewindTarget { Turns = 3 }, new object(), mesh.NowNs);
        mesh.Tick();
        Assert.Equal(["init", "1", "2", "3"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void A_cut_within_a_way_back_takes_in_all_of_it()
    {
        TestMesh Back(out long first)
        {
            var mesh = Publish(Mesh(), "1");
            var cut = mesh.Shard.NextOffset - 1;
            Publish(mesh, "2");
            Assert.Null(Rewind(mesh, cut));
            first = mesh.Store.Records().OfType<MeshRewindRecord>().Single().Offset;
            return mesh;
        }
        var last = Back(out var from).Shard.NextOffset - 1;
        Assert.True(last > from + 2);
        for (var to = from; to <= last; to++)
        {
            var mesh = Publish(Back(out _), "3");
            Assert.Null(Rewind(mesh, to));
            Assert.Equal(["init", "1", "4"], Publish(mesh, "4").Seen("noter"));
        }
    }

    [Fact]
    public void What_was_put_aside_for_an_agent_that_is_stopped_stays_so()
    {
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(Stop))], Agent("noter", "in.>")), Guests()).Run();
        Publish(mesh, "trap");
        var cut = mesh.Shard.NextOffset - 1;
        Assert.Equal(1, mesh.Shard.LookAtRewind(CutAt(mesh, cut)).Agents.Single().Quarantine);
        Assert.Null(Rewind(mesh, cut));
        Assert.Equal(AgentState.Stopped, mesh.Status("noter").State);
        Assert.Single(mesh.Shard.Quarantine("noter"));
        Assert.Null(mesh.Shard.Reset("noter", mesh.NowNs));
        Assert.Null(Rewind(mesh, cut));
        Assert.Equal((AgentState.Stopped, 1, 0), (mesh.Status("noter").State, mesh.Status("noter").Quarantined, mesh.Status("noter").Pending));
    }
}
