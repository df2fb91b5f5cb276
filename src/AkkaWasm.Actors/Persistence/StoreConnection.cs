using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AkkaWasm.Actors.Persistence;

/// <summary>One connection to a database, made when it is first needed and again after a failure; used by one thread at a time, whoever calls.</summary>
internal sealed class StoreConnection : IDisposable
{
    /// <summary>About how large the write-ahead log is when it is taken back, bytes.</summary>
    private const int CheckpointEveryBytes = 1 << 20;

    private readonly StoreOptions store;
    private readonly Func<DbConnection> connect;
    private readonly Lock gate = new();
    private DbConnection? connection;

    private StoreConnection(StoreOptions store, Func<DbConnection> connect) => (this.store, this.connect) = (store, connect);

    /// <summary>Whether the database is SQLite; otherwise PostgreSQL.</summary>
    public bool IsSqlite => SqliteFiles.Are(store);

    /// <summary>Says how to connect to a database; null where this program does not know how.</summary>
    public static StoreConnection? To(StoreOptions store)
    {
        if (SqliteFiles.Are(store)) return new(store, () => new SqliteConnection(new SqliteConnectionStringBuilder(store.ConnectionString) { Pooling = false }.ToString()));
        return PostgresDatabase.Is(store) ? new(store, () => new NpgsqlConnection(PostgresDatabase.ConnectionStringOf(store))) : null;
    }

    /// <summary>Does something with the connection.</summary>
    /// <exception cref="DbException">The database is out of reach or refuses.</exception>
    public T Run<T>(Func<DbConnection, T> work)
    {
        lock (gate)
        {
            try
            {
                return work(connection ??= Open());
            }
            catch (DbException)
            {
                connection?.Dispose();
                connection = null;
                throw;
            }
        }
    }

    /// <summary>Executes statements, each by itself.</summary>
    public void Execute(params ReadOnlySpan<string> statements)
    {
        foreach (var sql in statements)
        {
            Run(database =>
            {
                using var command = Command(database, sql);
                return command.ExecuteNonQuery();
            });
        }
    }

    /// <summary>A statement with parameters, to be given values by <see cref="Set"/>.</summary>
    public static DbCommand Command(DbConnection database, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = database.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <summary>Gives the parameters of a statement their values, in their order.</summary>
    public static DbCommand Set(DbCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command;
    }

    public void Dispose()
    {
        lock (gate) connection?.Dispose();
    }

    /// <summary>Little at a time goes from the write-ahead log back into the database: the log of the mesh may be on the same disk, and its commits wait meanwhile.</summary>
    private static void SetCheckpoints(DbConnection opened)
    {
        using var pageSize = Command(opened, "PRAGMA page_size;");
        using var checkpoints = Command(opened, $"PRAGMA wal_autocheckpoint={CheckpointEveryBytes / (long)pageSize.ExecuteScalar()!};");
        checkpoints.ExecuteNonQuery();
    }

    private DbConnection Open()
    {
        var opened = connect();
        try
        {
            opened.Open();
            if (opened is SqliteConnection) SetCheckpoints(opened);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }
}
