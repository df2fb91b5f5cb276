using System.Runtime.InteropServices;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>The events at the end of the log that are kept in memory, oldest dropped first, plus a few older stretches that were read back.</summary>
/// <param name="limitBytes">How much is kept, about, bytes.</param>
internal sealed class LogWindow(long limitBytes)
{
    /// <summary>How many offsets are read back at a time.</summary>
    public const int LoadedStretch = 2_048;

    /// <summary>How many stretches that were read back are kept, so that agents that lag at different places do not undo each other's reading.</summary>
    public const int LoadedStretches = 8;

    private const int CompactAt = 4_096;

    private readonly List<MeshEvent> events = [];
    private readonly Queue<(long From, long To, MeshEvent[] Events)> loaded = [];
    private int first;
    private long bytes;
    private long droppedThrough = Position.None;

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

    public void AddLoaded(long from, long to, IReadOnlyList<MeshEvent> stretch)
    {
        if (loaded.Count == LoadedStretches) loaded.Dequeue();
        loaded.Enqueue((from, to, [.. stretch]));
    }

    public MeshEvent? Find(long offset)
    {
        if (offset >= CompleteFrom) return Search(CollectionsMarshal.AsSpan(events)[first..], offset);
        foreach (var stretch in loaded)
            if (offset >= stretch.From && offset <= stretch.To && Search(stretch.Events, offset) is { } found) return found;
        return null;
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
