using System.Data.Common;
using AkkaWasm.Mesh;
using Npgsql;

namespace AkkaWasm.Actors.Persistence;

/// <summary>The parts of images on PostgreSQL: what goes together is one statement, because each costs a way to the server and back.</summary>
internal sealed class PostgresPartTable(StoreConnection store) : SqlPartTable(store)
{
    private const string InsertSql = $"""
        WITH written AS (INSERT INTO {Table} ({Name}, {Checksum}, {Content}) SELECT * FROM unnest(@names, @checksums, @contents) ON CONFLICT DO NOTHING RETURNING length({Content}) AS bytes)
        SELECT coalesce(sum(bytes), 0)::bigint FROM written
        """;

    public override long Write(IReadOnlyList<StatePart> parts) => InParts(parts, some => Run(database =>
    {
        using var insert = With(database, InsertSql, some.Select(part => BytesOf(part.Name)));
        insert.Parameters.AddWithValue("checksums", some.Select(part => ChecksumOf(part.Content.Span)).ToArray());
        insert.Parameters.AddWithValue("contents", some.Select(part => part.Content.ToArray()).ToArray());
        return (long)insert.ExecuteScalar()!;
    })).Sum();

    public override HashSet<UInt128> Existing(IReadOnlyList<UInt128> names) => InParts(names, some => Run(database =>
    {
        using var select = With(database, $"SELECT {Name} FROM {Table} WHERE {Name} = ANY (@names)", some.Select(BytesOf));
        using var row = select.ExecuteReader();
        var found = new List<UInt128>();
        while (row.Read()) found.Add(NameOf(row.GetFieldValue<byte[]>(0)));
        return found;
    })).SelectMany(found => found).ToHashSet();

    public override Dictionary<UInt128, ReadOnlyMemory<byte>> Read(IReadOnlyList<UInt128> names) => InParts(names, some => Run(database =>
    {
        using var select = With(database, $"SELECT {Name}, {Checksum}, {Content} FROM {Table} WHERE {Name} = ANY (@names)", some.Select(BytesOf));
        using var row = select.ExecuteReader();
        var found = new List<(UInt128 Name, byte[] Content)>();
        while (row.Read())
            if (row.GetFieldValue<byte[]>(2) is var content && row.GetInt64(1) == ChecksumOf(content)) found.Add((NameOf(row.GetFieldValue<byte[]>(0)), content));
        return found;
    })).SelectMany(found => found).ToDictionary(part => part.Name, part => (ReadOnlyMemory<byte>)part.Content);

    public override void Delete(IReadOnlyList<UInt128> names) => _ = InParts(names, some => Run(database =>
    {
        using var delete = With(database, $"DELETE FROM {Table} WHERE {Name} = ANY (@names)", some.Select(BytesOf));
        return delete.ExecuteNonQuery();
    })).Count();

    private static NpgsqlCommand With(DbConnection database, string sql, IEnumerable<byte[]> names) =>
        new(sql, (NpgsqlConnection)database) { Parameters = { new NpgsqlParameter("names", names.ToArray()) } };
}
