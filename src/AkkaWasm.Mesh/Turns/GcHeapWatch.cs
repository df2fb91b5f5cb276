namespace AkkaWasm.Mesh.Turns;

/// <summary>
/// Decides when an agent is compacted: its state captured and restored into a fresh guest, which leaves all garbage behind.
/// <list type="bullet">
/// <item>After a turn with which the GC heap has passed the share <c>gc-compact-at</c> of its limit.</item>
/// <item>What a compaction leaves is live. If that is much, the next one waits until the heap has doubled it; where that is past the limit, until a turn
/// exhausts the heap. So a heap full of live objects is not compacted turn after turn for nothing.</item>
/// <item>When a turn exhausts the heap, and turns before it may have left garbage since the last compaction: once, before it counts as a failure.</item>
/// </list>
/// </summary>
/// <param name="limitBytes">What the GC heap can take.</param>
/// <param name="compactAt">Share of it at which it is compacted first, above 0 and up to 1.</param>
internal sealed class GcHeapWatch(long limitBytes, double compactAt)
{
    private readonly long least = (long)Math.Min(limitBytes, limitBytes * compactAt);
    private long? threshold;

    /// <summary>The size at which it is compacted next between turns, bytes; <see cref="long.MaxValue"/> for none.</summary>
    public long Threshold => threshold ?? least;

    /// <summary>Whether it is time, between two turns.</summary>
    public bool IsDue(long heapBytes) => heapBytes > 0 && heapBytes >= Threshold;

    /// <summary>Notes what a compaction has left.</summary>
    public void Compacted(long liveBytes) => threshold = liveBytes <= limitBytes / 2 ? Math.Max(least, liveBytes * 2) : long.MaxValue;
}
