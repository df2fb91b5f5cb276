using System.Data.Common;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>
/// Compacts a log that no node runs on. What is kept follows from the log; every step is a transaction or several, and none needs the one before it, so
/// that a compaction that was cut off is done by the next one.
/// </summary>
internal sealed partial class LogCompaction(LogStores stores, long nowNs, CancellationToken cancellation)
{
    /// <summary>States of the shard that are kept, so that one that turns out damaged has a predecessor.</summary>
    private const int StatesKept = 2;

    private const int HoldsListed = 20;

    private readonly List<(string Id, long SequenceNr)> images = [];
    private readonly List<(string Id, long SequenceNr)> states = [];

    public static CompactionReport Run(LogStores stores, bool dryRun, long nowNs, CancellationToken cancellation)
    {
        using var folder = dryRun ? null : DataFolder.Take(stores.Folder);
        using var held = dryRun ? null : PostgresLogLock.Take(stores.Journal);
        return new LogCompaction(stores, nowNs, cancellation).Run(dryRun);
    }

    private CompactionReport Run(bool dryRun)
    {
        var before = SizeOfFiles();
        var (shard, row) = Recover();
        var (plan, needed) = PlanRetention(shard);
        var holds = shard.Holds(stores.Retention.Snapshots);
        var report = new CompactionReport(0, 0, 0, before, before, null)
        {
            Blocks = plan.Rows, BlockBytes = plan.Bytes, IsHeld = plan.IsHeld, NeededFrom = needed, Holds = [.. holds.Take(HoldsListed)],
            Beginning = plan.Rows > 0 ? plan.Beginning : shard.Beginning,
        };
        using var connection = StoreConnection.To(stores.Snapshots)
            ?? throw new MeshNodeException(NodeFailure.Storage, $"The snapshots are kept by '{stores.Snapshots.Provider}', which this program cannot compact.");
        try
        {
            if (!dryRun && plan.Rows > 0) BeginLater(shard, row, plan, connection);
            if (!dryRun) report = report with { Beginning = shard.Beginning };
            Plan(shard);
            if (dryRun) return report with { Images = images.Count, Parts = CountDeadParts(), States = states.Count };
            RemoveRows(shard.Beginning);
            var snapshots = new SqlSnapshotTable(connection);
            cancellation.ThrowIfCancellationRequested();
            snapshots.Delete(images);
            snapshots.Delete(states);
            cancellation.ThrowIfCancellationRequested();
            var parts = new PartStore(SqlPartTable.In(connection)).Sweep(snapshots.PartNames);
            cancellation.ThrowIfCancellationRequested();
            var problem = GiveBack();
            return report with { Images = images.Count, Parts = parts, States = states.Count, BytesAfter = SizeOfFiles(), Problem = problem };
        }
        catch (DbException e)
        {
            throw new MeshNodeException(NodeFailure.Storage,
                $"The log cannot be compacted: {e.Message.TrimEnd('.')}; see to the database and compact again, nothing that is needed was deleted.", e);
        }
    }

    /// <summary>The shard as of the end of the log: from its newest usable state, or from the beginning. And the last row.</summary>
    private (Shard Shard, long Row) Recover()
    {
        using var journal = JournalFile.Open(stores);
        using var snapshots = SnapshotFile.TryOpen(stores);
        var writer = journal.LastSequenceNr() is > 0 and var last && journal.Next(last - 1) is { } end ? journal.HeaderOf(end).Writer : "";
        var (shard, row) = Restore(snapshots, writer);
        while (journal.Next(row) is { } next)
        {
            cancellation.ThrowIfCancellationRequested();
            shard.Recover(journal.BlockOf(next));
            row = next.SequenceNr;
        }
        if (LogHeadFile.Missing(journal.Head, row, shard.NextOffset - 1) is { } missing) throw new LogCorruptException(missing, shard.NextOffset);
        return (shard, row);
    }

    private (Shard Shard, long Row) Restore(SnapshotFile? snapshots, string writer)
    {
        for (var at = long.MaxValue; snapshots?.LatestOf(JournalSchema.Shard, at) is { } saved; at = saved.SequenceNr - 1)
        {
            try
            {
                var shard = stores.Reader(writer);
                shard.Restore(saved.Bytes);
                return (shard, saved.SequenceNr);
            }
            catch (LogCorruptException)
            {
                // an older one, or the log, says the same
            }
        }
        return (stores.Reader(writer), 0);
    }

    /// <summary>A damaged image stays: what it was of is not known, and <c>log verify</c> tells of it.</summary>
    private void Plan(Shard shard)
    {
        var kept = shard.KeptImages().ToHashSet();
        using var snapshots = SnapshotFile.TryOpen(stores);
        foreach (var snapshot in snapshots?.All() ?? [])
        {
            cancellation.ThrowIfCancellationRequested();
            if (snapshot.Manifest == JournalSchema.StateManifest) states.Add((snapshot.PersistenceId, snapshot.SequenceNr));
            else if (snapshot.Manifest == JournalSchema.ImageManifest && TryRead(snapshot) is { } image
                && !(image.Input == snapshot.SequenceNr && kept.Contains((image.Agent, image.Incarnation, image.Input))))
                images.Add((snapshot.PersistenceId, snapshot.SequenceNr));
        }
        states.RemoveRange(Math.Max(0, states.Count - StatesKept), Math.Min(StatesKept, states.Count));
        states.RemoveAll(s => s.SequenceNr == shard.Beginning.Row);
    }

    private static AgentImage? TryRead(StoredSnapshot snapshot)
    {
        try
        {
            return AgentImage.FromBytes(snapshot.Bytes);
        }
        catch (ImageCorruptException)
        {
            return null;
        }
    }

    private long CountDeadParts()
    {
        using var snapshots = SnapshotFile.TryOpen(stores);
        if (snapshots is null) return 0;
        var going = images.Concat(states).ToHashSet();
        var live = new HashSet<UInt128>();
        foreach (var snapshot in snapshots.All())
        {
            if (going.Contains((snapshot.PersistenceId, snapshot.SequenceNr))) continue;
            live.UnionWith(snapshot.Parts);
            if (snapshot.Manifest == JournalSchema.ImageManifest && TryRead(snapshot) is not null) live.UnionWith(AgentImage.PartsOf(snapshot.Bytes));
        }
        return snapshots.Parts().LongCount(p => !live.Contains(p.Name));
    }

    /// <summary>PostgreSQL gives room back by itself.</summary>
    private string? GiveBack()
    {
        try
        {
            foreach (var store in new[] { stores.Snapshots, stores.Journal }.Where(SqliteFiles.Are))
            {
                using var connection = StoreConnection.To(store)!;
                connection.Execute("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)");
            }
            return null;
        }
        catch (DbException e)
        {
            return $"The room could not be given back to the file system: {e.Message.TrimEnd('.')}; it is used again by what is written next.";
        }
    }

    private long SizeOfFiles() => new[] { stores.Snapshots, stores.Journal }.Where(SqliteFiles.Are).Select(SqliteFiles.FileOf)
        .SelectMany(file => new[] { file, file + "-wal" }).Where(File.Exists).Sum(file => new FileInfo(file).Length);
}
