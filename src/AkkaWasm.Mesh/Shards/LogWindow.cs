using System.Runtime.InteropServices;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>The events at the end of the log that are kept in memory, oldest dropped first, plus one older stretch that was read back.</summary>
/// <param name="limitBytes">How much is kept, about, bytes.</param>
internal sealed class LogWindow(long limitBytes)
{
    /// <summary>How many offsets are read back at a time.</summary>
    public const int LoadedStretch = 8_192;

    private const int CompactAt = 4_096;

    private readonly List<MeshEvent> events = [];
    private int first;
    private long bytes;
    private long droppedThrough = Position.None;
    private (long From, long To, IReadOnlyList<MeshEvent> Events) loaded = (0, -1, []);

    /// <summary>Offset from which on everything is in memory.</summary>
    public long CompleteFrom => droppedThrough + 1;

    /// <summary>Says that nothing before this offset was ever added.</summary>
    public void BeginAt(long offset) => droppedThrough = offset - 1;

    public void Add(MeshEvent e, long keepFrom)
    {
        events.Add(e);
        bytes += e.Weight;
        while (bytes > limitBytes && first < events.Count - 1 && events[first].Offset < keepFrom) DropFirst();
        if (first > CompactAt && first > events.Count / 2)
        {
            events.RemoveRange(0, first);
            first = 0;
        }
    }

    public void AddLoaded(long from, long to, IReadOnlyList<MeshEvent> stretch) => loaded = (from, to, stretch);

    public MeshEvent? Find(long offset)
    {
        var found = Search(CollectionsMarshal.AsSpan(events)[first..], offset);
        if (found is not null || offset >= CompleteFrom) return found;
        foreach (var e in loaded.Events)
            if (e.Offset == offset) return e;
        return null;
    }

    /// <summary>Goes through the events from an offset on.</summary>
    /// <param name="from">Where to begin.</param>
    /// <param name="visit">Says whether to go on.</param>
    /// <returns>Where it came to: an offset that is not in memory, one that <paramref name="visit"/> declined, or -1 at the end of the log.</returns>
    public long Scan(long from, Func<MeshEvent, bool> visit)
    {
        if (from < CompleteFrom)
        {
            if (from < loaded.From || from > loaded.To) return from;
            foreach (var e in loaded.Events)
                if (e.Offset >= from && !visit(e)) return e.Offset;
            from = loaded.To + 1;
            if (from < CompleteFrom) return from;
        }
        for (var i = IndexFrom(from); i < events.Count; i++)
            if (!visit(events[i])) return events[i].Offset;
        return -1;
    }

    private int IndexFrom(long offset)
    {
        var (low, high) = (first, events.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (events[middle].Offset < offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static MeshEvent? Search(ReadOnlySpan<MeshEvent> span, long offset)
    {
        var (low, high) = (0, span.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (span[middle].Offset == offset) return span[middle];
            if (span[middle].Offset < offset) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }

    private void DropFirst()
    {
        bytes -= events[first].Weight;
        droppedThrough = events[first].Offset;
        events[first++] = null!;
    }
}
