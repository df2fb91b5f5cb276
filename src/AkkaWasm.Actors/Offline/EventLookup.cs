using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>Finds records by their offsets; made for offsets that mostly rise. Used by one thread at a time.</summary>
/// <param name="journal">Where the blocks are read from.</param>
/// <param name="blocks">Where they are, in their order.</param>
internal sealed class EventLookup(JournalFile journal, IReadOnlyList<BlockPlace> blocks)
{
    private const int BlocksKept = 4;

    private readonly Queue<(int Block, IReadOnlyList<LogRecord> Records)> kept = [];

    /// <summary>The event at an offset.</summary>
    /// <exception cref="LogCorruptException">There is none, or its block is damaged.</exception>
    public MeshEvent At(long offset) =>
        RecordAt(offset) is EventRecord { Event: var e } ? e : throw new LogCorruptException($"The record at offset {offset} is no event.", offset);

    /// <summary>The record at an offset.</summary>
    /// <exception cref="LogCorruptException">There is none, or its block is damaged.</exception>
    public LogRecord RecordAt(long offset)
    {
        var block = BlockOf(offset);
        if (block < 0 || offset > blocks[block].Last) throw new LogCorruptException($"There is no record at offset {offset}.", offset);
        return RecordsOf(block)[(int)(offset - blocks[block].First)];
    }

    /// <summary>The place of the block that holds an offset, or of the last one before it; -1 before the first.</summary>
    public int BlockOf(long offset)
    {
        var (low, high) = (0, blocks.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (blocks[middle].First <= offset) low = middle + 1;
            else high = middle - 1;
        }
        return high;
    }

    /// <summary>The records of a block.</summary>
    /// <exception cref="LogCorruptException">It is damaged.</exception>
    public IReadOnlyList<LogRecord> RecordsOf(int block)
    {
        foreach (var (number, records) in kept)
            if (number == block) return records;
        if (kept.Count == BlocksKept) kept.Dequeue();
        var read = BlockCodec.Read(journal.BlockOf(blocks[block].Row), out _);
        kept.Enqueue((block, read));
        return read;
    }
}
