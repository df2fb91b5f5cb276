using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Offline;

/// <summary>A saved snapshot.</summary>
/// <param name="PersistenceId">Of whom.</param>
/// <param name="SequenceNr">At which row or offset.</param>
/// <param name="Manifest">As what it was written.</param>
/// <param name="Bytes">What was written.</param>
internal sealed record StoredSnapshot(string PersistenceId, long SequenceNr, string Manifest, byte[] Bytes);

/// <summary>The snapshots of Akka.Persistence.Sql, one in memory at a time.</summary>
internal sealed class SnapshotFile(ReadOnlyDatabase database) : IDisposable
{
    private const string NextSql =
        $"SELECT {JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}, {JournalSchema.Manifest}, {JournalSchema.Snapshot} FROM {JournalSchema.Snapshots} "
        + $"WHERE ({JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}) > ($id, $after) AND {JournalSchema.SerializerId} = $serializer "
        + $"ORDER BY {JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber} LIMIT 1";

    private const string TableSql = "SELECT count(*) FROM sqlite_master WHERE name = $table";

    public static SnapshotFile Open(string file) => new(ReadOnlyDatabase.Open(file));

    /// <summary>What SQLite finds wrong with the file as a whole, or null.</summary>
    public string? Check() => database.Check();

    /// <summary>All snapshots that this program wrote.</summary>
    /// <exception cref="Mesh.Shards.LogCorruptException">The database is damaged.</exception>
    public IEnumerable<StoredSnapshot> All()
    {
        if (database.Query(TableSql, r => r.GetInt64(0), ("$table", JournalSchema.Snapshots)) is [0]) yield break;
        var (id, after) = ("", 0L);
        while (Next(id, after) is { } snapshot)
        {
            yield return snapshot;
            (id, after) = (snapshot.PersistenceId, snapshot.SequenceNr);
        }
    }

    public void Dispose() => database.Dispose();

    private StoredSnapshot? Next(string id, long after) =>
        database.Query(NextSql, Snapshot, ("$id", id), ("$after", after), ("$serializer", JournalSchema.Serializer)).FirstOrDefault();

    private static StoredSnapshot Snapshot(SqliteDataReader r) =>
        new(r.GetString(0), r.GetInt64(1), r.IsDBNull(2) ? "" : r.GetString(2), r.IsDBNull(3) ? [] : r.GetFieldValue<byte[]>(3));
}
