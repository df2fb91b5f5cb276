using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>The states of the shard that were saved before a cut: what they stand for need not be read again.</summary>
internal static class SavedCuts
{
    /// <summary>
    /// Those at or before a cut, the newest first. One that cannot be read, or that does not belong to the log, is passed over, so that what is wrong with the log
    /// shows when it is read from further back.
    /// </summary>
    /// <param name="journal">The journal.</param>
    /// <param name="stores">Where the states are.</param>
    /// <param name="cut">Offset of the last record of the cut.</param>
    /// <exception cref="LogCorruptException">A database is damaged.</exception>
    public static IEnumerable<LogBase> Before(JournalFile journal, LogStores stores, long cut)
    {
        using var snapshots = SnapshotFile.TryOpen(stores);
        var (oldest, promise) = (journal.Base?.Row ?? 0, journal.Base?.Promise ?? default);
        for (var at = journal.RowOf(cut); snapshots?.LatestOf(JournalSchema.Shard, at) is { } saved && saved.SequenceNr > oldest; at = saved.SequenceNr - 1)
        {
            var state = new LogBase(saved.SequenceNr, saved.Bytes, promise);
            if (state.IsUsable() && state.Cut.NextOffset - 1 <= cut && BelongsTo(journal, state)) yield return state;
        }
    }

    /// <summary>Whether a saved state ends with the block in its row.</summary>
    private static bool BelongsTo(JournalFile journal, LogBase state)
    {
        try
        {
            if (journal.Next(state.Row - 1) is not { } row || row.SequenceNr != state.Row) return false;
            BlockCodec.Read(journal.BlockOf(row), out var header);
            return header.LastOffset == state.Cut.NextOffset - 1 && header.Checksum == state.Cut.LastChecksum;
        }
        catch (LogCorruptException)
        {
            return false;
        }
    }
}
