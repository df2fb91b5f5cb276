using System.Globalization;
using Npgsql;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Keeps a second node out of a log on PostgreSQL: an advisory lock of a session that is kept open for that alone. When its connection is lost, the lock is
/// lost, and not taken again: then the rows of the log, which are unique, decide between two nodes. A machine that vanished loses it after a minute.
/// </summary>
internal sealed class PostgresLogLock : IDisposable
{
    /// <summary>How long the session of a node that has just ended may take to go, milliseconds.</summary>
    private const int PatienceMs = 2_000;

    /// <summary>What such sessions are called in <c>pg_stat_activity</c>, before process and machine; the server keeps 63 bytes.</summary>
    private const string SessionName = "akkawasm log lock";

    /// <summary>The server ends the session of a machine that does not answer for about a minute.</summary>
    private static readonly string Settings = string.Create(CultureInfo.InvariantCulture,
        $"SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; SET lock_timeout = {PatienceMs}; SET idle_session_timeout = 0");

    private const string KeySql = "SELECT hashtextextended('akkawasm/log/' || current_schema(), 0)";

    private const string HolderSql = """
        SELECT a.application_name || ' from ' || coalesce(host(a.client_addr), 'the same machine') || ', session ' || a.pid || ' since ' || date_trunc('second', a.backend_start)
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (l.classid::bigint << 32 | l.objid::bigint) = @key
        """;

    private readonly NpgsqlConnection connection;

    private PostgresLogLock(NpgsqlConnection connection) => this.connection = connection;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="MeshNodeException">Another node has it.</exception>
    /// <exception cref="NpgsqlException">The server is out of reach or refuses.</exception>
    public static async Task<PostgresLogLock> TakeAsync(StoreOptions store, CancellationToken cancellation)
    {
        // A session that went back to a pool would keep its locks.
        var name = string.Create(CultureInfo.InvariantCulture, $"{SessionName} {Environment.ProcessId}@{Environment.MachineName}");
        var how = new NpgsqlConnectionStringBuilder(PostgresDatabase.ConnectionStringOf(store)) { Pooling = false, KeepAlive = 30, ApplicationName = name };
        var connection = new NpgsqlConnection(how.ToString());
        try
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            await AskAsync(connection, Settings, null, cancellation).ConfigureAwait(false);
            var key = await AskAsync(connection, KeySql, null, cancellation).ConfigureAwait(false);
            try
            {
                await AskAsync(connection, "SELECT pg_advisory_lock(@key)", key, cancellation).ConfigureAwait(false);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                var holder = await AskAsync(connection, HolderSql, key, cancellation).ConfigureAwait(false) as string ?? "another session";
                throw new MeshNodeException(NodeFailure.Locked,
                    $"The log in the database {PostgresDatabase.NameOf(store)} is in use by another node ({holder}); end that one first, or give this one a schema of its own.", e);
            }
            return new PostgresLogLock(connection);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes the lock of a log if it is on PostgreSQL. Blocks the thread.</summary>
    /// <returns>The lock, or null for a log that is elsewhere.</returns>
    /// <exception cref="MeshNodeException">Another node has it, or the server is out of reach.</exception>
    public static PostgresLogLock? Take(StoreOptions store)
    {
        if (!PostgresDatabase.Is(store)) return null;
        try
        {
            return TakeAsync(store, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (NpgsqlException e)
        {
            throw new MeshNodeException(NodeFailure.Storage, $"The log in the database {PostgresDatabase.NameOf(store)} cannot be used: {PostgresDatabase.ReasonOf(e)}.", e);
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => connection.Dispose();

    private static async Task<object?> AskAsync(NpgsqlConnection connection, string sql, object? key, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        if (key is not null) command.Parameters.AddWithValue("key", key);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }
}
