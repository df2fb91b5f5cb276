using AkkaWasm.Wasm.Snapshots;
using AkkaWasm.Wasm.Tests.Instances;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Snapshots;

/// <summary>Random lives of a guest: whatever is done in whatever order, a snapshot holds what the memories hold, byte for byte, and the hash is its.</summary>
public sealed class IncrementalSnapshotTests
{
    private const int Lives = 12;
    private const int StepsEach = 60;

    [Theory]
    [InlineData(PageTracking.Written, 4L << 30, false)]
    [InlineData(PageTracking.Written, 0L, false)]
    [InlineData(PageTracking.Written, 0L, true)]
    [InlineData(PageTracking.Touched, 4L << 30, false)]
    [InlineData(PageTracking.Nothing, 1L << 20, false)]
    internal void Every_snapshot_and_hash_is_what_a_full_one_is(PageTracking tracking, long reservation, bool isDense)
    {
        var options = new WasmEngineOptions { PageTracking = tracking, MemoryReservationBytes = reservation };
        if (reservation == 0) options = options with { MemoryGuardBytes = 0 };
        if (isDense) options = options with { Allocation = InstanceAllocation.Dense };
        using var engine = new WasmEngine(options);
        using var module = Guests.Load(RandomLife.Guest, engine);
        for (ulong seed = 1; seed <= Lives; seed++)
        {
            using var life = new RandomLife(module, new SplitMix(seed), growsWide: tracking != PageTracking.Nothing);
            for (var step = 0; step < StepsEach; step++)
            {
                var done = life.Step();
                Assert.True(done is null, $"seed {seed}, step {step}: {done}");
            }
        }
    }

    [Fact]
    public void Where_the_kernel_tells_written_pages_a_large_memory_is_watched_and_a_small_one_is_not()
    {
        using var instance = Guests.Create(RandomLife.Guest);
        instance.Capture();
        Assert.False(instance.IsWatched(0));

        instance.Call("fill", WasmValue.FromI32(0), WasmValue.FromI32(KnownMemory.LeastWatchedBytes), WasmValue.FromI32(1));
        instance.Capture();

        Assert.Equal(WrittenPages.IsServed, instance.IsWatched(0));
        Assert.False(instance.IsWatched(1));
    }

    [Fact]
    public void A_state_that_nobody_could_change_is_not_looked_at_again()
    {
        using var instance = Guests.Create(RandomLife.Guest);
        var first = instance.Capture();
        Assert.Same(first, instance.Capture());

        instance.Call("fill", WasmValue.FromI32(0), WasmValue.FromI32(5000), WasmValue.FromI32(1));
        var second = instance.Capture();

        Assert.NotSame(first, second);
        Assert.NotEqual(first.ComputeHash(), instance.ComputeHash());
        Assert.Equal(second.ComputeHash(), instance.ComputeHash());
    }

    [Fact]
    public void A_span_taken_between_calls_may_be_written_to_until_the_next_call()
    {
        using var instance = Guests.Create(RandomLife.Guest);
        var span = instance.GetMemory(0).GetSpan(0, 10);
        var before = instance.Capture();
        var hash = instance.ComputeHash();

        span[3] = 1;

        Assert.NotEqual(hash, instance.ComputeHash());
        Assert.Equal(1, instance.Capture(before).Memories[0].Pages.Single().Contents.Span[3]);
        span[3] = 0;
        Assert.Equal(hash, instance.ComputeHash());
    }
}
