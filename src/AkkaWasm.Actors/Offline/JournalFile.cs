using System.Buffers.Binary;
using System.Data.Common;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>A row of the journal without its block.</summary>
/// <param name="SequenceNr">Its number, from 1.</param>
/// <param name="RowId">What the database finds it by.</param>
/// <param name="IsDeleted">Whether Akka would pass over it.</param>
/// <param name="Serializer">Who wrote the block.</param>
/// <param name="Manifest">As what.</param>
internal sealed record StoredRow(long SequenceNr, long RowId, bool IsDeleted, long Serializer, string Manifest);

/// <summary>The rows of a shard in a journal of Akka.Persistence.Sql. One is read at a time and nothing is held between, so that a node that runs is not held up.</summary>
internal sealed class JournalFile(ReadOnlyDatabase database, LogHead? head, LogStores stores) : IDisposable
{
    private const int BlockPrefix = 4 + 1 + 4;
    private const int BlockSuffix = 8;

    /// <summary>Length of a header that is not believed without the whole block, bytes.</summary>
    private const int MaxHeader = 16 << 20;

    private const string NextSql =
        $"SELECT {JournalSchema.SequenceNumber}, {JournalSchema.Ordering}, {JournalSchema.Deleted}, {JournalSchema.Identifier}, {JournalSchema.Manifest} FROM {JournalSchema.Journal} "
        + $"WHERE {JournalSchema.PersistenceId} = @id AND {JournalSchema.SequenceNumber} > @after ORDER BY {JournalSchema.SequenceNumber} LIMIT 1";

    private const string BlockSql = $"SELECT {JournalSchema.Message} FROM {JournalSchema.Journal} WHERE {JournalSchema.Ordering} = @row";

    private const string LastSql = $"SELECT max({JournalSchema.SequenceNumber}) FROM {JournalSchema.Journal} WHERE {JournalSchema.PersistenceId} = @id";

    private const string BytesSql = $"SELECT coalesce(sum(length({JournalSchema.Message})), 0) FROM {JournalSchema.Journal} WHERE {JournalSchema.PersistenceId} = @id";

    private const string BytesOfRowSql = $"SELECT length({JournalSchema.Message}) FROM {JournalSchema.Journal} WHERE {JournalSchema.Ordering} = @row";

    private LogBase? knownBase;
    private bool isBaseKnown;

    /// <summary>How far the log reached at least when the journal was opened; null where that is not known.</summary>
    public LogHead? Head => head;

    /// <summary>Where it is, with the other parts of the log.</summary>
    public LogStores Stores => stores;

    /// <summary>The database in messages, in quotation marks.</summary>
    public string Name => database.Name;

    public static JournalFile Open(LogStores stores)
    {
        var head = LogHeadFile.Read(DataFolder.HeadFileOf(stores.Folder));
        return new(ReadOnlyDatabase.Open(stores.Journal), head, stores);
    }

    /// <summary>What the database finds wrong with itself as a whole, or null.</summary>
    public string? FindDamage() => database.FindDamage();

    /// <summary>The row after a sequence number.</summary>
    /// <returns>The row, or null after the last one.</returns>
    /// <exception cref="LogCorruptException">The database is damaged there.</exception>
    public StoredRow? Next(long after) => database.Query(NextSql, Row, ("@id", JournalSchema.Shard), ("@after", after)).FirstOrDefault();

    /// <summary>Sequence number of the last row, or 0.</summary>
    public long LastSequenceNr() => database.Query(LastSql, r => r.IsDBNull(0) ? 0 : r.GetInt64(0), ("@id", JournalSchema.Shard)).FirstOrDefault();

    /// <summary>The last row whose block begins at or before an offset, found by halving; 0 if there is none.</summary>
    public long RowOf(long offset)
    {
        var (low, high) = (Next(0)?.SequenceNr ?? 0, LastSequenceNr());
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            if (Next(middle - 1) is { } row && HeaderOf(row).FirstOffset <= offset) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /// <summary>Bytes of all blocks.</summary>
    public long Bytes() => database.Query(BytesSql, r => Convert.ToInt64(r.GetValue(0), System.Globalization.CultureInfo.InvariantCulture), ("@id", JournalSchema.Shard))[0];

    /// <summary>Bytes of the block of a row.</summary>
    public long BytesOf(StoredRow row) => database.Query(BytesOfRowSql, r => Convert.ToInt64(r.GetValue(0), System.Globalization.CultureInfo.InvariantCulture), ("@row", row.RowId)).FirstOrDefault();

    /// <summary>What stands in for the rows that were removed from the beginning of the log; null if none were, or if nothing says that they were to be.</summary>
    /// <exception cref="LogCorruptException">They were, and nothing stands in for them.</exception>
    public LogBase? Base
    {
        get
        {
            if (!isBaseKnown) knownBase = LogBase.Find(this, stores);
            isBaseKnown = true;
            return knownBase;
        }
    }

    /// <summary>Whether rows were removed from the beginning since the first one was looked at, and with them those up to a row.</summary>
    public bool IsBeingShortened(long row) => Next(0) is { SequenceNr: var first } && first > row + 1 && LogBase.Find(this, stores) is not null;

    /// <summary>The block of a row.</summary>
    public byte[] BlockOf(StoredRow row) => database.Query(BlockSql, r => r.GetFieldValue<byte[]>(0), ("@row", row.RowId)) is [var block]
        ? block
        : throw new LogCorruptException($"Row {row.SequenceNr} of the journal is gone.", -1);

    /// <summary>The header of the block of a row; the records are not read, and the checksum is not known.</summary>
    /// <exception cref="LogCorruptException">It cannot be read.</exception>
    public BlockHeader HeaderOf(StoredRow row)
    {
        var prefix = Beginning(row, BlockPrefix);
        var length = prefix.Length < BlockPrefix ? -1 : BinaryPrimitives.ReadInt32LittleEndian(prefix.AsSpan(5));
        if (length is < 0 or > MaxHeader) return BlockCodec.ReadHeader(BlockOf(row));
        var part = Beginning(row, BlockPrefix + length + BlockSuffix);
        return BlockCodec.ReadHeader(part);
    }

    public void Dispose() => database.Dispose();

    private byte[] Beginning(StoredRow row, int length) => database.ReadBeginning(JournalSchema.Journal, JournalSchema.Message, JournalSchema.Ordering, row.RowId, length);

    private static StoredRow Row(DbDataReader r) =>
        new(r.GetInt64(0), r.GetInt64(1), r.GetBoolean(2), r.IsDBNull(3) ? 0 : r.GetInt64(3), r.IsDBNull(4) ? "" : r.GetString(4));
}
