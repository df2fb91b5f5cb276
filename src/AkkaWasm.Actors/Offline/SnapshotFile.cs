using System.Buffers.Binary;
using System.Data.Common;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>A saved snapshot.</summary>
/// <param name="PersistenceId">Of whom.</param>
/// <param name="SequenceNr">At which row or offset.</param>
/// <param name="Manifest">As what it was written.</param>
/// <param name="Bytes">What was written; a state of the shard that was saved in parts is put together, where all of them are there.</param>
internal sealed record StoredSnapshot(string PersistenceId, long SequenceNr, string Manifest, byte[] Bytes)
{
    /// <summary>The parts that it names.</summary>
    public UInt128[] Parts { get; init; } = [];

    /// <summary>Its bytes in its own row.</summary>
    public int BytesOfRow { get; init; } = Bytes.Length;
}

/// <summary>The snapshots of Akka.Persistence.Sql, one in memory at a time.</summary>
internal sealed class SnapshotFile(ReadOnlyDatabase database) : IDisposable
{
    private const string NextSql =
        $"SELECT {JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}, {JournalSchema.Manifest}, {JournalSchema.Snapshot} FROM {JournalSchema.Snapshots} "
        + $"WHERE ({JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}) > (@id, @after) AND {JournalSchema.SerializerId} = @serializer "
        + $"ORDER BY {JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber} LIMIT 1";

    private const string LatestSql =
        $"SELECT {JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}, {JournalSchema.Manifest}, {JournalSchema.Snapshot} FROM {JournalSchema.Snapshots} "
        + $"WHERE {JournalSchema.PersistenceId} = @id AND {JournalSchema.SequenceNumber} <= @upTo AND {JournalSchema.SerializerId} = @serializer "
        + $"ORDER BY {JournalSchema.SequenceNumber} DESC LIMIT 1";

    private const string OldestSql =
        $"SELECT {JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}, {JournalSchema.Manifest}, {JournalSchema.Snapshot} FROM {JournalSchema.Snapshots} "
        + $"WHERE {JournalSchema.PersistenceId} = @id AND {JournalSchema.SequenceNumber} >= @from AND {JournalSchema.SerializerId} = @serializer "
        + $"ORDER BY {JournalSchema.SequenceNumber} LIMIT 1";

    private const string PartColumns = $"SELECT {SqlPartTable.Name}, {SqlPartTable.Content}, {SqlPartTable.Checksum} FROM {SqlPartTable.Table} ";

    private const string PartsSql = PartColumns + $"WHERE {SqlPartTable.Name} >= @from ORDER BY {SqlPartTable.Name} LIMIT 256";

    private const string PartSizeSql = $"SELECT count(*), coalesce(sum(length({SqlPartTable.Content})), 0) FROM {SqlPartTable.Table}";

    private const string PartSql = PartColumns + $"WHERE {SqlPartTable.Name} = @name";

    /// <summary>The database in messages, in quotation marks.</summary>
    public string Name => database.Name;

    /// <summary>Opens the snapshots of a log.</summary>
    /// <returns>The snapshots, or null if no node has made the database yet.</returns>
    public static SnapshotFile? TryOpen(LogStores stores) =>
        SqliteFiles.Are(stores.Snapshots) && !File.Exists(SqliteFiles.FileOf(stores.Snapshots)) ? null : new(ReadOnlyDatabase.Open(stores.Snapshots));

    /// <summary>What the database finds wrong with itself as a whole, or null.</summary>
    public string? FindDamage() => database.FindDamage();

    /// <summary>All snapshots that this program wrote.</summary>
    /// <exception cref="Mesh.Shards.LogCorruptException">The database is damaged.</exception>
    public IEnumerable<StoredSnapshot> All()
    {
        if (!database.HasTable(JournalSchema.Snapshots)) yield break;
        var (id, after) = ("", 0L);
        while (Next(id, after) is { } snapshot)
        {
            yield return Whole(snapshot);
            (id, after) = (snapshot.PersistenceId, snapshot.SequenceNr);
        }
    }

    /// <summary>The newest snapshot of somebody at or before a row or offset, or null.</summary>
    public StoredSnapshot? LatestOf(string id, long upTo) => database.HasTable(JournalSchema.Snapshots)
        ? Find(LatestSql, ("@id", id), ("@upTo", upTo), ("@serializer", JournalSchema.Serializer))
        : null;

    /// <summary>The oldest snapshot of somebody at or after a row or offset, or null.</summary>
    public StoredSnapshot? OldestOf(string id, long from) => database.HasTable(JournalSchema.Snapshots)
        ? Find(OldestSql, ("@id", id), ("@from", from), ("@serializer", JournalSchema.Serializer))
        : null;

    /// <summary>The parts of images and states, with whether each is what was written; one in memory at a time.</summary>
    /// <exception cref="Mesh.Shards.LogCorruptException">The database is damaged.</exception>
    public IEnumerable<(UInt128 Name, byte[] Content, bool IsSound)> Parts()
    {
        if (!database.HasTable(SqlPartTable.Table)) yield break;
        for (UInt128? next = 0; next is { } from;)
        {
            var some = database.Query(PartsSql, Part, ("@from", SqlPartTable.BytesOf(from)));
            foreach (var part in some) yield return part;
            next = some.Count == 0 || some[^1].Name == UInt128.MaxValue ? null : some[^1].Name + 1;
        }
    }

    /// <summary>How many parts of images and states there are, and their bytes.</summary>
    public (long Count, long Bytes) SizeOfParts() => database.HasTable(SqlPartTable.Table) ? database.Query(PartSizeSql, r => (r.GetInt64(0), r.GetInt64(1)))[0] : (0, 0);

    /// <summary>A part of an image or a state, or null if it is not there or damaged.</summary>
    /// <exception cref="Mesh.Shards.LogCorruptException">The database is damaged.</exception>
    public byte[]? Part(UInt128 name) =>
        database.HasTable(SqlPartTable.Table) && database.Query(PartSql, Part, ("@name", SqlPartTable.BytesOf(name))) is [{ IsSound: true } part] ? part.Content : null;

    public void Dispose() => database.Dispose();

    private StoredSnapshot? Next(string id, long after) =>
        database.Query(NextSql, Snapshot, ("@id", id), ("@after", after), ("@serializer", JournalSchema.Serializer)).FirstOrDefault();

    private StoredSnapshot? Find(string sql, params (string, object)[] parameters) => database.Query(sql, Snapshot, parameters).FirstOrDefault() is { } found ? Whole(found) : null;

    /// <summary>One whose parts are not all there stays as it is, and whoever reads it is told so.</summary>
    private StoredSnapshot Whole(StoredSnapshot snapshot)
    {
        if (snapshot.Manifest != JournalSchema.StateManifest) return snapshot;
        var parts = SqlSnapshotTable.PartsOf(snapshot.Bytes, snapshot.Manifest);
        if (parts.Length == 0 && snapshot.Bytes is not [SavedState.Mark, ..]) return snapshot;
        try
        {
            var whole = SavedState.Whole(snapshot.Bytes, name => Part(name) is { } part ? part : default(ReadOnlyMemory<byte>?));
            return snapshot with { Bytes = MeshSerializer.ArrayOf(whole), Parts = parts, BytesOfRow = snapshot.Bytes.Length };
        }
        catch (LogCorruptException)
        {
            return snapshot with { Parts = parts };
        }
    }

    private static (UInt128 Name, byte[] Content, bool IsSound) Part(DbDataReader r)
    {
        var (name, content) = (r.GetFieldValue<byte[]>(0), r.GetFieldValue<byte[]>(1));
        return (name.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(name) : 0, content, r.GetInt64(2) == SqlPartTable.ChecksumOf(content));
    }

    private static StoredSnapshot Snapshot(DbDataReader r) =>
        new(r.GetString(0), r.GetInt64(1), r.IsDBNull(2) ? "" : r.GetString(2), r.IsDBNull(3) ? [] : r.GetFieldValue<byte[]>(3));
}
