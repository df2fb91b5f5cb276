using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// The end of the log that is kept in memory, oldest blocks dropped first, plus a few older stretches that were read back. Of a block that is closed only
/// its bytes are kept and where its records begin in them; the events themselves only as long as agents wait for them that were not given them yet, also
/// of the block that is being filled. So what was handled is no burden for the garbage collector, however much of it is kept, and most events die young.
/// </summary>
/// <param name="limitBytes">How much is kept, about, bytes.</param>
internal sealed class LogWindow(long limitBytes)
{
    /// <summary>How many offsets are read back at a time.</summary>
    public const int LoadedStretch = 2_048;

    /// <summary>How many stretches that were read back are kept, so that agents that lag at different places do not undo each other's reading.</summary>
    public const int LoadedStretches = 8;

    /// <summary>Of the limit so much may be taken by events that are kept beside the bytes of their block: 1 of 4.</summary>
    private const int WaitingShare = 4;

    private const int CompactAt = 4_096;
    private const int LeastOpen = 256;

    private readonly List<LogSegment> segments = [];
    private readonly Queue<(long From, long To, MeshEvent[] Events)> loaded = [];
    private MeshEvent?[] open = [];
    private int[] openWaits = [];
    private long openFirst;
    private int openCount;
    private int first;
    private int firstWithWaiting;
    private long bytes;
    private long waitingBytes;

    /// <summary>
    /// Reads an event of the block that is being filled from what of it was encoded; null for a record of another kind. Where this is null, the events of
    /// that block are kept until it is closed.
    /// </summary>
    public Func<long, MeshEvent?>? ReadOpen { get; set; }

    /// <summary>Offset from which on everything is in memory.</summary>
    public long CompleteFrom => first < segments.Count ? segments[first].First : openFirst;

    /// <summary>Says that nothing before this offset was ever added, and forgets what was added after the last block.</summary>
    public void BeginAt(long offset)
    {
        ClearOpen();
        openFirst = offset;
    }

    /// <summary>Takes in an event of the block that is being filled.</summary>
    public void Add(MeshEvent e)
    {
        var index = (int)(e.Offset - openFirst);
        if (index >= open.Length)
        {
            var room = Math.Max(LeastOpen, Math.Max(index + 1, open.Length * 2));
            Array.Resize(ref open, room);
            Array.Resize(ref openWaits, room);
        }
        open[index] = e;
        openCount = index + 1;
    }

    /// <summary>Says that an agent waits for an event; one that is not of the block that is being filled is read from its bytes when it is due.</summary>
    public void Expect(long offset)
    {
        if (offset >= openFirst && offset - openFirst < openCount) openWaits[offset - openFirst]++;
    }

    /// <summary>The block that was being filled is whole.</summary>
    public void Close(BlockHeader header, in EncodedRecords records)
    {
        var segment = new LogSegment(header, records);
        waitingBytes += segment.Keep(open.AsSpan(0, openCount), openWaits);
        segments.Add(segment);
        bytes += segment.Weight;
        ClearOpen();
        openFirst = header.LastOffset + 1;
    }

    /// <summary>Says up to where the log is safe: what is older may be dropped.</summary>
    public void Committed(long offset)
    {
        while (bytes > limitBytes && first < segments.Count && segments[first].Last <= offset) DropFirst();
        if (first > CompactAt && first > segments.Count / 2)
        {
            segments.RemoveRange(0, first);
            (first, firstWithWaiting) = (0, Math.Max(0, firstWithWaiting - first));
        }
        firstWithWaiting = Math.Max(firstWithWaiting, first);
        while (waitingBytes > limitBytes / WaitingShare && firstWithWaiting < segments.Count && segments[firstWithWaiting].Last <= offset)
            waitingBytes -= segments[firstWithWaiting++].DropWaiting();
    }

    public void AddLoaded(long from, long to, IReadOnlyList<MeshEvent> stretch)
    {
        if (loaded.Count == LoadedStretches) loaded.Dequeue();
        loaded.Enqueue((from, to, [.. stretch]));
    }

    /// <summary>The event at an offset if it is in memory.</summary>
    public MeshEvent? Find(long offset)
    {
        if (offset >= openFirst) return offset - openFirst < openCount ? open[offset - openFirst] ?? ReadOpen?.Invoke(offset) : null;
        return SegmentOf(offset) is { } segment ? segment.Find(offset) : FindLoaded(offset);
    }

    /// <summary>About when an event was appended, nanoseconds since the Unix epoch: when its block was begun; of one that is not in memory, the block that is there longest.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="nowNs">The time now, where nothing is known.</param>
    public long TimeOf(long offset, long nowNs)
    {
        if (offset >= openFirst) return Find(offset)?.AppendedAtNs ?? nowNs;
        if (SegmentOf(Math.Max(offset, CompleteFrom)) is { } segment) return segment.BaseTimeNs;
        return nowNs;
    }

    /// <summary>Like <see cref="Find"/>, for an agent that waits for it.</summary>
    public MeshEvent? Take(long offset)
    {
        if (offset >= openFirst)
        {
            var index = offset - openFirst;
            if (index >= openCount) return null;
            var taken = Find(offset);
            if (openWaits[index] > 0 && --openWaits[index] == 0 && ReadOpen is not null) open[index] = null;
            return taken;
        }
        if (SegmentOf(offset) is not { } segment) return FindLoaded(offset);
        var found = segment.Take(offset, out var released);
        waitingBytes -= released;
        return found;
    }

    private LogSegment? SegmentOf(long offset)
    {
        if (offset < CompleteFrom) return null;
        var (low, high) = (first, segments.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (segments[middle].First <= offset) low = middle;
            else high = middle - 1;
        }
        return low < segments.Count ? segments[low] : null;
    }

    private MeshEvent? FindLoaded(long offset)
    {
        foreach (var stretch in loaded)
            if (offset >= stretch.From && offset <= stretch.To && Search(stretch.Events, offset) is { } found) return found;
        return null;
    }

    private static MeshEvent? Search(MeshEvent[] events, long offset)
    {
        var (low, high) = (0, events.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (events[middle].Offset == offset) return events[middle];
            if (events[middle].Offset < offset) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }

    private void DropFirst()
    {
        bytes -= segments[first].Weight;
        waitingBytes -= segments[first].DropWaiting();
        segments[first++] = null!;
    }

    private void ClearOpen()
    {
        Array.Clear(open, 0, openCount);
        Array.Clear(openWaits, 0, openCount);
        openCount = 0;
    }
}
