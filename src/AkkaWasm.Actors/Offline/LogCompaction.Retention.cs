using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <content>The beginning of the log goes: as a node does it, step by step, and each step can be the last before a crash.</content>
internal sealed partial class LogCompaction
{
    private (RetentionPlan Plan, long Needed) PlanRetention(Shard shard)
    {
        var needed = shard.FindNeeded(stores.Retention.Snapshots, int.MaxValue) ?? 0;
        using var journal = JournalFile.Open(stores);
        return (new RetentionPlanner(journal, stores.Retention, cancellation).Plan(needed, nowNs), needed);
    }

    /// <summary>Saves the state that the log is to begin with, then adds the record to the log. From then on the rows may go.</summary>
    private void BeginLater(Shard shard, long lastRow, RetentionPlan plan, StoreConnection snapshots)
    {
        using var connection = ToJournal();
        using var journal = JournalFile.Open(stores);
        var (state, beginning) = new RetentionPlanner(journal, stores.Retention, cancellation).BaseOf(stores, plan, stores.Limits);
        new SqlSnapshotTable(snapshots).Save(JournalSchema.Shard, beginning.Row, state.ToArray(), JournalSchema.StateManifest);
        if (!shard.Retain(beginning, stores.Retention.Snapshots, nowNs)) return;
        var block = shard.CutBlock()!;
        new SqlJournalTable(connection).Insert(JournalSchema.Shard, lastRow + 1, block.Bytes.ToArray());
        shard.Committed(block);
        using var head = LogHeadFile.Open(DataFolder.HeadFileOf(stores.Folder));
        head.Write(new LogHead(lastRow + 1, block.Header.LastOffset, block.Header.Checksum));
    }

    /// <summary>Removes the rows before the beginning, also those that a removal before has left.</summary>
    private void RemoveRows(LogBeginning beginning)
    {
        if (beginning.Row == 0) return;
        using var connection = ToJournal();
        new SqlJournalTable(connection).RemoveAsync(JournalSchema.Shard, beginning.Row, null, cancellation).GetAwaiter().GetResult();
    }

    private StoreConnection ToJournal() => StoreConnection.To(stores.Journal)
        ?? throw new MeshNodeException(NodeFailure.Storage, $"The log is kept by '{stores.Journal.Provider}', from which this program cannot remove rows.");
}
