using Npgsql;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Makes the tables of Akka.Persistence.Sql (its default table mapping) before the plug-in opens them, because it would leave blocks and images to
/// the server's own compression, which takes about ten times as long as all the rest of a commit and cannot give the beginning of a block without
/// the whole of it. Checks that a commit is synced and that two writers collide.
/// </summary>
internal static class PostgresTables
{
    /// <summary>Of the lock under which tables are made, so that two nodes do not make them at once.</summary>
    private const long MakingTables = 0x616b6b61_7461626c;

    private const string JournalSql = """
        CREATE TABLE journal (
          ordering bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT "PK_journal" PRIMARY KEY,
          created bigint NOT NULL,
          deleted boolean NOT NULL,
          persistence_id text NOT NULL,
          sequence_number bigint NOT NULL,
          message bytea NOT NULL,
          tags text NULL,
          manifest text NULL,
          identifier integer NULL,
          writer_uuid text NULL,
          CONSTRAINT journal_uq UNIQUE (persistence_id, sequence_number));
        ALTER TABLE journal ALTER COLUMN message SET STORAGE EXTERNAL
        """;

    private const string SnapshotsSql = """
        CREATE TABLE snapshot (
          persistence_id text NOT NULL,
          sequence_number bigint NOT NULL,
          created bigint NOT NULL,
          snapshot bytea NULL,
          manifest text NULL,
          serializer_id integer NULL,
          CONSTRAINT "PK_snapshot" PRIMARY KEY (persistence_id, sequence_number));
        ALTER TABLE snapshot ALTER COLUMN snapshot SET STORAGE EXTERNAL
        """;

    private const string PartsSql = $"""
        CREATE TABLE {SqlPartTable.Table} (
          {SqlPartTable.Name} bytea CONSTRAINT "PK_{SqlPartTable.Table}" PRIMARY KEY,
          {SqlPartTable.Checksum} bigint NOT NULL,
          {SqlPartTable.Content} bytea NOT NULL);
        ALTER TABLE {SqlPartTable.Table} ALTER COLUMN {SqlPartTable.Content} SET STORAGE EXTERNAL
        """;

    private const string UniqueSql = """
        SELECT count(*) FROM pg_index i
        WHERE i.indrelid = to_regclass(@table) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
          AND (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)) = ARRAY['persistence_id', 'sequence_number']
        """;

    /// <summary>Makes the table of the journal if it is not there, and checks it.</summary>
    /// <exception cref="NpgsqlException">The server is out of reach or refuses.</exception>
    /// <exception cref="MeshNodeException">The server does not keep what it says it has committed.</exception>
    public static Task PrepareJournalAsync(StoreOptions store, CancellationToken cancellation) => PrepareAsync(store, cancellation, ("journal", JournalSql));

    /// <summary>Makes the tables of the snapshots and of their parts if they are not there, and checks them.</summary>
    /// <inheritdoc cref="PrepareJournalAsync"/>
    public static Task PrepareSnapshotsAsync(StoreOptions store, CancellationToken cancellation) => PrepareAsync(store, cancellation, ("snapshot", SnapshotsSql), (SqlPartTable.Table, PartsSql));

    private static async Task PrepareAsync(StoreOptions store, CancellationToken cancellation, params (string Table, string Sql)[] tables)
    {
        await using var connection = new NpgsqlConnection(PostgresDatabase.ConnectionStringOf(store));
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        await RefuseIfOffAsync(connection, store, "fsync", cancellation).ConfigureAwait(false);
        await RefuseIfOffAsync(connection, store, "synchronous_commit", cancellation).ConfigureAwait(false);
        await using (var making = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false))
        {
            await AskAsync(connection, "SELECT pg_advisory_xact_lock(@lock)", cancellation, ("lock", MakingTables)).ConfigureAwait(false);
            foreach (var (table, sql) in tables)
                if (await AskAsync(connection, "SELECT to_regclass(@table)::text", cancellation, ("table", table)).ConfigureAwait(false) is DBNull)
                    await AskAsync(connection, sql, cancellation).ConfigureAwait(false);
            await making.CommitAsync(cancellation).ConfigureAwait(false);
        }
        var rows = tables[0].Table;
        if (await AskAsync(connection, UniqueSql, cancellation, ("table", rows)).ConfigureAwait(false) is 0L)
        {
            throw new MeshNodeException(NodeFailure.Storage,
                $"The table '{rows}' in the database {PostgresDatabase.NameOf(store)} has no unique index over persistence_id and sequence_number, so that two nodes could write one log; add it, or use an empty schema.");
        }
    }

    private static async Task RefuseIfOffAsync(NpgsqlConnection connection, StoreOptions store, string setting, CancellationToken cancellation)
    {
        if (await AskAsync(connection, $"SHOW {setting}", cancellation).ConfigureAwait(false) is "off")
            throw new MeshNodeException(NodeFailure.Storage, $"The database {PostgresDatabase.NameOf(store)} does not sync its commits ({setting} is off), so that what was acknowledged could be lost; set it to on.");
    }

    private static async Task<object?> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params (string Name, object Value)[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }
}
