using System.Diagnostics;
using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm.Tests.Snapshots;

/// <summary>What the kernel says about written pages, on kernels that say it; <see cref="IncrementalSnapshotTests"/> covers the others.</summary>
public sealed unsafe class WrittenPagesTests
{
    private const int Page = PageBlock.PageBytes;
    private const ulong Length = 8 << 20;

    [Fact]
    public void A_kernel_that_tells_written_pages_is_asked()
    {
        if (!OperatingSystem.IsLinux() || Environment.OSVersion.Version < new Version(6, 7)) return;
        var isFiltered = !File.ReadAllLines("/proc/self/status").Contains("Seccomp:\t0");
        Assert.True(WrittenPages.IsServed || isFiltered);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Written_pages_are_told_once_whoever_wrote_them(bool isDense)
    {
        if (!WrittenPages.IsServed) return;
        using var memory = new Memory(Length);
        memory.Fill(0, (int)Length);
        Assert.True(memory.Range.TryWatch());
        Assert.Equal((int)Length / Page, memory.Take(isDense).Count);
        Assert.Empty(memory.Take(isDense));

        memory.Fill(5 * Page, 1);
        memory.Fill((700 * Page) - 1, 2);
        using var zeros = File.OpenRead("/dev/zero");
        Assert.Equal(Page, zeros.Read(new Span<byte>(memory.Start + (100 * Page), Page)));

        Assert.Equal([5, 100, 699, 700], memory.Take(isDense));
        Assert.Empty(memory.Take(isDense));
    }

    [Fact]
    public void More_runs_than_one_answer_of_the_kernel_holds_are_all_told()
    {
        if (!WrittenPages.IsServed) return;
        using var memory = new Memory(Length);
        memory.Range.TryWatch();
        var written = Enumerable.Range(0, 1000).Select(i => i * 2).ToList();
        foreach (var page in written) memory.Fill(page * Page, 1);

        Assert.Equal(written, memory.Take(isDense: false));
        Assert.Empty(memory.Take(isDense: false));
    }

    [Fact]
    public void Reading_is_not_writing_and_holes_of_a_sparse_memory_are_not_told()
    {
        if (!WrittenPages.IsServed) return;
        using var memory = new Memory(Length);
        memory.Range.TryWatch();
        Assert.Empty(memory.Take(isDense: false));

        Assert.Equal(0, memory.Start[3 * Page]);
        Assert.Empty(memory.Take(isDense: false));
        memory.Fill(3 * Page, 1);
        Assert.Equal([3], memory.Take(isDense: false));
    }

    [Fact]
    public void A_watched_memory_that_is_cleared_was_written()
    {
        if (!WrittenPages.IsServed) return;
        using var memory = new Memory(Length);
        memory.Fill(0, (int)Length / 2);
        memory.Range.TryWatch();
        memory.Take(isDense: false);

        MemoryWriter.Clear(memory.Start, TouchedPages.Find(memory.Start, Length));

        Assert.Equal((int)Length / 2 / Page, memory.Take(isDense: false).Count);
        Assert.Equal(-1, new Span<byte>(memory.Start, (int)Length).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Growth_within_the_reservation_is_watched_and_neither_it_nor_watching_takes_a_mapping()
    {
        if (!WrittenPages.IsServed) return;
        using var memory = new Memory(Length, reservation: 1 << 30, guard: 1 << 20);
        memory.Fill(0, Page);
        var mappings = memory.Mappings();
        memory.Range.TryWatch();
        memory.Take(isDense: false);
        Assert.Equal(mappings, memory.Mappings());

        Assert.True(memory.Host.TryGrow(2 * (nuint)Length));
        memory.Fill((int)Length + Page, Page);

        Assert.Equal([((int)Length / Page) + 1], memory.Take(isDense: false, 2 * Length));
        Assert.Equal(mappings, memory.Mappings());
    }

    [Fact]
    public void A_memory_that_moves_is_watched_no_longer_and_can_be_again()
    {
        if (!WrittenPages.IsServed) return;
        using var memory = new Memory(Length);
        memory.Fill(0, (int)Length);
        var range = memory.Range;
        range.TryWatch();
        memory.Take(isDense: true);

        Assert.True(memory.Host.TryGrow(64 * (nuint)Length));

        Assert.False(range.IsWatched);
        Assert.NotSame(range, memory.Range);
        Assert.False(WrittenPages.TryTake(memory.Start, Length, isDense: false, []));
        memory.Fill(7 * Page, 1);
        Assert.True(memory.Range.TryWatch());
        Assert.Equal((int)Length / Page, memory.Take(isDense: false).Count);
        memory.Fill(7 * Page, 1);
        Assert.Equal([7], memory.Take(isDense: false));
    }

    [Fact]
    public void What_is_written_while_a_child_process_shares_the_pages_is_told()
    {
        if (!WrittenPages.IsServed) return;
        using var memory = new Memory(Length);
        memory.Fill(0, (int)Length);
        memory.Range.TryWatch();
        memory.Take(isDense: true);
        using (var child = Process.Start("/bin/true"))
        {
            memory.Fill(9 * Page, 1);
            child.WaitForExit();
        }
        memory.Fill(11 * Page, 1);

        Assert.Equal([9, 11], memory.Take(isDense: true));
    }

    private sealed class Memory : IDisposable
    {
        private readonly HostMemorySource _source = new(new HostMemoryBudget(long.MaxValue), isDense: false);

        public Memory(ulong length, nuint reservation = 0, nuint guard = 0) => Host = HostMemory.TryCreate(_source, null, (nuint)length, reservation, guard)!;

        public HostMemory Host { get; }

        public MappedRange Range => MappedRange.Find(Host.Base)!;

        public byte* Start => Host.Base;

        public void Fill(int offset, int length) => new Span<byte>(Start + offset, length).Fill(0x5a);

        /// <summary>The numbers of the pages written since the last time.</summary>
        public List<int> Take(bool isDense, ulong length = Length)
        {
            var ranges = new List<ByteRange>();
            Assert.True(WrittenPages.TryTake(Start, length, isDense, ranges));
            return [.. ranges.SelectMany(r => Enumerable.Range((int)(r.Start / Page), (int)((r.End - r.Start) / Page)))];
        }

        /// <summary>How many mappings of the process lie in its range.</summary>
        public int Mappings()
        {
            var (start, end) = ((ulong)Start, (ulong)Start + Host.Capacity);
            return File.ReadLines("/proc/self/maps").Count(line =>
            {
                var bounds = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-').Select(b => Convert.ToUInt64(b, 16)).ToArray();
                return bounds[0] < end && bounds[1] > start;
            });
        }

        public void Dispose()
        {
            Host.Free();
            _source.Free();
        }
    }
}
