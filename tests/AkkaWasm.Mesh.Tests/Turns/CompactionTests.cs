using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Turns;

/// <summary>
/// Guests with a heap of 100 units that frees nothing. An event <c>G L</c> makes G units of garbage and keeps L; a heap that would pass its limit
/// fails the turn. Capture and restore leave what is kept.
/// </summary>
public sealed class CompactionTests
{
    private const long Limit = 100;

    private int restored;
    private long mostUsed;

    private TestMesh Mesh(params string[] events)
    {
        var agent = Agent("a", "in") with { SnapshotEveryTurns = 1_000, Limits = new AgentLimits { GcHeapBytes = Limit, GcCompactAt = 0.7 } };
        var mesh = new TestMesh(Of(agent), new TestGuests { Make = () => new Heap(this) }).Run();
        foreach (var text in events)
        {
            mesh.Publish("in", text);
            mesh.RunToIdle();
        }
        return mesh;
    }

    [Fact]
    public void Garbage_without_end_is_collected_between_turns()
    {
        var mesh = Mesh([.. Enumerable.Repeat("10 0", 200)]);

        Assert.Equal((201L, 0L), (mesh.Status("a").Turns, mesh.Status("a").Failures));
        Assert.InRange(restored, 200 / 7, 200 / 6);
        Assert.InRange(mostUsed, 70, 80);
    }

    [Fact]
    public void A_turn_that_finds_the_heap_full_is_tried_once_more_after_a_compaction_and_leaves_no_trace_of_the_first_try()
    {
        var mesh = Mesh("60 5", "80 5", "1 0");

        Assert.Equal((4L, 0L), (mesh.Status("a").Turns, mesh.Status("a").Failures));
        Assert.Empty(mesh.On("mesh.agent.a.failed"));
        Assert.Equal(10, mesh.Memory("a")["live"]);
    }

    [Fact]
    public void What_does_not_fit_after_a_compaction_either_is_a_failure()
    {
        var mesh = Mesh("60 5", "99 5", "1 0");

        Assert.Equal(1, mesh.Status("a").Quarantined);
        Assert.Equal(GuestFault.GcHeapOutOfMemory, mesh.Status("a").LastFault!.Code);
        Assert.Equal(5, mesh.Memory("a")["live"]);
    }

    [Fact]
    public void A_heap_full_of_what_is_live_is_not_compacted_turn_after_turn()
    {
        var mesh = Mesh([.. Enumerable.Repeat("0 8", 9), .. Enumerable.Repeat("1 0", 60)]);

        Assert.Equal(0, mesh.Status("a").Failures);
        // 72 of 100 are live: each compaction wins the 28 turns up to the limit. The replay before it repeats those of the turns until then.
        Assert.InRange(restored, 1, 8);
    }

    [Fact]
    public void A_life_with_compactions_is_repeated_from_its_first_turn()
    {
        var mesh = Mesh("60 5", "80 5", "60 1", "85 1", "70 2", "70 2", "30 0");
        Assert.Equal(0, mesh.Status("a").Failures);

        var again = mesh.Restart();
        Assert.Equal((16L, 8L), (again.Memory("a")["live"], again.Memory("a")["count"]));
        Assert.Equal(mesh.Memory("a").ToBytes(), again.Memory("a").ToBytes());
    }

    [Fact]
    public void A_crash_between_the_first_try_and_the_second_changes_nothing()
    {
        var mesh = Mesh("60 5");
        mesh.Publish("in", "80 5");
        while (mesh.Steps() is not [{ Kind: StepKind.Rebuild }, ..]) mesh.Take(mesh.Steps()[0]);
        Assert.Equal(1, mesh.Status("a").Pending);

        var again = mesh.Restart();

        Assert.Equal((10L, 3L, 0L), (again.RunToIdle().Memory("a")["live"], again.Status("a").Turns, again.Status("a").Failures));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(69, false)]
    [InlineData(70, true)]
    public void It_is_due_at_the_share_of_the_limit(long heap, bool isDue) => Assert.Equal(isDue, new GcHeapWatch(100, 0.7).IsDue(heap));

    [Theory]
    [InlineData(10, 70)]
    [InlineData(40, 80)]
    [InlineData(50, 100)]
    [InlineData(51, long.MaxValue)]
    public void After_a_compaction_it_is_due_when_the_live_part_has_doubled_unless_that_is_past_the_limit(long live, long next)
    {
        var watch = new GcHeapWatch(100, 0.7);
        watch.Compacted(live);
        Assert.Equal(next, watch.Threshold);
    }

    /// <summary>A guest whose heap only grows.</summary>
    private sealed class Heap(CompactionTests all) : IGuest
    {
        private GuestMemory memory = new();
        private long used;

        public GuestUsage Usage => new(0, 0) { GcHeapBytes = used };

        public bool CanCompact => true;

        public GuestFault? Initialize(Turn turn) => Handle(turn, 1, 0);

        public GuestFault? Handle(Turn turn)
        {
            var numbers = TestGuests.TextOf(turn).Split(' ');
            return Handle(turn, long.Parse(numbers[0]), long.Parse(numbers[1]));
        }

        public ReadOnlyMemory<byte>? Capture() => memory.ToBytes();

        public void Restore(ReadOnlyMemory<byte> image)
        {
            all.restored++;
            memory = GuestMemory.Of(image.Span);
            used = memory["live"];
        }

        public StateHash Hash() => new(System.IO.Hashing.XxHash128.HashToUInt128(memory.ToBytes()));

        public void Dispose()
        {
        }

        private GuestFault? Handle(Turn turn, long garbage, long live)
        {
            memory["count"]++;
            if (used + garbage + live > Limit) return new GuestFault(FaultKind.Limit, GuestFault.GcHeapOutOfMemory, "The GC heap is full.");
            used += garbage + live;
            memory["live"] += live;
            if (!turn.IsReplay) all.mostUsed = Math.Max(all.mostUsed, used);
            return null;
        }
    }
}
