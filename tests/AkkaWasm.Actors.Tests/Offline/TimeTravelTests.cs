using System.Text;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Offline;

/// <summary>Any moment of a recorded mesh.</summary>
public sealed class TimeTravelTests(RecordedMesh mesh) : IClassFixture<RecordedMesh>
{
    [Fact]
    public void An_agent_is_rebuilt_from_an_image_as_it_is_from_its_first_turn()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var now = log.AgentAt("counter")!;
        Assert.Equal(mesh.Hashes["counter"], now.Hash);
        Assert.InRange(now.FromImage, 1, now.LastInput);
        Assert.Equal($"{now.Turns - 1}", Assert.Single(now.State!.Globals).Text);
        Assert.Equal(("memory", 65_536L), (now.State.Memories[0].Name, now.State.Memories[0].SizeBytes));
        Assert.Equal(now.Hash, now.Image!.Hash);
        foreach (var turn in TurnsOf(log, "counter").Where(t => t is { Fault: null, Hash: not null }))
            Assert.Equal((turn.Hash, turn.Offset), (log.AgentAt("counter", turn.Input)!.Hash, log.AgentAt("counter", turn.Input)!.LastTurn));
        Assert.Null(log.AgentAt("nobody"));
        Assert.Null(log.AgentAt("counter", 0)!.Hash);
    }

    [Fact]
    public void A_damaged_image_is_passed_over()
    {
        using var copy = mesh.Copy();
        using var log = OfflineLog.Open(copy.Folder);
        var sound = log.AgentAt("counter")!;
        Assert.True(copy.Run(copy.SnapshotsFile, "UPDATE snapshot SET snapshot = zeroblob(100) WHERE persistence_id LIKE 'agent-%'") > 0);
        var rebuilt = log.AgentAt("counter")!;
        Assert.Equal((sound.Hash, -1L), (rebuilt.Hash, rebuilt.FromImage));
    }

    [Fact]
    public void An_agent_that_was_reset_is_seen_in_the_life_that_reaches_there()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var turns = TurnsOf(log, "resetting");
        foreach (var life in turns.Where(t => t.Fault is null).GroupBy(t => t.Incarnation))
        {
            var moment = log.AgentAt("resetting", life.Max(t => t.Input))!; // turn 0 of a later life stands behind events that waited for it
            Assert.Equal((life.Key, life.Count()), (moment.Incarnation, (int)moment.Turns));
        }
    }

    [Theory]
    [InlineData("counter")]
    [InlineData("resetting")]
    [InlineData("objects")]
    [InlineData("family/a")]
    public void Every_turn_is_a_step_that_says_what_it_did_and_changed(string agent)
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var turns = TurnsOf(log, agent);
        var steps = log.Steps(agent)!.ToList();
        Assert.Equal(turns.Select(t => t.Offset), steps.Select(s => s.Turn));
        Assert.All(steps, step => Assert.Null(step.Divergence));
        Assert.Equal(turns.Where(t => t.Fault is { DependsOnHost: true }).Select(t => t.Offset), steps.Where(s => s.NotRun is not null).Select(s => s.Turn));
        foreach (var (step, turn) in steps.Zip(turns))
            if (turn is { Fault: null, Hash: not null }) Assert.Equal(turn.Hash, step.Hash);
        Assert.All(steps.Where(s => s.Fault is not null), s => Assert.Null(s.Changes));
    }

    [Fact]
    public void A_step_names_the_global_the_bytes_and_the_object_that_changed()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var step = log.Steps("objects")!.Where(s => s.Fault is null).ElementAt(3);
        Assert.Equal(new ValueChange("count", "2", "3"), Assert.Single(step.Changes!.Globals));
        var page = Assert.Single(Assert.Single(step.Changes.Memories).Pages);
        Assert.Equal((0L, (byte)3), (page.Address, page.After.Span[0]));
        Assert.Equal((1, 0, 0), step.Changes.ObjectCounts);
        Assert.Equal(new ValueChange("field 0", "2", "3"), Assert.Single(Assert.Single(step.Changes.Objects).Fields));
        Assert.Equal("count.out", Assert.IsType<EventEmitted>(step.Outputs[0]).Event.Topic);
    }

    [Fact]
    public void Steps_can_begin_and_end_anywhere()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var all = log.Steps("counter")!.ToList();
        var (from, to) = (all[20].Input.Position.Offset, all[40].Input.Position.Offset);
        var part = log.Steps("counter", from, to)!.ToList();
        Assert.Equal(all.Where(s => s.Input.Position.Offset >= from && s.Input.Position.Offset <= to).Select(s => (s.Turn, s.Hash)), part.Select(s => (s.Turn, s.Hash)));
        Assert.Null(log.Steps("nobody"));
    }

    [Fact]
    public void Two_positions_differ_in_what_happened_between()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var successes = TurnsOf(log, "counter").Where(t => t.Fault is null).ToList();
        var comparison = log.Compare("counter", successes[10].Input, successes[30].Input)!;
        Assert.Equal(("10", "30"), (comparison.Difference!.Globals[0].Before, comparison.Difference.Globals[0].After));
        Assert.True(log.Compare("counter", successes[10].Input, successes[10].Input)!.Difference!.IsEmpty);
    }

    [Fact]
    public void The_same_version_does_the_same_and_another_one_differs_where_it_differs()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var counter = Encoding.UTF8.GetString(Repository.Guest("counter"));
        foreach (var agent in new[] { "counter", "resetting" })
        {
            var same = log.Try(agent, new TrialVersion(Encoding.UTF8.GetBytes(counter), "same.wat", null))!;
            Assert.True(same.IsIdentical);
            var fixedTrap = log.Try(agent, new TrialVersion(Encoding.UTF8.GetBytes(counter.Replace("(call $trap)", "(nop)", StringComparison.Ordinal)), "fixed.wat", null))!;
            var first = fixedTrap.Details.First(d => d.Recorded.Fault?.Code == "unreachable");
            Assert.Null(first.Other.Fault);
            Assert.True(fixedTrap.Other.Successes > fixedTrap.Recorded.Successes);
        }
        Assert.True(log.Try("family/a", new TrialVersion(null, "", null))!.IsIdentical);
    }

    [Fact]
    public void All_agents_are_replayed_at_once()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var reports = log.ReplayAll(parallel: 3);
        Assert.All(reports, report => Assert.Null(report.Divergence));
        Assert.Equal(mesh.Hashes.OrderBy(h => h.Key), reports.Select(r => KeyValuePair.Create(r.Agent, r.StateHash)).OrderBy(h => h.Key));
    }

    [Fact]
    public void The_mesh_at_a_cut_is_every_agent_after_the_turns_recorded_up_to_there()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var now = log.MeshAt();
        Assert.Equal(mesh.Hashes.OrderBy(h => h.Key), now.Agents.Select(a => KeyValuePair.Create(a.Status.Name, a.Hash)).OrderBy(h => h.Key));
        var cut = TurnsOf(log, "counter")[60].Offset;
        var then = log.MeshAt(cut);
        Assert.InRange(then.Cut.Offset, cut, cut + 8); // the turn with what it did
        Assert.Equal("test", then.Mesh);
        cut = then.Cut.Offset;
        foreach (var agent in then.Agents)
        {
            var turns = TurnsOf(log, agent.Status.Name).Where(t => t.Offset <= cut).ToList();
            Assert.Equal(turns.Count, agent.Status.Turns);
            if (turns.FindLast(t => t.Fault is null) is { } last && agent.Status.Incarnation == last.Incarnation) Assert.Equal(log.Steps(agent.Status.Name)!.Single(s => s.Turn == last.Offset).Hash, agent.Hash);
        }
        Assert.Null(log.MeshAt(cut, hashes: false).Agents[0].Hash);
        Assert.Equal(now.TopologyHash, then.TopologyHash);
        Assert.Equal($"There is no record at offset {now.Cut.Offset + 1}: the log ends at {now.Cut.Offset}.", Assert.Throws<MeshNodeException>(() => log.MeshAt(now.Cut.Offset + 1)).Message);
    }

    [Fact]
    public void A_dead_letter_has_its_causes_back_to_the_event_and_the_event_its_effects()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var letter = log.Records().First(e => e.Record is EventRecord { Event.Origin: EventOrigin.DeadLetter } && e.Agent == "counter");
        var causes = log.Why(letter.Position.Offset)!.Causes;
        Assert.Equal([typeof(EventRecord), typeof(HealingRecord), typeof(TurnRecord), typeof(EventRecord)], causes.Select(c => c.Record.GetType()));
        var origin = Assert.IsType<EventRecord>(causes[^1].Record).Event;
        Assert.Equal((EventOrigin.External, letter.Position), (origin.Origin, causes[0].Position));

        var report = log.Why(origin.Offset, forward: true)!;
        Assert.False(report.IsCut);
        var effects = Flat(report.Effects!).ToList();
        Assert.Contains(letter.Position.Offset, effects);
        foreach (var turn in log.Records().Where(e => e.Record is TurnRecord t && t.Input == origin.Offset)) Assert.Contains(turn.Position.Offset, effects);
        Assert.All(effects.Skip(1), effect => Assert.Equal(origin.Offset, log.Why(effect)!.Causes[^1].Position.Offset));
        Assert.True(log.Why(origin.Offset, forward: true, maxEffects: 2)!.IsCut);
        Assert.Null(log.Why(long.MaxValue));
    }

    [Fact]
    public void Every_record_has_causes_that_come_before_it()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        foreach (var entry in log.Records(0, 400))
        {
            var offsets = log.Why(entry.Position.Offset)!.Causes.Select(c => c.Position.Offset).ToList();
            Assert.Equal(entry.Position.Offset, offsets[0]);
            Assert.Equal(offsets.OrderDescending(), offsets);
        }
    }

    private static IEnumerable<long> Flat(CauseNode node) => node.Effects.SelectMany(Flat).Prepend(node.Entry.Position.Offset);

    private static List<TurnRecord> TurnsOf(IOfflineLog log, string agent) => [.. log.Records().Where(e => e.Agent == agent).Select(e => e.Record).OfType<TurnRecord>()];
}
