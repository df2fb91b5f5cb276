using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>What stands in for the rows that were removed from the beginning of a log: the state of the shard as of the last of them, or of a later one.</summary>
/// <param name="Row">The row that the state was saved with; the log is read from the next one on.</param>
/// <param name="State">The state as it is saved.</param>
/// <param name="Promise">What the log says of its beginning.</param>
internal sealed record LogBase(long Row, ReadOnlyMemory<byte> State, LogBeginning Promise)
{
    private ShardCut? cut;

    /// <summary>The shard as of there; not to be changed.</summary>
    public ShardCut Cut => cut ??= Restored(new ShardOptions());

    /// <summary>The shard as of there, to go on from.</summary>
    public ShardCut Restored(ShardOptions options)
    {
        var restored = new ShardCut(options);
        restored.Restore(State);
        return restored;
    }

    /// <summary>
    /// Finds it. Rows may be missing only if a record, or a state that follows from it, says that they were to be removed; a removal that was cut off has
    /// left some of them, which are passed over.
    /// </summary>
    /// <exception cref="LogCorruptException">The record says so, and there is no state to begin from.</exception>
    public static LogBase? Find(JournalFile journal, LogStores stores)
    {
        if (journal.Next(0) is not { SequenceNr: > 1 } first) return null;
        using var snapshots = SnapshotFile.TryOpen(stores);
        if (PromiseOf(journal, snapshots, first.SequenceNr) is not { } promise) return null;
        for (var from = first.SequenceNr - 1; snapshots?.OldestOf(JournalSchema.Shard, from) is { } saved && saved.SequenceNr <= promise.Row; from = saved.SequenceNr + 1)
        {
            var found = new LogBase(saved.SequenceNr, saved.Bytes, promise);
            if (found.IsUsable()) return found.Checked();
        }
        throw new LogCorruptException(
            $"The rows up to {promise.Row} of the journal were removed ({LogBeginningText.Of(promise)}), and no saved state of the shard that can be read stands in for them; put the snapshots back from a copy.", promise.Offset);
    }

    /// <summary>Whether it can be read.</summary>
    public bool IsUsable()
    {
        try
        {
            return Cut.NextOffset > 0;
        }
        catch (LogCorruptException)
        {
            return false;
        }
    }

    private LogBase Checked() => Row != Promise.Row || (Cut.NextOffset == Promise.Offset && Cut.LastChecksum == Promise.Checksum) ? this : throw new LogCorruptException(
        $"The saved state of the shard that the log begins with (row {Row}) ends at offset {Cut.NextOffset - 1} with checksum {Cut.LastChecksum:x16}; the log says that it begins at offset {Promise.Offset} "
        + $"after a block with checksum {Promise.Checksum:x16}: put journal and snapshots back from the same copy.", Promise.Offset);

    /// <summary>From the newest state that can be read, or the rows after it.</summary>
    private static LogBeginning? PromiseOf(JournalFile journal, SnapshotFile? snapshots, long firstRow)
    {
        var row = firstRow - 1;
        for (var at = long.MaxValue; snapshots?.LatestOf(JournalSchema.Shard, at) is { } saved; at = saved.SequenceNr - 1)
        {
            var state = new LogBase(saved.SequenceNr, saved.Bytes, default);
            if (!state.IsUsable()) continue;
            if (state.Cut.Beginning.Row >= firstRow - 1) return state.Cut.Beginning;
            row = Math.Max(row, saved.SequenceNr);
            break;
        }
        LogBeginning? found = null;
        while (journal.Next(row) is { } next)
        {
            foreach (var record in BlockCodec.Read(journal.BlockOf(next), out _))
                if (record is RetentionRecord { Beginning: var beginning } && beginning.Row >= firstRow - 1) found = beginning;
            row = next.SequenceNr;
        }
        return found;
    }
}
