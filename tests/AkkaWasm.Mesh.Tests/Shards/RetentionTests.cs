using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using FsCheck;
using FsCheck.Fluent;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class RetentionTests
{
    private static TestGuests Guests => new TestGuests().With("noter", (memory, turn) =>
    {
        var text = TestGuests.TextOf(turn);
        memory["sum"] = (memory["sum"] * 31) + turn.Input.Offset;
        if (text.StartsWith("set", StringComparison.Ordinal)) turn.Schedule(1_000_000, "", default);
        return text.StartsWith("trap", StringComparison.Ordinal) ? TestGuests.Trap() : null;
    });

    /// <summary>The records of a log that got a later beginning.</summary>
    public static IReadOnlyList<LogRecord> Records() => [.. Retained(out _).Store.Records()];

    [Fact]
    public void What_nothing_needs_goes_and_the_shard_recovers_from_what_stands_in_for_it()
    {
        var mesh = Retained(out var hash);
        Assert.True(mesh.Store.Removed > 10, $"{mesh.Store.Removed} of {mesh.Store.Blocks.Count} blocks were removed.");
        Assert.Equal(mesh.Shard.Beginning, mesh.Store.Records().OfType<RetentionRecord>().Last().Beginning);
        Assert.Equal(BlockCodec.ReadHeader(mesh.Store.Blocks[mesh.Store.Removed]).PreviousChecksum, mesh.Shard.Beginning.Checksum);

        var again = new TestMesh(mesh.Topology, mesh.Guests, mesh.Options, mesh.Store, useStates: false, mesh.NowNs).RunToIdle();
        Assert.Equal(hash, again.Awaken("noter").Hash());
        Assert.Equal(mesh.Shard.Beginning, again.Shard.Beginning);
    }

    [Fact]
    public void A_removal_that_was_cut_off_is_finished_by_the_next_life()
    {
        var mesh = Fed();
        Assert.True(mesh.Retain(1));
        mesh.CommitAll();
        Assert.Equal(0, mesh.Store.Removed);

        var again = new TestMesh(mesh.Topology, mesh.Guests, mesh.Options, mesh.Store, useStates: true, mesh.NowNs).RunToIdle();
        Assert.Equal(again.Shard.Beginning.Row, again.Store.Removed);
        Assert.True(again.Store.Removed > 0);
    }

    [Fact]
    public void Nothing_goes_before_the_record_of_it_is_committed()
    {
        var mesh = Fed();
        Assert.True(mesh.Retain(1));
        Assert.DoesNotContain(mesh.Effects, e => e is RemoveRows);
        mesh.CommitAll();
        Assert.Contains(mesh.Effects, e => e is RemoveRows);
    }

    [Theory]
    [InlineData("trap", LogHoldReason.Quarantined)]
    [InlineData("set", LogHoldReason.Timer)]
    public void What_is_needed_holds_the_log(string what, LogHoldReason reason)
    {
        var mesh = Mesh(1, 0);
        mesh.Publish("in", what);
        mesh.RunToIdle();
        var held = mesh.Store.Events().Single(e => e.Topic == "in").Offset;
        Feed(mesh, 100);
        Assert.Contains(mesh.Shard.Holds(), h => h.From == held && h.Reason == reason);
        mesh.Retain(1);
        mesh.Run();
        Assert.True(mesh.Shard.Beginning.Offset <= held, $"The log begins at {mesh.Shard.Beginning.Offset}, and {held} is needed.");
        Assert.Equal(what, System.Text.Encoding.UTF8.GetString(mesh.Store.EventAt(held).Data.Span));
    }

    [Fact]
    public void An_agent_without_an_image_holds_the_log_from_its_first_turn()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in", "noter") with { SnapshotEveryTurns = int.MaxValue }), Guests);
        Feed(mesh, 50);
        Assert.False(mesh.Retain(1));
        Assert.Contains(mesh.Shard.Holds(), h => h.Reason == LogHoldReason.FirstTurn);
    }

    [Fact]
    public void With_the_newest_image_damaged_an_agent_comes_back_from_the_one_before_it()
    {
        var mesh = Fed(images: 2);
        Assert.True(mesh.Retain(2));
        mesh.Run();
        var hash = mesh.Awaken("noter").Hash();
        var newest = mesh.Store.Images.Keys.Max(i => i.Input);
        foreach (var (key, image) in mesh.Store.Images)
            if (key.Input == newest) image[20] ^= 4;
        var again = new TestMesh(mesh.Topology, mesh.Guests, mesh.Options, mesh.Store, useStates: false, mesh.NowNs).RunToIdle();
        Assert.Equal(hash, again.Awaken("noter").Hash());
    }

    [Fact]
    public void An_image_that_a_fork_begins_from_stays_until_the_fork_has_its_own()
    {
        var mesh = Mesh(1, 0);
        Feed(mesh, 12);
        var entry = mesh.Shard.ImagesOf("noter")[^1];
        var plan = new RewindPlan
        {
            Incarnation = 1, TurnsRecorded = mesh.Status("noter").Turns, Turns = [], LastInput = entry.Input, Image = new LineageImage(0, 1, entry.Input, entry.Hash), IsWhole = true,
        };
        mesh.Shard.Fork("noter", "copy", plan, "ticket", mesh.NowNs);
        mesh.Tick();
        mesh.RunToIdle();
        Feed(mesh, 60);
        Assert.Contains(mesh.Store.Images.Keys, i => i == ("noter", 1, entry.Input));
        mesh.Retain(1);
        mesh.Run();
        var again = new TestMesh(mesh.Topology, mesh.Guests, mesh.Options, mesh.Store, useStates: true, mesh.NowNs).RunToIdle();
        Assert.Equal(entry.Hash, again.Awaken("copy").Hash());
    }

    [Fact]
    public void No_state_before_the_beginning_is_gone_back_to_and_the_answer_says_where_the_log_begins()
    {
        var mesh = Retained(out _);
        mesh.Shard.Rewind("noter", new RewindTarget { Turns = 190 }, "rewind", mesh.NowNs);
        mesh.Tick();
        mesh.RunToIdle().CommitAll();
        Assert.NotNull(Assert.Single(mesh.Answers, a => "rewind".Equals(a.Ticket)).Problem);

        var cut = new ShardCut(mesh.Options);
        foreach (var record in mesh.Store.Records().Take(40)) cut.Take(record, long.MaxValue);
        mesh.Shard.RewindMesh(cut, false, "mesh", mesh.NowNs);
        mesh.Tick();
        mesh.RunToIdle();
        Assert.Contains($"the log begins at offset {mesh.Shard.Beginning.Offset}", Assert.Single(mesh.Answers, a => "mesh".Equals(a.Ticket)).Problem, StringComparison.Ordinal);
    }

    /// <summary>Random histories with healing, families, timers, dead letters, rewinds and faults, of which the log's beginning goes again and again.</summary>
    [Fact]
    public void After_retention_every_agent_is_rebuilt_to_the_same_state() => Prop.ForAll(Gen.Choose(1_000, 1_000_000).ToArbitrary(), seed =>
    {
        var history = new Simulator(seed, new SimulationOptions { Steps = 800, Without = Fault.LogDamage | Fault.ImageDamage | Fault.StateDamage }).Run();
        var mesh = history.Mesh;
        for (var more = 20; more > 0 && mesh.Retain(1); more--) mesh.RunToIdle(); // where all have their images, each record of it lets the row of the one before go
        mesh.RunToIdle().CommitAll();
        var alive = mesh.Shard.Agents.Where(a => a.State is not (AgentState.Stopped or AgentState.Paused)).Select(a => a.Name).ToList();
        var hashes = alive.ToDictionary(name => name, name => mesh.Awaken(name).Hash());
        mesh.CommitAll();
        var again = new TestMesh(mesh.Topology, mesh.Guests, mesh.Options, mesh.Store, useStates: false, mesh.NowNs).RunToIdle();
        foreach (var name in alive) Assert.Equal(hashes[name], again.Awaken(name).Hash());
        foreach (var held in again.Shard.Quarantine(new QuarantineFilter())) Assert.Equal(held.Input, again.Store.EventAt(held.Input).Offset);
        Assert.All(again.Shard.Holds(), hold => Assert.True(hold.From >= again.Shard.Beginning.Offset, $"{hold} lies before {again.Shard.Beginning.Offset}."));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(12));

    private static TestMesh Mesh(int newest, int older) =>
        new(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], Agent("noter", "in", "noter") with { SnapshotEveryTurns = 5, KeepSnapshots = newest, KeepOlderSnapshots = older }), Guests);

    private static TestMesh Fed(int images = 1)
    {
        var mesh = Mesh(images, 2);
        Feed(mesh, 200);
        return mesh;
    }

    private static TestMesh Retained(out StateHash hash)
    {
        var mesh = Fed();
        Assert.True(mesh.Retain(1));
        mesh.RunToIdle().CommitAll();
        hash = mesh.Awaken("noter").Hash();
        return mesh;
    }

    private static void Feed(TestMesh mesh, int events)
    {
        for (var i = 0; i < events; i++)
        {
            mesh.Publish("in", $"{i}");
            mesh.RunToIdle();
        }
    }
}
