using System.Data.Common;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using Npgsql;

namespace AkkaWasm.Actors.Offline;

/// <summary>A PostgreSQL database in a session whose transactions are all read-only. Each query is one of its own, so that nothing is held up on the server.</summary>
internal sealed class PostgresReadOnlyDatabase : ReadOnlyDatabase
{
    private static readonly string[] NotOurTables =
        [PostgresErrorCodes.UndefinedTable, PostgresErrorCodes.UndefinedColumn, PostgresErrorCodes.UndefinedFunction, PostgresErrorCodes.DatatypeMismatch];

    private readonly NpgsqlConnection connection;

    private PostgresReadOnlyDatabase(string name, NpgsqlConnection connection)
    {
        Name = name;
        this.connection = connection;
    }

    public override string Name { get; }

    protected override DbConnection Connection => connection;

    /// <exception cref="MeshNodeException">The server is out of reach or refuses.</exception>
    public static new PostgresReadOnlyDatabase Open(StoreOptions store)
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgresDatabase.ConnectionStringOf(store)) { Pooling = false };
        settings.Options = $"{settings.Options} -c default_transaction_read_only=on".TrimStart();
        var database = new PostgresReadOnlyDatabase(PostgresDatabase.NameOf(store), new NpgsqlConnection(settings.ToString()));
        try
        {
            database.Guard(() =>
            {
                database.connection.Open();
                return true;
            });
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public override byte[] ReadBeginning(string table, string column, string key, long keyValue, int length) =>
        Query($"SELECT substring({column} FROM 1 FOR @length) FROM {table} WHERE {key} = @key", r => r.GetFieldValue<byte[]>(0), ("@length", length), ("@key", keyValue)).FirstOrDefault() ?? [];

    public override bool HasTable(string table) => Query("SELECT to_regclass(@table) IS NOT NULL", r => r.GetBoolean(0), ("@table", table)) is [true];

    public override string? FindDamage() => null;

    public override void Dispose() => connection.Dispose();

    protected override T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted)
        {
            throw new LogCorruptException($"The database {Name} is damaged ({PostgresDatabase.ReasonOf(e)}); put it back from a copy.", Position.None);
        }
        catch (PostgresException e) when (NotOurTables.Contains(e.SqlState))
        {
            throw new LogCorruptException($"The database {Name} holds no log of this program ({PostgresDatabase.ReasonOf(e)}); look for the right database and schema.", Position.None);
        }
        catch (NpgsqlException e)
        {
            throw new MeshNodeException(NodeFailure.Storage,
                $"The database {Name} cannot be read ({PostgresDatabase.ReasonOf(e)}); see to the server, and to the password: it comes from the configuration (--config), from PGPASSWORD or from the password file.", e);
        }
        catch (Exception e) when (IsOfAnotherKind(e))
        {
            throw new LogCorruptException($"The database {Name} is damaged (a row holds values of another kind: {e.Message}); put it back from a copy.", Position.None);
        }
    }
}
