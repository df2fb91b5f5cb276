using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm.Tests.Snapshots;

public sealed unsafe class TouchedPagesTests
{
    [Fact]
    public void All_bytes_that_are_not_zero_lie_in_the_runs_which_are_in_order()
    {
        const int Pages = 4096;
        var memory = (byte*)NativeMemory.AlignedAlloc(Pages * 4096, 65536);
        try
        {
            new Span<byte>(memory, Pages * 4096).Clear();
            var random = new Random(7);
            var written = Enumerable.Range(0, 300).Select(_ => random.Next(Pages)).ToHashSet();
            foreach (var page in written) memory[(page * 4096L) + 17] = 1;

            var runs = TouchedPages.Find(memory, Pages * 4096);

            for (var i = 1; i < runs.Count; i++) Assert.True(runs[i - 1].End < runs[i].Start);
            Assert.All(runs, r => Assert.True(r.Start < r.End && r.End <= Pages * 4096));
            Assert.All(written, page => Assert.Contains(runs, r => r.Start <= (ulong)page * 4096 && (ulong)page * 4096 < r.End));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [Fact]
    public void An_empty_memory_has_no_runs() => Assert.Empty(TouchedPages.Find(null, 0));
}
