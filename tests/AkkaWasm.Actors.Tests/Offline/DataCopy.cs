using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Tests.Offline;

/// <summary>A copy of a data folder, and ways to damage it.</summary>
internal sealed class DataCopy : IDisposable
{
    private readonly TestFolder folder = new();

    public DataCopy(string original) => RecordedMesh.CopyTo(original, Folder);

    public string Folder => folder.Data;

    public string JournalFile => DataFolder.JournalFileOf(Folder);

    public string SnapshotsFile => DataFolder.SnapshotsFileOf(Folder);

    public string HeadFile => DataFolder.HeadFileOf(Folder);

    /// <summary>The blocks by their rows, from 1.</summary>
    public SortedDictionary<long, (BlockHeader Header, byte[] Bytes)> Blocks()
    {
        var blocks = new SortedDictionary<long, (BlockHeader, byte[])>();
        using var connection = Connect(JournalFile);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sequence_number, message FROM journal WHERE persistence_id = 'shard-0'";
        using var reader = command.ExecuteReader();
        while (reader.Read()) blocks[reader.GetInt64(0)] = (BlockCodec.ReadHeader(reader.GetFieldValue<byte[]>(1)), reader.GetFieldValue<byte[]>(1));
        return blocks;
    }

    public void SetBlock(long row, byte[] bytes) => Run(JournalFile, "UPDATE journal SET message = $bytes WHERE sequence_number = $row", ("$bytes", bytes), ("$row", row));

    public int Run(string file, string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = Connect(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command.ExecuteNonQuery();
    }

    public LogVerification Verify()
    {
        using var log = OfflineLog.Open(Folder);
        return log.Verify();
    }

    /// <summary>Every file with its content.</summary>
    public SortedDictionary<string, string> Files() =>
        new(Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(Folder, f), f => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))), StringComparer.Ordinal);

    public void Dispose() => folder.Dispose();

    private static SqliteConnection Connect(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous=OFF";
        command.ExecuteNonQuery();
        return connection;
    }
}
