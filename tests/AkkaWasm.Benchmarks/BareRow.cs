using AkkaWasm.Actors.Persistence;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Benchmarks;

/// <summary>A table like the journal's, with its settings, and rows as long as a block of one event: what a synced commit costs when nothing else is done.</summary>
internal sealed class BareRow : IDisposable
{
    /// <summary>Length of a block with one event of 100 bytes, about.</summary>
    public const int BlockBytes = 330;

    private readonly SqliteConnection connection;
    private readonly SqliteCommand insert;
    private readonly byte[] content;
    private long number;

    public BareRow(string file, int bytes)
    {
        var store = SqliteFiles.StoreIn(file);
        SqliteFiles.Prepare(store, "benchmark's journal", SqliteTables.Journal);
        content = new byte[bytes];
        connection = new SqliteConnection(store.ConnectionString);
        connection.Open();
        insert = connection.CreateCommand();
        insert.CommandText = SqliteTables.InsertBlock;
        object[] values = ["shard-0", 0L, 0L, content, "block/1", 22_017];
        foreach (var (name, value) in ((string[])["@id", "@number", "@created", "@content", "@manifest", "@serializer"]).Zip(values)) insert.Parameters.AddWithValue(name, value);
    }

    /// <summary>Writes a row and syncs it.</summary>
    public void Write()
    {
        Random.Shared.NextBytes(content);
        insert.Parameters[1].Value = ++number;
        insert.Parameters[2].Value = DateTime.UtcNow.Ticks;
        insert.ExecuteNonQuery();
    }

    public void Dispose()
    {
        insert.Dispose();
        connection.Dispose();
    }
}
