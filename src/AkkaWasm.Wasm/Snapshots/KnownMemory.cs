using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// What is known of the contents of one memory since it was last captured, restored or hashed, so that the next time only what was written since
/// is looked at. That is known of memories in which the kernel watches writes; of others nothing is kept.
/// </summary>
/// <param name="tracking">What the kernel is asked.</param>
internal sealed unsafe class KnownMemory(PageTracking tracking)
{
    /// <summary>
    /// Contents of fewer bytes are looked at whole each time, which takes less than watching them costs: a fault of about 1 µs for each page that is
    /// written, and the room of an image that is kept. 256 KiB.
    /// </summary>
    public const int LeastWatchedBytes = 256 << 10;

    /// <summary>A memory of which at least one page in so many has contents is dense.</summary>
    private const ulong LeastDensity = 4;

    private MemoryImage? _known;
    private MappedRange? _watched;

    /// <summary>Whether the next look is at written pages only.</summary>
    public bool IsWatched => _known is not null;

    /// <summary>The contents now.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="previous">An image to share pages with, if nothing better is known.</param>
    public MemoryImage Capture(byte* memory, ulong length, MemoryImage? previous) => Look(memory, length, previous, copies: true);

    /// <summary>The contents now, known by their hashes at least.</summary>
    public MemoryImage Hash(byte* memory, ulong length) => Look(memory, length, null, copies: false);

    /// <summary>Makes a memory of the image's size equal to the image.</summary>
    public void Restore(byte* memory, MemoryImage image)
    {
        var known = TakeKnown(memory);
        var written = new List<ByteRange>();
        var writer = new MemoryWriter(memory, image);
        if (known is not null && WrittenPages.TryFind(memory, image.SizeBytes, IsDense(known, image.SizeBytes), written)) writer.WriteOverWritten(known, written);
        else writer.WriteOverTouched(FindTouched(memory, image.SizeBytes, null));
        if (TryWatch(memory, image.SizeBytes, BytesOf(image))) _known = image;
    }

    private MemoryImage Look(byte* memory, ulong length, MemoryImage? previous, bool copies)
    {
        var known = TakeKnown(memory);
        var ranges = new List<ByteRange>();
        if (known is not null && WrittenPages.TryTake(memory, length, IsDense(known, length), ranges))
            return _known = new MemoryReader(memory, length, known, copies).ReadWritten(ranges);
        ranges = FindTouched(memory, length, previous);
        var isWatched = TryWatch(memory, length, (ulong)ranges.Sum(r => (long)(r.End - r.Start)));
        var image = new MemoryReader(memory, length, previous, copies).ReadTouched(ranges);
        if (isWatched) _known = image;
        return image;
    }

    /// <summary>What is known and still to be relied on. It is given up, so that a failure half-way leaves nothing wrong behind.</summary>
    private MemoryImage? TakeKnown(byte* memory)
    {
        var known = _watched is { IsWatched: true } && _watched.Base == memory ? _known : null;
        _known = null;
        return known;
    }

    private List<ByteRange> FindTouched(byte* memory, ulong length, MemoryImage? previous) =>
        TouchedPages.Find(memory, length, tracking >= PageTracking.Touched, previous);

    /// <summary>From now on only later writes count as such.</summary>
    private bool TryWatch(byte* memory, ulong length, ulong touchedBytes)
    {
        if (tracking < PageTracking.Written || touchedBytes < LeastWatchedBytes) return false;
        if (_watched is not { IsWatched: true } || _watched.Base != memory) _watched = MappedRange.Find(memory);
        return _watched is not null && _watched.TryWatch() && WrittenPages.TryTake(memory, length, IsDense(touchedBytes, length), []);
    }

    private static bool IsDense(MemoryImage known, ulong length) => IsDense(BytesOf(known), length);

    private static bool IsDense(ulong touchedBytes, ulong length) => touchedBytes >= length / LeastDensity;

    private static ulong BytesOf(MemoryImage image) => (ulong)image.PageCount * PageBlock.PageBytes;
}
