using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Makes the databases before Akka.Persistence.Sql opens them, because the journal mode and the page size of tables it made itself would be
/// SQLite's defaults, and checks that a commit is synced.
/// </summary>
internal static class SqliteFiles
{
    public const string Provider = "SQLite.MS";

    private const long Full = 2;

    public static StoreOptions StoreIn(string file) => new(Provider, new SqliteConnectionStringBuilder { DataSource = file }.ToString());

    /// <summary>Whether a store is SQLite.</summary>
    public static bool Are(StoreOptions store) => store.Provider.StartsWith("SQLite", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file of a store.</summary>
    public static string FileOf(StoreOptions store) => new SqliteConnectionStringBuilder(store.ConnectionString).DataSource;

    /// <summary>Makes or opens the database of a store that is SQLite, with its tables; leaves others alone.</summary>
    /// <exception cref="MeshNodeException">It is no SQLite database, cannot be written, or does not sync its commits.</exception>
    public static void Prepare(StoreOptions store, string what, SqliteSchema schema)
    {
        if (!Are(store)) return;
        try
        {
            using var connection = new SqliteConnection(store.ConnectionString);
            connection.Open();
            Query(connection, $"PRAGMA page_size={schema.PageSizeBytes};");
            if (Query(connection, "PRAGMA journal_mode=WAL;") is not "wal")
                throw new MeshNodeException(NodeFailure.Storage, $"The {what} '{connection.DataSource}' cannot be switched to a write-ahead log; keep it on a local file system.");
            foreach (var statement in schema.Statements) Query(connection, statement);
            // Asked on a connection made the way the plug-in makes its own: the setting belongs to connections, not to the file.
            if (Query(connection, "PRAGMA synchronous;") is not Full)
                throw new MeshNodeException(NodeFailure.Storage, $"The {what} '{connection.DataSource}' does not sync its commits (PRAGMA synchronous is not FULL); use the SQLite library that comes with this program.");
        }
        catch (SqliteException e)
        {
            throw new MeshNodeException(NodeFailure.Storage, $"The {what} '{FileOf(store)}' cannot be opened: {e.Message}", e);
        }
    }

    private static object? Query(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
