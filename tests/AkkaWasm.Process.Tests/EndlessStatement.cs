using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// A step that a process reaches and never gets past: a trigger in its database counts without end inside the statement's transaction, so that the
/// process can be killed at this very step and at no other.
/// </summary>
/// <param name="Database">The file.</param>
/// <param name="Table">Its table.</param>
/// <param name="Verb"><c>INSERT</c> or <c>DELETE</c>.</param>
/// <param name="Condition">On <c>NEW</c> or <c>OLD</c>: which row is not got past.</param>
internal sealed record EndlessStatement(string Database, string Table, string Verb, string Condition)
{
    private const int Busy = 5;

    /// <summary>What is true of the database once the process is there: a disk that stalls holds it for long too.</summary>
    public string Committed { get; init; } = "1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Lets nobody get past from now on.</summary>
    public void Place() => Execute(Database, $"""
        CREATE TRIGGER endless BEFORE {Verb} ON {Table} WHEN {Condition}
        BEGIN SELECT (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n); END
        """);

    /// <summary>Lets everybody get past again.</summary>
    public void Remove() => Execute(Database, "DROP TRIGGER endless");

    /// <summary>Ends when the process is there: it holds the database for longer than any other statement does.</summary>
    public async Task ReachedAsync(NodeProcess process)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!IsHeld() || Execute(Database, $"SELECT {Committed}") == 0)
        {
            Assert.False(process.HasExited, $"The process never came to {this}: {process.Output}{process.Errors}");
            Assert.False(limit.IsCancellationRequested, $"The process has not come to {this} in {Patience}: {process.Output}{process.Errors}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Whether the right to write cannot be had at this very moment.</summary>
    public bool IsHeldNow()
    {
        using var connection = Open(Database);
        if (raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE") == raw.SQLITE_BUSY) return true;
        raw.sqlite3_exec(connection.Handle, "ROLLBACK");
        return false;
    }

    /// <summary>Executes a statement in a database.</summary>
    /// <returns>Its first value, or 0.</returns>
    public static long Execute(string database, string sql)
    {
        using var connection = Open(database);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Whether the right to write cannot be had for a second.</summary>
    private bool IsHeld()
    {
        using var connection = Open(Database);
        connection.DefaultTimeout = 1;
        try
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            return false;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Busy)
        {
            return true;
        }
    }

    private static SqliteConnection Open(string database)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
