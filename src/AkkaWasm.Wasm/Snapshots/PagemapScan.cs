using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>A run of bytes of a memory, on boundaries of the machine's pages.</summary>
internal readonly record struct ByteRange(ulong Start, ulong End);

/// <summary>What a scan does besides looking (<c>PM_SCAN_…</c>).</summary>
[Flags]
internal enum ScanFlags : ulong
{
    None = 0,

    /// <summary>The pages that are found count as not written from now on.</summary>
    ProtectFound = 1,

    /// <summary>Fails where writes are not watched.</summary>
    RequireWatched = 2,

    /// <summary>Finds holes too, once, which is quicker where there are few.</summary>
    HolesToo = 1UL << 63,
}

/// <summary>Asks the kernel which pages of this process are what (Linux 6.7 and later, <c>PAGEMAP_SCAN</c>).</summary>
internal static unsafe partial class PagemapScan
{
    private const int RegionsPerScan = 128;
    private const int OpenReadOnly = 0;
    private const int OpenCloseOnExec = 0x80000;
    private const uint Request = 0xC0606610;
    private const int InvalidArgument = 22;
    private const int NoSuchRequest = 25;
    private const ulong IsWritten = 1 << 1;
    private const ulong IsFile = 1 << 2;
    private const ulong IsPresent = 1 << 3;
    private const ulong IsSwapped = 1 << 4;
    private const ulong IsZeroPage = 1 << 5;

    private static readonly int s_pagemap = OperatingSystem.IsLinux() ? Open("/proc/self/pagemap", OpenReadOnly | OpenCloseOnExec) : -1;
    private static volatile bool s_isServed = s_pagemap >= 0;

    /// <summary>Whether the kernel has not refused the request yet.</summary>
    public static bool IsServed => s_isServed;

    /// <summary>The pages from one offset of a memory to another that have contents of their own: neither holes nor the shared page of zeros.</summary>
    public static bool TryFindTouched(byte* memory, ulong start, ulong end, List<ByteRange> ranges) =>
        TryScan(memory, start, end, 0, ScanFlags.None, ranges);

    /// <summary>Those of them that were written since they were last protected.</summary>
    public static bool TryFindWritten(byte* memory, ulong length, ScanFlags flags, List<ByteRange> ranges) =>
        TryScan(memory, 0, length, IsWritten, flags, ranges);

    private static bool TryScan(byte* memory, ulong startOffset, ulong endOffset, ulong category, ScanFlags flags, List<ByteRange> ranges)
    {
        if (!s_isServed) return false;
        var regions = stackalloc Region[RegionsPerScan];
        var end = (ulong)memory + endOffset;
        var scan = new ScanArguments
        {
            Size = (ulong)sizeof(ScanArguments),
            Flags = (ulong)(flags & ~ScanFlags.HolesToo),
            Start = (ulong)memory + startOffset,
            End = end,
            Regions = (ulong)regions,
            RegionCount = RegionsPerScan,
            Inverted = IsZeroPage | IsFile,
            All = IsZeroPage | IsFile | category,
            Any = IsPresent | IsSwapped,
            Return = IsPresent,
        };
        // The one question that the kernel answers without looking up all it knows of each page: twenty times quicker.
        if ((flags & ScanFlags.HolesToo) != 0) (scan.Inverted, scan.All, scan.Any, scan.Return) = (0, category, 0, category);
        while (scan.Start < end)
        {
            var found = Ioctl(s_pagemap, Request, &scan);
            if (found < 0 || scan.WalkEnd <= scan.Start)
            {
                if (category == 0) s_isServed = Marshal.GetLastPInvokeError() is not (NoSuchRequest or InvalidArgument);
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
