using System.Text;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Offline;

public sealed class ReplayTests(RecordedMesh mesh) : IClassFixture<RecordedMesh>
{
    [Theory]
    [InlineData("counter")]
    [InlineData("resetting")]
    [InlineData("objects")]
    [InlineData("family/a")]
    [InlineData("family/b")]
    public void Every_recorded_outcome_comes_again(string agent)
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var turns = TurnsOf(log, agent);
        var report = log.ReplayAgent(agent)!;
        Assert.Null(report.Divergence);
        Assert.Equal(mesh.Hashes[agent], report.StateHash);
        Assert.Equal(turns.Count(t => t.Fault is null), report.Turns);
        Assert.Equal(turns.Count(t => t.Fault is { DependsOnHost: false }), report.Failures);
        Assert.Equal(turns.Where(t => t.Fault is { DependsOnHost: true }).Select(t => t.Input), report.Skipped.Select(s => s.Input));
        Assert.Equal(turns.Last(t => t.Fault is null).Input, report.LastInput);
        Assert.Equal(turns[^1].Incarnation, report.Incarnation);
    }

    [Fact]
    public void What_was_recorded_covers_failures_hashes_images_lives_and_a_deadline()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var counter = log.ReplayAgent("counter")!;
        Assert.True(counter.Failures >= 30);
        Assert.True(counter.Hashes > counter.Turns / 8);
        Assert.Contains(counter.Skipped, s => s.Reason.StartsWith("It failed for a reason of the host (deadline/deadline: ", StringComparison.Ordinal));
        Assert.True(log.ReplayAgent("resetting")!.Incarnation > 2);
        Assert.True(log.ReplayAgent("objects")!.Failures > 5);
    }

    [Fact]
    public void Without_verification_only_the_successes_of_the_last_life_are_run()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        foreach (var agent in new[] { "counter", "resetting", "objects" })
        {
            var turns = TurnsOf(log, agent);
            var life = turns.Where(t => t.Incarnation == turns[^1].Incarnation).ToList();
            var report = log.ReplayAgent(agent, verify: false)!;
            Assert.Equal(mesh.Hashes[agent], report.StateHash);
            Assert.Equal((life.Count(t => t.Fault is null), 0), (report.Turns, report.Failures));
            Assert.Equal(life.Where(t => t.Fault is not null).Select(t => t.Input), report.Skipped.Select(s => s.Input));
        }
    }

    [Fact]
    public void Replay_can_end_at_any_event()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var successes = TurnsOf(log, "counter").Where(t => t.Fault is null).ToList();
        foreach (var turn in successes.Where((t, i) => t.Hash is not null || i % 40 == 0))
        {
            var report = log.ReplayAgent("counter", turn.Input, verify: false)!;
            Assert.Equal((turn.Input, successes.IndexOf(turn) + 1L), (report.LastInput, report.Turns));
            if (turn.Hash is not null) Assert.Equal(turn.Hash, report.StateHash);
        }
        var before = log.ReplayAgent("counter", successes[0].Input - 1)!;
        Assert.Equal((0, Position.None, null), (before.Turns, before.LastInput, before.StateHash));
    }

    [Fact]
    public void Nobody_is_replayed_who_never_was()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        Assert.Null(log.ReplayAgent("nobody"));
    }

    [Fact]
    public void A_missing_module_is_one_sentence()
    {
        using var copy = mesh.Copy();
        Directory.Delete(Path.Combine(copy.Folder, "modules"), true);
        using var log = OfflineLog.Open(copy.Folder);
        var failure = Assert.Throws<MeshNodeException>(() => log.ReplayAgent("counter"));
        Assert.Equal(NodeFailure.ModuleRefused, failure.Failure);
        Assert.StartsWith("The module of agent 'counter' cannot be read from ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_emits_something_else_at_one_turn_diverges_there()
    {
        var changed = Counter().Replace(
            "(call $publish_count)\n\n", "(call $publish_count)\n(if (i32.eq (global.get $count) (i32.const 37)) (then (call $publish_count)))\n\n", StringComparison.Ordinal);
        var (report, turns) = ReplayWith(changed);
        var turn = turns.Where(t => t.Fault is null).ElementAt(37);
        Assert.Equal((turn.Input, 38), (report.Divergence!.Input, report.Turns));
        Assert.Contains($"Agent 'counter' (incarnation 1) does something else with the event at offset {turn.Input} (turn recorded at offset {turn.Offset}): its outputs have digest", report.Divergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_keeps_something_else_in_its_state_diverges_at_the_next_recorded_hash()
    {
        var changed = Counter().Replace("(call $publish_count)\n\n", "(call $publish_count)\n(i32.store (i32.const 60000) (global.get $count))\n\n", StringComparison.Ordinal);
        var (report, turns) = ReplayWith(changed);
        Assert.Equal(turns.First(t => t.Hash is not null && t.Fault is null).Input, report.Divergence!.Input);
        Assert.Contains("the state after it has hash ", report.Divergence.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(call $trap)", "(nop)", "(trap/unreachable: ", "succeeds now")]
    [InlineData("(call $trap)", "(drop (i32.div_u (i32.const 1) (i32.const 0)))", "it fails with trap/integer-division-by-zero", "recorded is trap/unreachable")]
    public void A_module_that_does_not_fail_in_the_same_way_diverges_at_the_first_failure(string call, string instead, string first, string second)
    {
        var (report, turns) = ReplayWith(Counter().Replace(call, instead, StringComparison.Ordinal));
        Assert.Equal(turns.First(t => t.Fault?.Code == "unreachable").Input, report.Divergence!.Input);
        Assert.Contains(first, report.Divergence.Message, StringComparison.Ordinal);
        Assert.Contains(second, report.Divergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_fails_where_it_succeeded_diverges_there()
    {
        var changed = Counter().Replace(
            "(call $publish_count)\n\n", "(call $publish_count)\n(if (i32.eq (global.get $count) (i32.const 12)) (then (unreachable)))\n\n", StringComparison.Ordinal);
        var (report, turns) = ReplayWith(changed);
        Assert.Equal(turns.Where(t => t.Fault is null).ElementAt(12).Input, report.Divergence!.Input);
        Assert.Contains("it succeeded when it was recorded and fails now (trap/unreachable: ", report.Divergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_log_is_not_replayed()
    {
        using var copy = mesh.Copy();
        var (_, bytes) = copy.Blocks()[4];
        bytes[^20] ^= 1;
        copy.SetBlock(4, bytes);
        using var log = OfflineLog.Open(copy.Folder);
        Assert.Throws<LogCorruptException>(() => log.ReplayAgent("counter"));
    }

    [Fact]
    public void A_replay_can_be_cancelled()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        Assert.Throws<OperationCanceledException>(() => log.ReplayAgent("counter", cancellation: new CancellationToken(true)));
    }

    /// <summary>The counter as a module that holds state in objects, too.</summary>
    internal static string CounterWithGcState() => Counter().Replace(
        "(tag $broken", "(type $box (struct (field i32)))\n(global $box (mut (ref null $box)) (ref.null $box))\n(tag $broken", StringComparison.Ordinal).Replace(
        "(call $publish_count)\n\n", "(call $publish_count)\n(global.set $box (struct.new $box (global.get $count)))\n\n", StringComparison.Ordinal);

    private static string Counter() => Encoding.UTF8.GetString(Repository.Guest("counter"));

    private static List<TurnRecord> TurnsOf(IOfflineLog log, string agent) =>
        [.. log.Records().Where(e => e.Agent == agent).Select(e => e.Record).OfType<TurnRecord>()];

    private (ReplayReport Report, List<TurnRecord> Turns) ReplayWith(string module)
    {
        Assert.NotEqual(Counter(), module);
        using var copy = mesh.Copy();
        var bytes = Encoding.UTF8.GetBytes(module);
        var modules = Path.Combine(copy.Folder, "modules");
        File.WriteAllBytes(Path.Combine(modules, ModuleStore.HashOf(bytes) + ".wasm"), bytes);
        using var guests = new ReplayGuests(modules);
        using var log = OfflineLog.Open(new LogLocation(copy.Folder), writer => new Exchanged(guests.For(writer), ModuleStore.HashOf(bytes)));
        return (log.ReplayAgent("counter")!, TurnsOf(log, "counter"));
    }

    private sealed class Exchanged(IGuestFactory guests, string hash) : IGuestFactory
    {
        public IGuest Create(AgentDefinition definition) => guests.Create(definition with { ModuleHash = hash });
    }
}
