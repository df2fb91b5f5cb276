using System.Data.Common;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>
/// A database of a log, opened so that nothing in it can be changed, whether or not a node has it open. SQL in it is such as both kinds of database
/// understand; parameters begin with <c>@</c>.
/// </summary>
internal abstract class ReadOnlyDatabase : IDisposable
{
    /// <summary>The database in messages, in quotation marks.</summary>
    public abstract string Name { get; }

    /// <exception cref="LogCorruptException">It is no database, or damaged.</exception>
    /// <exception cref="MeshNodeException">It cannot be opened.</exception>
    public static ReadOnlyDatabase Open(StoreOptions store) => PostgresDatabase.Is(store) ? PostgresReadOnlyDatabase.Open(store) : SqliteReadOnlyDatabase.Open(SqliteFiles.FileOf(store));

    /// <summary>Asks for rows.</summary>
    /// <typeparam name="T">What a row becomes.</typeparam>
    /// <exception cref="LogCorruptException">What it asks for is damaged or not there.</exception>
    /// <exception cref="MeshNodeException">The database does not answer.</exception>
    public List<T> Query<T>(string sql, Func<DbDataReader, T> row, params (string Name, object Value)[] parameters) => Guard(() =>
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    });

    /// <summary>Reads the beginning of a value without the rest of it.</summary>
    /// <param name="table">Its table.</param>
    /// <param name="column">Its column.</param>
    /// <param name="key">The table's integer primary key.</param>
    /// <param name="keyValue">The key of its row.</param>
    /// <param name="length">How much, bytes; less if the value is shorter.</param>
    public abstract byte[] ReadBeginning(string table, string column, string key, long keyValue, int length);

    /// <summary>Whether there is a table.</summary>
    public abstract bool HasTable(string table);

    /// <summary>What the database finds wrong with itself as a whole.</summary>
    /// <returns>The first finding, or null; null also where only the server can look.</returns>
    public abstract string? FindDamage();

    public abstract void Dispose();

    protected abstract DbConnection Connection { get; }

    /// <summary>Runs something on the connection and says of its failures what they mean for the log.</summary>
    protected abstract T Guard<T>(Func<T> read);

    /// <summary>Whether an exception says that a row holds something else than this program wrote.</summary>
    protected static bool IsOfAnotherKind(Exception e) => e is (InvalidCastException or FormatException or OverflowException or InvalidOperationException) and not ObjectDisposedException;
}
