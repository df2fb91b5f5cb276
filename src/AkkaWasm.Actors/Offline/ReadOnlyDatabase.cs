using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Offline;

/// <summary>A SQLite database opened so that not a file of its folder is made or changed, whether or not a node has it open.</summary>
internal sealed class ReadOnlyDatabase : IDisposable
{
    private const int Error = 1;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    private readonly SqliteConnection connection;
    private readonly string? copies;

    private ReadOnlyDatabase(string file, SqliteConnection connection, string? copies)
    {
        File = file;
        this.connection = connection;
        this.copies = copies;
    }

    public string File { get; }

    /// <exception cref="LogCorruptException">It is no database, or damaged.</exception>
    /// <exception cref="MeshNodeException">It cannot be opened.</exception>
    public static ReadOnlyDatabase Open(string file)
    {
        var copies = NeedsCopy(file) ? Copy(file) : null;
        var source = copies is null ? UriOf(file) : new Uri(Path.Combine(copies, Path.GetFileName(file))).AbsoluteUri;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        var database = new ReadOnlyDatabase(file, connection, copies);
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

    /// <summary>Asks for rows.</summary>
    /// <typeparam name="T">What a row becomes.</typeparam>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> row, params (string Name, object Value)[] parameters) => Guard(() =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(row(reader));
        return rows;
    });

    /// <summary>Reads a part of a value without the rest of it.</summary>
    public byte[] ReadPart(string table, string column, long rowId, int length) => Guard(() =>
    {
        using var blob = new SqliteBlob(connection, table, column, rowId, readOnly: true);
        var bytes = new byte[Math.Min(length, blob.Length)];
        blob.ReadExactly(bytes);
        return bytes;
    });

    /// <summary>What SQLite finds wrong with the file as a whole.</summary>
    /// <returns>The first finding, or null.</returns>
    public string? Check() => Query("PRAGMA quick_check(1);", r => r.GetString(0)) is [var finding] && finding != "ok" ? finding.ReplaceLineEndings(" ") : null;

    public void Dispose()
    {
        connection.Dispose();
        if (copies is not null) Directory.Delete(copies, true);
    }

    /// <summary>How to open the file without making another: where there is no write-ahead log, nobody has it open, and SQLite need not care for others.</summary>
    private static string UriOf(string file) =>
        new Uri(Path.GetFullPath(file)).AbsoluteUri + (new FileInfo(file + "-wal") is { Exists: true, Length: > 0 } || HasSharedMemory(file) ? "" : "?immutable=1");

    /// <summary>A write-ahead log is read through shared memory beside it. Where that is missing, as in a backup, SQLite would make it.</summary>
    private static bool NeedsCopy(string file) => new FileInfo(file + "-wal") is { Exists: true, Length: > 0 } && !HasSharedMemory(file);

    private static bool HasSharedMemory(string file) => System.IO.File.Exists(file + "-wal") && System.IO.File.Exists(file + "-shm");

    private static string Copy(string file)
    {
        var folder = Directory.CreateTempSubdirectory("akkawasm-log-").FullName;
        try
        {
            foreach (var part in new[] { file, file + "-wal" }) System.IO.File.Copy(part, Path.Combine(folder, Path.GetFileName(part)));
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Directory.Delete(folder, true);
            throw new MeshNodeException(NodeFailure.Storage, $"The database '{file}' cannot be copied to '{folder}' to be read there: {e.Message}", e);
        }
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Corrupt or NotADatabase or InputOutput)
        {
            throw new LogCorruptException($"The database '{File}' is damaged ({Reason(e)}); put it back from a copy.", Position.None);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Error)
        {
            throw new LogCorruptException($"The database '{File}' was not written by this program ({Reason(e)}); look for the right data folder.", Position.None);
        }
        catch (Exception e) when (e is (InvalidCastException or FormatException or OverflowException or InvalidOperationException) and not ObjectDisposedException)
        {
            throw new LogCorruptException($"The database '{File}' is damaged (a row holds values of another kind: {e.Message}); put it back from a copy.", Position.None);
        }
        catch (SqliteException e)
        {
            throw new MeshNodeException(NodeFailure.Storage, $"The database '{File}' cannot be read ({Reason(e)}); see to its rights and try again.", e);
        }
    }

    private static string Reason(SqliteException e)
    {
        var quoted = e.Message.IndexOf('\'', StringComparison.Ordinal);
        return quoted < 0 ? e.Message.TrimEnd('.') : $"SQLite {e.SqliteErrorCode}: {e.Message[(quoted + 1)..].TrimEnd('.', '\'')}";
    }
}
