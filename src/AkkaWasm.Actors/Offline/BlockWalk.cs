using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>A block on the way through the log.</summary>
/// <param name="Row">Where it is stored.</param>
/// <param name="Header">Its header.</param>
/// <param name="Records">Its records, or null if they were not wanted.</param>
internal sealed record StoredBlock(StoredRow Row, BlockHeader Header, IReadOnlyList<LogRecord>? Records);

/// <summary>Goes through the log from where it begins, reads of the blocks that nobody wants no more than their headers, and stops at the first flaw.</summary>
internal static class BlockWalk
{
    /// <param name="journal">The journal.</param>
    /// <param name="names">Learns what the records say of names.</param>
    /// <param name="wanted">Which blocks are to be read whole.</param>
    /// <param name="from">A saved state to go on from, or null for where the log begins.</param>
    /// <exception cref="MeshNodeException">A node removed the beginning of the log meanwhile.</exception>
    /// <exception cref="LogCorruptException">A block is damaged or does not follow the one before, or the end of the log was cut off.</exception>
    public static IEnumerable<StoredBlock> Through(JournalFile journal, LogNames names, Func<BlockHeader, bool> wanted, LogBase? from = null)
    {
        var (row, next) = (0L, 0L);
        ulong? previous = 0;
        if ((from ?? journal.Base) is { Cut: var cut } known)
        {
            names.Begin(cut);
            (row, next, previous) = (known.Row, cut.NextOffset, cut.LastChecksum);
        }
        while (journal.Next(row) is { } stored)
        {
            if (stored.SequenceNr != row + 1 && journal.IsBeingShortened(row)) throw new MeshNodeException(NodeFailure.Storage, "The node removed the beginning of the log while it was read; read it again.");
            if (stored.SequenceNr != row + 1 || stored.IsDeleted)
                throw new LogCorruptException($"Row {row + 1} of the journal is missing, and with it the records from offset {next}.", next);
            var block = Read(journal, names, stored, next, wanted);
            if (block.Header.FirstOffset != next)
                throw new LogCorruptException($"Row {stored.SequenceNr} of the journal begins at offset {block.Header.FirstOffset} where {next} is next.", next);
            if (block.Records is not null && previous is { } checksum && block.Header.PreviousChecksum != checksum)
                throw new LogCorruptException($"Row {stored.SequenceNr} of the journal (offset {next}) follows another block than the one before it.", next);
            previous = block.Records is null ? null : block.Header.Checksum;
            (row, next) = (stored.SequenceNr, block.Header.LastOffset + 1);
            yield return block;
        }
        if (LogHeadFile.Missing(journal.Head, row, next - 1) is { } missing) throw new LogCorruptException(missing, next);
    }

    private static StoredBlock Read(JournalFile journal, LogNames names, StoredRow row, long next, Func<BlockHeader, bool> wanted)
    {
        try
        {
            var header = journal.HeaderOf(row);
            if (!wanted(header) && !names.HasNews(header)) return new StoredBlock(row, header, null);
            var records = BlockCodec.Read(journal.BlockOf(row), out header);
            names.Apply(header, records);
            return new StoredBlock(row, header, records);
        }
        catch (LogCorruptException e)
        {
            throw new LogCorruptException($"Row {row.SequenceNr} of the journal (offset {next}): {e.Message}", e.FirstLost > next ? e.FirstLost : next);
        }
    }
}
