using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>A run of bytes of a memory, on boundaries of the machine's pages.</summary>
internal readonly record struct ByteRange(ulong Start, ulong End);

/// <summary>
/// Which pages of a memory can hold anything but zeros: those that were ever written. The kernel knows (Linux 6.7 and later,
/// <c>PAGEMAP_SCAN</c>); where it cannot be asked, all pages count as touched.
/// </summary>
internal static unsafe partial class TouchedPages
{
    private const int RegionsPerScan = 128;
    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExec = 0x80000;
    private const uint PagemapScan = 0xC0606610;
    private const int InvalidArgument = 22;
    private const int NoSuchRequest = 25;
    private const int DontNeed = 4;
    private const int PopulateWrite = 23;
    private const ulong LeastPreparedBytes = 32 * 1024;
    private const ulong LeastDiscardedBytes = 1024 * 1024;
    private const ulong IsPresent = 1 << 3;
    private const ulong IsSwapped = 1 << 4;
    private const ulong IsZeroPage = 1 << 5;

    private static readonly int s_pagemap = OperatingSystem.IsLinux() ? Open("/proc/self/pagemap", OpenReadOnly | OpenCloseOnExec) : -1;
    private static volatile bool s_canScan = s_pagemap >= 0;

    /// <summary>The runs in rising order; together they cover every byte that is not zero.</summary>
    public static List<ByteRange> Find(byte* memory, ulong length)
    {
        var ranges = new List<ByteRange>();
        if (length == 0) return ranges;
        if (s_canScan && TryScan(memory, length, ranges)) return ranges;
        ranges.Clear();
        ranges.Add(new ByteRange(0, length));
        return ranges;
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

    /// <summary>Gives a large run back to the kernel, after which it is zeros; false if clearing it is the better way.</summary>
    public static bool TryDiscard(byte* start, ulong length) =>
        OperatingSystem.IsLinux() && length >= LeastDiscardedBytes && Madvise(start, (nuint)length, DontNeed) == 0;

    private static bool TryScan(byte* memory, ulong length, List<ByteRange> ranges)
    {
        var regions = stackalloc Region[RegionsPerScan];
        var end = (ulong)memory + length;
        var scan = new ScanArguments
        {
            Size = (ulong)sizeof(ScanArguments),
            Start = (ulong)memory,
            End = end,
            Regions = (ulong)regions,
            RegionCount = RegionsPerScan,
            Inverted = IsZeroPage,
            All = IsZeroPage,
            Any = IsPresent | IsSwapped,
            Return = IsPresent,
        };
        while (scan.Start < end)
        {
            var found = Ioctl(s_pagemap, PagemapScan, &scan);
            if (found < 0 || scan.WalkEnd <= scan.Start)
            {
                s_canScan = Marshal.GetLastPInvokeError() is not (NoSuchRequest or InvalidArgument);
                return false;
            }
            for (var i = 0; i < found; i++) Add(ranges, regions[i].Start - (ulong)memory, regions[i].End - (ulong)memory);
            scan.Start = scan.WalkEnd;
        }
        return true;
    }

    private static void Add(List<ByteRange> ranges, ulong start, ulong end)
    {
        if (ranges.Count > 0 && ranges[^1].End == start) ranges[^1] = ranges[^1] with { End = end };
        else ranges.Add(new ByteRange(start, end));
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(void* start, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(int descriptor, nuint request, void* argument);

#pragma warning disable CS0649 // the kernel assigns them
    /// <summary><c>struct page_region</c></summary>
    private readonly struct Region
    {
        public readonly ulong Start;
        public readonly ulong End;
        public readonly ulong Categories;
    }
#pragma warning restore CS0649

    /// <summary><c>struct pm_scan_arg</c></summary>
    private struct ScanArguments
    {
        public ulong Size;
        public ulong Flags;
        public ulong Start;
        public ulong End;
        public ulong WalkEnd;
        public ulong Regions;
        public ulong RegionCount;
        public ulong MaxPages;
        public ulong Inverted;
        public ulong All;
        public ulong Any;
        public ulong Return;
    }
}
