using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>Finds events by their offsets; made for offsets that mostly rise.</summary>
internal sealed class EventLookup(JournalFile journal)
{
    private const int BlocksKept = 2;

    private readonly List<(long First, StoredRow Row)> blocks = [];
    private readonly Queue<(long First, IReadOnlyList<LogRecord> Records)> kept = [];

    /// <summary>Notes a block; in their order.</summary>
    public void Add(StoredBlock block) => blocks.Add((block.Header.FirstOffset, block.Row));

    /// <summary>The event at an offset.</summary>
    /// <exception cref="LogCorruptException">There is none, or its block is damaged.</exception>
    public MeshEvent At(long offset)
    {
        foreach (var (first, records) in kept)
            if (offset >= first && offset < first + records.Count) return EventIn(records, first, offset);
        var at = blocks.BinarySearch((offset, null!), Comparer<(long First, StoredRow)>.Create((a, b) => a.First.CompareTo(b.First)));
        if (at < 0) at = ~at - 1;
        if (at < 0) throw new LogCorruptException($"There is no record at offset {offset}.", offset);
        if (kept.Count == BlocksKept) kept.Dequeue();
        var read = BlockCodec.Read(journal.BlockOf(blocks[at].Row), out var header);
        kept.Enqueue((header.FirstOffset, read));
        return EventIn(read, header.FirstOffset, offset);
    }

    private static MeshEvent EventIn(IReadOnlyList<LogRecord> records, long first, long offset) =>
        offset - first < records.Count && records[(int)(offset - first)] is EventRecord { Event: var e } ? e : throw new LogCorruptException($"The record at offset {offset} is no event.", offset);
}
