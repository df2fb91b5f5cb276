using System.Data.Common;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Offline;

/// <summary>A SQLite database opened so that not a file of its folder is made or changed, whether or not a node has it open.</summary>
internal sealed class SqliteReadOnlyDatabase : ReadOnlyDatabase
{
    private const int Error = 1;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    private readonly SqliteConnection connection;
    private readonly string? copies;

    private SqliteReadOnlyDatabase(string file, SqliteConnection connection, string? copies)
    {
        Name = $"'{file}'";
        this.connection = connection;
        this.copies = copies;
    }

    public override string Name { get; }

    protected override DbConnection Connection => connection;

    /// <exception cref="LogCorruptException">It is no database, or damaged.</exception>
    /// <exception cref="MeshNodeException">It cannot be opened.</exception>
    public static SqliteReadOnlyDatabase Open(string file)
    {
        var copies = NeedsCopy(file) ? Copy(file) : null;
        var source = copies is null ? UriOf(file) : new Uri(Path.Combine(copies, Path.GetFileName(file))).AbsoluteUri;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        var database = new SqliteReadOnlyDatabase(file, connection, copies);
        try
        {
            database.Guard(() =>
            {
                connection.Open();
                // SQLite refuses a file that is shorter than its header says; like this the rows before the cut can still be read.
                using var command = connection.CreateCommand();
                command.CommandText = "PRAGMA writable_schema=ON; PRAGMA query_only=ON;";
                return command.ExecuteNonQuery();
            });
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public override byte[] ReadBeginning(string table, string column, string key, long keyValue, int length) => Guard(() =>
    {
        using var blob = new SqliteBlob(connection, table, column, keyValue, readOnly: true); // an integer primary key is the row's id
        var bytes = new byte[Math.Min(length, blob.Length)];
        blob.ReadExactly(bytes);
        return bytes;
    });

    public override bool HasTable(string table) => Query("SELECT count(*) FROM sqlite_master WHERE name = @table", r => r.GetInt64(0), ("@table", table)) is [not 0];

    public override string? FindDamage() => Query("PRAGMA quick_check(1);", r => r.GetString(0)) is [var finding] && finding != "ok" ? finding.ReplaceLineEndings(" ") : null;

    public override void Dispose()
    {
        connection.Dispose();
        if (copies is not null) Directory.Delete(copies, true);
    }

    /// <summary>How to open the file without making another: where there is no write-ahead log, nobody has it open, and SQLite need not care for others.</summary>
    private static string UriOf(string file) =>
        new Uri(Path.GetFullPath(file)).AbsoluteUri + (new FileInfo(file + "-wal") is { Exists: true, Length: > 0 } || HasSharedMemory(file) ? "" : "?immutable=1");

    /// <summary>A write-ahead log is read through shared memory beside it. Where that is missing, as in a backup, SQLite would make it.</summary>
    private static bool NeedsCopy(string file) => new FileInfo(file + "-wal") is { Exists: true, Length: > 0 } && !HasSharedMemory(file);

    private static bool HasSharedMemory(string file) => File.Exists(file + "-wal") && File.Exists(file + "-shm");

    private static string Copy(string file)
    {
        var folder = Directory.CreateTempSubdirectory("akkawasm-log-").FullName;
        try
        {
            foreach (var part in new[] { file, file + "-wal" }) File.Copy(part, Path.Combine(folder, Path.GetFileName(part)));
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Directory.Delete(folder, true);
            throw new MeshNodeException(NodeFailure.Storage, $"The database '{file}' cannot be copied to '{folder}' to be read there: {e.Message}", e);
        }
    }

    protected override T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Corrupt or NotADatabase or InputOutput)
        {
            throw new LogCorruptException($"The database {Name} is damaged ({Reason(e)}); put it back from a copy.", Position.None);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Error)
        {
            throw new LogCorruptException($"The database {Name} was not written by this program ({Reason(e)}); look for the right data folder.", Position.None);
        }
        catch (Exception e) when (IsOfAnotherKind(e))
        {
            throw new LogCorruptException($"The database {Name} is damaged (a row holds values of another kind: {e.Message}); put it back from a copy.", Position.None);
        }
        catch (SqliteException e)
        {
            throw new MeshNodeException(NodeFailure.Storage, $"The database {Name} cannot be read ({Reason(e)}); see to its rights and try again.", e);
        }
    }

    private static string Reason(SqliteException e)
    {
        var quoted = e.Message.IndexOf('\'', StringComparison.Ordinal);
        return quoted < 0 ? e.Message.TrimEnd('.') : $"SQLite {e.SqliteErrorCode}: {e.Message[(quoted + 1)..].TrimEnd('.', '\'')}";
    }
}
