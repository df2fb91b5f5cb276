using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// Which pages of a memory can hold anything but zeros: those that were ever written. Where the kernel cannot be asked, all pages count as touched.
/// </summary>
internal static unsafe partial class TouchedPages
{
    private const int DontNeed = 4;
    private const int PopulateWrite = 23;
    private const ulong LeastPreparedBytes = 32 * 1024;
    private const ulong LeastDiscardedBytes = 1024 * 1024;

    /// <summary>The runs in rising order; together they cover every byte that is not zero.</summary>
    /// <param name="memory">The memory, on a page boundary.</param>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="asksKernel">Whether the kernel is asked at all.</param>
    /// <param name="previous">
    /// An image that the memory is likely to resemble. Of its blocks without a page of zeros the kernel is not asked: they count as touched.
    /// </param>
    public static List<ByteRange> Find(byte* memory, ulong length, bool asksKernel = true, MemoryImage? previous = null)
    {
        var ranges = new List<ByteRange>();
        if (length == 0 || (asksKernel && TryFind(memory, length, previous, ranges))) return ranges;
        ranges.Clear();
        ranges.Add(new ByteRange(0, length));
        return ranges;
    }

    private static bool TryFind(byte* memory, ulong length, MemoryImage? previous, List<ByteRange> ranges)
    {
        ulong asked = 0;
        for (var i = 0; i < previous?.Blocks.Length; i++)
        {
            if (previous.Blocks[i].Present != ulong.MaxValue) continue;
            var start = previous.BlockNumbers[i] * PageBlock.Bytes;
            if (start + PageBlock.Bytes > length) break;
            if (start > asked && !PagemapScan.TryFindTouched(memory, asked, start, ranges)) return false;
            asked = start + PageBlock.Bytes;
            ranges.Add(new ByteRange(start, asked));
        }
        return asked == length || PagemapScan.TryFindTouched(memory, asked, length, ranges);
    }

    /// <summary>
    /// Makes the pages of a run at once, which is cheaper than a fault for each. Only a hint: what it leaves out is made when it is written.
    /// </summary>
    public static void Prepare(byte* start, ulong length)
    {
        if (!OperatingSystem.IsLinux() || length < LeastPreparedBytes) return;
        var mask = (ulong)Environment.SystemPageSize - 1;
        var first = (ulong)start & ~mask;
        Madvise((void*)first, (nuint)(((ulong)start + length - first + mask) & ~mask), PopulateWrite);
    }

    /// <summary>
    /// Gives a large run back to the kernel, after which it is zeros; false if clearing it is the better way. Not for a memory whose writes are
    /// watched: this is none.
    /// </summary>
    public static bool TryDiscard(byte* start, ulong length) =>
        OperatingSystem.IsLinux() && length >= LeastDiscardedBytes && Madvise(start, (nuint)length, DontNeed) == 0;

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* start, nuint length, int advice);
}
