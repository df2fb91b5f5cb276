using AkkaWasm.Actors.Offline;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static AkkaWasm.Actors.Persistence.StoreConnection;

namespace AkkaWasm.Actors.Persistence;

/// <summary>A row of the table of snapshots.</summary>
internal sealed record SnapshotRow(string Id, long SequenceNr, byte[] Content, string Manifest);

/// <summary>The table of snapshots of Akka.Persistence.Sql, as far as this program looks after it by itself: what images name, and what is to go. May be called by any thread.</summary>
/// <param name="store">The database.</param>
/// <param name="reads">A connection of its own for who reads single snapshots and shall not wait until others are written; the same one if null.</param>
internal sealed unsafe class SqlSnapshotTable(StoreConnection store, StoreConnection? reads = null)
{
    /// <summary>Snapshots that are read at a time.</summary>
    private const int AtATime = 16;

    private const string Key = $"{JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}";

    /// <summary>The fifth byte of an image and the first of a state say whether they name parts.</summary>
    private const string InPartsSql =
        $"SELECT {Key}, {JournalSchema.Snapshot}, {JournalSchema.Manifest} FROM {JournalSchema.Snapshots} WHERE ({Key}) > (@id, @after) "
        + $"AND (({JournalSchema.Manifest} = '{JournalSchema.ImageManifest}' AND substr({JournalSchema.Snapshot}, 5, 1) = @version) OR ({StateInParts})) ORDER BY {Key} LIMIT @count";

    private const string StateInParts = $"{JournalSchema.Manifest} = '{JournalSchema.StateManifest}' AND substr({JournalSchema.Snapshot}, 1, 1) = @mark";

    private const string StatesInPartsSql = $"SELECT {JournalSchema.SequenceNumber}, {JournalSchema.Snapshot} FROM {JournalSchema.Snapshots} WHERE {JournalSchema.PersistenceId} = @id AND {StateInParts}";

    private const string DeleteSql = $"DELETE FROM {JournalSchema.Snapshots} WHERE {JournalSchema.PersistenceId} = @id AND {JournalSchema.SequenceNumber} = @number";

    private const string DeleteBetweenSql =
        $"DELETE FROM {JournalSchema.Snapshots} WHERE {JournalSchema.PersistenceId} = @id AND {JournalSchema.SequenceNumber} >= @from AND {JournalSchema.SequenceNumber} < @before";

    private const string SaveSql =
        $"INSERT INTO {JournalSchema.Snapshots} ({Key}, created, {JournalSchema.Snapshot}, {JournalSchema.Manifest}, {JournalSchema.SerializerId}) "
        + $"VALUES (@id, @number, @created, @content, @manifest, @serializer) ON CONFLICT ({Key}) DO UPDATE SET {JournalSchema.Snapshot} = excluded.{JournalSchema.Snapshot}, {JournalSchema.Manifest} = excluded.{JournalSchema.Manifest}";

    private const string FindSql =
        $"SELECT {JournalSchema.SequenceNumber}, {JournalSchema.Snapshot}, {JournalSchema.Manifest} FROM {JournalSchema.Snapshots} "
        + $"WHERE {JournalSchema.PersistenceId} = @id AND {JournalSchema.SequenceNumber} <= @upTo ORDER BY {JournalSchema.SequenceNumber} DESC LIMIT 1";

    /// <summary>Whether reading takes so little that a thread may as well wait for it: the database is a file.</summary>
    public bool IsNear => store.IsSqlite;

    /// <summary>The newest snapshot of somebody at or before a sequence number, or null.</summary>
    public SnapshotRow? Find(string id, long upTo) => (reads ?? store).Run(database =>
    {
        using var select = Command(database, FindSql, "@id", "@upTo");
        using var row = Set(select, id, upTo).ExecuteReader();
        return row.Read() ? new SnapshotRow(id, row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetString(2)) : null;
    });

    /// <summary>Saves snapshots in one transaction.</summary>
    public void Save(IReadOnlyCollection<SnapshotRow> snapshots) => store.Run(database =>
    {
        using var transaction = database.BeginTransaction();
        using var save = Command(database, SaveSql, "@id", "@number", "@created", "@content", "@manifest", "@serializer");
        save.Transaction = transaction;
        foreach (var s in snapshots) Set(save, s.Id, s.SequenceNr, DateTime.UtcNow.Ticks, s.Content, s.Manifest, (int)JournalSchema.Serializer).ExecuteNonQuery();
        transaction.Commit();
        return 0;
    });

    /// <summary>Saves a snapshot, for a log that no node runs on.</summary>
    public void Save(string id, long sequenceNr, byte[] content, string manifest) => store.Run(database =>
    {
        using var save = Command(database, SaveSql, "@id", "@number", "@created", "@content", "@manifest", "@serializer");
        return Set(save, id, sequenceNr, DateTime.UtcNow.Ticks, content, manifest, (int)JournalSchema.Serializer).ExecuteNonQuery();
    });

    /// <summary>Saves a snapshot that lies outside of the managed heap; only where the database is SQLite.</summary>
    /// <exception cref="SqliteException">The database refuses.</exception>
    public void SaveUnmanaged(string id, long sequenceNr, ReadOnlySpan<byte> content, string manifest)
    {
        // a span cannot go into the delegate
        fixed (byte* first = content)
        {
            var (address, length) = ((nint)first, content.Length);
            store.Run(database =>
            {
                SaveUnmanaged(((SqliteConnection)database).Handle!, id, sequenceNr, new ReadOnlySpan<byte>((void*)address, length), manifest);
                return 0;
            });
        }
    }

    /// <summary>Deletes the snapshots of somebody from one sequence number on, up to and without another.</summary>
    public void DeleteBetween(string id, long from, long before) => store.Run(database =>
    {
        using var delete = Command(database, DeleteBetweenSql, "@id", "@from", "@before");
        return Set(delete, id, from, before).ExecuteNonQuery();
    });

    /// <summary>The parts that saved images and states name, some of them several times. Of one that is damaged nothing is known.</summary>
    public IEnumerable<UInt128> PartNames()
    {
        var (id, after) = ("", 0L);
        while (InParts(id, after) is { Count: > 0 } some)
        {
            foreach (var snapshot in some)
                foreach (var name in PartsOf(snapshot.Content, snapshot.Manifest)) yield return name;
            (id, after) = (some[^1].Id, some[^1].SequenceNr);
        }
    }

    /// <summary>The states of a shard that name parts, by their rows, with the names.</summary>
    public Dictionary<long, UInt128[]> StatesInParts(string id) => store.Run(database =>
    {
        using var select = Command(database, StatesInPartsSql, "@id", "@mark");
        using var row = Set(select, id, new byte[] { SavedState.Mark }).ExecuteReader();
        var found = new Dictionary<long, UInt128[]>();
        while (row.Read()) found[row.GetInt64(0)] = PartsOf(row.GetFieldValue<byte[]>(1), JournalSchema.StateManifest);
        return found;
    });

    /// <summary>Deletes snapshots.</summary>
    public void Delete(IEnumerable<(string Id, long SequenceNr)> keys)
    {
        foreach (var some in keys.Chunk(1_024))
        {
            store.Run(database =>
            {
                using var transaction = database.BeginTransaction();
                using var delete = Command(database, DeleteSql, "@id", "@number");
                delete.Transaction = transaction;
                foreach (var (id, number) in some) Set(delete, id, number).ExecuteNonQuery();
                transaction.Commit();
                return 0;
            });
        }
    }

    /// <summary>The parts that a snapshot names; none if it is damaged.</summary>
    public static UInt128[] PartsOf(byte[] content, string manifest)
    {
        try
        {
            return manifest == JournalSchema.StateManifest ? SavedState.PartsOf(content) : AgentImage.PartsOf(content);
        }
        catch (Exception e) when (e is ImageCorruptException or LogCorruptException)
        {
            return [];
        }
    }

    private static void SaveUnmanaged(sqlite3 database, string id, long sequenceNr, ReadOnlySpan<byte> content, string manifest)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, SaveSql, out var save), database);
        using (save)
        {
            raw.sqlite3_bind_text(save, raw.sqlite3_bind_parameter_index(save, "@id"), id);
            raw.sqlite3_bind_int64(save, raw.sqlite3_bind_parameter_index(save, "@number"), sequenceNr);
            raw.sqlite3_bind_int64(save, raw.sqlite3_bind_parameter_index(save, "@created"), DateTime.UtcNow.Ticks);
            raw.sqlite3_bind_text(save, raw.sqlite3_bind_parameter_index(save, "@manifest"), manifest);
            raw.sqlite3_bind_int(save, raw.sqlite3_bind_parameter_index(save, "@serializer"), (int)JournalSchema.Serializer);
            SqliteException.ThrowExceptionForRC(raw.sqlite3_bind_blob(save, raw.sqlite3_bind_parameter_index(save, "@content"), content), database);
            var answer = raw.sqlite3_step(save);
            if (answer != raw.SQLITE_DONE) SqliteException.ThrowExceptionForRC(answer, database);
        }
    }

    private List<SnapshotRow> InParts(string id, long after) => store.Run(database =>
    {
        using var select = Command(database, InPartsSql, "@id", "@after", "@version", "@mark", "@count");
        using var row = Set(select, id, after, new byte[] { AgentImage.VersionInParts }, new byte[] { SavedState.Mark }, AtATime).ExecuteReader();
        var found = new List<SnapshotRow>();
        while (row.Read()) found.Add(new SnapshotRow(row.GetString(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), row.GetString(3)));
        return found;
    });
}
