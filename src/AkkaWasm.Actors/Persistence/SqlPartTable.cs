using System.Buffers.Binary;
using System.Data.Common;
using System.IO.Hashing;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh;
using static AkkaWasm.Actors.Persistence.StoreConnection;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// The parts of images and states in the database of the snapshots, so that they are where the snapshots are: table <c>image_part</c> with the name (16 bytes, big
/// endian), an XxHash64 of the content, and the content. In SQLite it is made when it is first needed, on PostgreSQL by <see cref="PostgresTables"/>.
/// </summary>
internal class SqlPartTable(StoreConnection store) : IPartTable
{
    public const string Table = "image_part";
    public const string Name = "name";
    public const string Checksum = "checksum";
    public const string Content = "content";

    /// <summary>Parts that one transaction writes or deletes, and names that one question asks for: 4 MiB of pages.</summary>
    private const int AtATime = 1_024;

    private static readonly string[] SqliteSchema =
    [
        $"CREATE TABLE IF NOT EXISTS {Table} ({Name} BLOB NOT NULL, {Checksum} INTEGER NOT NULL, {Content} BLOB NOT NULL)",
        $"CREATE UNIQUE INDEX IF NOT EXISTS {Table}_{Name} ON {Table} ({Name})",
    ];

    private volatile bool isMade;

    /// <summary>The table in a database, spoken to as suits it.</summary>
    public static SqlPartTable In(StoreConnection store) => store.IsSqlite ? new SqlPartTable(store) : new PostgresPartTable(store);

    public static byte[] BytesOf(UInt128 name)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, name);
        return bytes;
    }

    public static UInt128 NameOf(byte[] bytes) => BinaryPrimitives.ReadUInt128BigEndian(bytes);

    public static long ChecksumOf(ReadOnlySpan<byte> content) => (long)XxHash64.HashToUInt64(content);

    public virtual long Write(IReadOnlyList<StatePart> parts) => InParts(parts, some => Run(database =>
    {
        using var transaction = database.BeginTransaction();
        using var insert = Command(database, $"INSERT INTO {Table} ({Name}, {Checksum}, {Content}) VALUES (@name, @checksum, @content) ON CONFLICT DO NOTHING", "@name", "@checksum", "@content");
        insert.Transaction = transaction;
        var written = 0L;
        foreach (var part in some)
        {
            Set(insert, BytesOf(part.Name), ChecksumOf(part.Content.Span), MeshSerializer.ArrayOf(part.Content));
            if (insert.ExecuteNonQuery() > 0) written += part.Content.Length;
        }
        transaction.Commit();
        return written;
    })).Sum();

    public virtual HashSet<UInt128> Existing(IReadOnlyList<UInt128> names) => InParts(names, some => Run(database =>
    {
        using var select = Command(database, $"SELECT 1 FROM {Table} WHERE {Name} = @name", "@name");
        var found = new List<UInt128>();
        foreach (var name in some)
        {
            Set(select, BytesOf(name));
            if (select.ExecuteScalar() is not null) found.Add(name);
        }
        return found;
    })).SelectMany(found => found).ToHashSet();

    public virtual Dictionary<UInt128, ReadOnlyMemory<byte>> Read(IReadOnlyList<UInt128> names) => InParts(names, some => Run(database =>
    {
        using var select = Command(database, $"SELECT {Checksum}, {Content} FROM {Table} WHERE {Name} = @name", "@name");
        var found = new List<(UInt128 Name, byte[] Content)>();
        foreach (var name in some)
        {
            Set(select, BytesOf(name));
            using var row = select.ExecuteReader();
            if (row.Read() && row.GetFieldValue<byte[]>(1) is var content && row.GetInt64(0) == ChecksumOf(content)) found.Add((name, content));
        }
        return found;
    })).SelectMany(found => found).ToDictionary(part => part.Name, part => (ReadOnlyMemory<byte>)part.Content);

    public (long Count, long Bytes) Size() => Run(database =>
    {
        using var select = Command(database, $"SELECT count(*), coalesce(sum(length({Content})), 0) FROM {Table}");
        using var row = select.ExecuteReader();
        row.Read();
        return (row.GetInt64(0), row.GetInt64(1));
    });

    public IEnumerable<UInt128> Names(UInt128 from, UInt128 to)
    {
        for (UInt128? next = from; next is { } first;)
        {
            var some = Run(database => NamesFrom(database, first, to));
            foreach (var name in some) yield return name;
            next = some.Count < AtATime || some[^1] == to ? null : some[^1] + 1;
        }
    }

    public virtual void Delete(IReadOnlyList<UInt128> names) => _ = InParts(names, some => Run(database =>
    {
        using var transaction = database.BeginTransaction();
        using var delete = Command(database, $"DELETE FROM {Table} WHERE {Name} = @name", "@name");
        delete.Transaction = transaction;
        foreach (var name in some)
        {
            Set(delete, BytesOf(name));
            delete.ExecuteNonQuery();
        }
        transaction.Commit();
        return 0;
    })).Count();

    private static List<UInt128> NamesFrom(DbConnection database, UInt128 from, UInt128 to)
    {
        using var select = Command(database, $"SELECT {Name} FROM {Table} WHERE {Name} >= @from AND {Name} <= @to ORDER BY {Name} LIMIT {AtATime}", "@from", "@to");
        Set(select, BytesOf(from), BytesOf(to));
        using var row = select.ExecuteReader();
        var names = new List<UInt128>();
        while (row.Read()) names.Add(NameOf(row.GetFieldValue<byte[]>(0)));
        return names;
    }

    protected static IEnumerable<TResult> InParts<T, TResult>(IReadOnlyList<T> all, Func<IEnumerable<T>, TResult> take) => all.Chunk(AtATime).Select(take).ToList();

    protected T Run<T>(Func<DbConnection, T> work)
    {
        if (!isMade && store.IsSqlite) store.Execute(SqliteSchema);
        isMade = true;
        return store.Run(work);
    }
}
