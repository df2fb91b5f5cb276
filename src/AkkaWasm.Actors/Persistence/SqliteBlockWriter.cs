using Akka.Persistence;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Serialization;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Writes blocks into the journal's table. It takes the write-ahead log back into the database itself: most of it beside the commits, by a connection
/// of its own, and only what was left by that between two of them, so that no commit waits for long and the log stays short.
/// </summary>
internal sealed class SqliteBlockWriter : IDisposable
{
    /// <summary>
    /// About how large the write-ahead log is when it is taken back, bytes: little at a time, because commits wait for the disk and the processor meanwhile
    /// (with 64 MiB one event of a hundred waited twice as long as with 8, at the same number of turns per second).
    /// </summary>
    private const long CheckpointEveryBytes = 8L << 20;

    /// <summary>How often the log is taken back beside the commits, before a last time between two of them: the last finds only what came meanwhile.</summary>
    private const int PassesBeside = 2;

    /// <summary>What a row adds to the write-ahead log besides its block, bytes: the pages of table and index that it changes are written anew.</summary>
    private const long PagesOfRowBytes = 3 * SqliteTables.JournalPageBytes;

    /// <summary>About what a removal of a few rows adds to the write-ahead log, bytes.</summary>
    private const long RemovalBytes = 64L << 10;

    private readonly SqliteConnection connection;
    private readonly SqliteConnection checkpoints;
    private readonly SqliteCommand insert;
    private Task checkpoint = Task.CompletedTask;
    private bool isRestDue;
    private long bytesSinceCheckpoint;

    public SqliteBlockWriter(string connectionString)
    {
        connection = new SqliteConnection(connectionString);
        checkpoints = new SqliteConnection(connectionString);
        insert = connection.CreateCommand();
        try
        {
            connection.Open();
            checkpoints.Open();
            Execute(connection, "PRAGMA wal_autocheckpoint=0;");
            insert.CommandText = $"""
                INSERT INTO {JournalSchema.Journal} (created, {JournalSchema.Deleted}, {JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}, {JournalSchema.Message},
                  tags, {JournalSchema.Manifest}, {JournalSchema.Identifier}, writer_uuid)
                VALUES ($created, 0, $id, $number, $message, '', '{JournalSchema.BlockManifest}', {JournalSchema.Serializer}, $writer)
                """;
            foreach (var name in (string[])["$created", "$id", "$number", "$message", "$writer"]) insert.Parameters.AddWithValue(name, 0);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes rows in one transaction and syncs them.</summary>
    /// <exception cref="SqliteException">They were not written: a row with that number is there, or the disk is full or failing.</exception>
    public void Write(IEnumerable<IPersistentRepresentation> rows)
    {
        IPersistentRepresentation[] all = [.. rows];
        TakeBackRest();
        if (all.Length == 1) Insert(all[0]);
        else InsertTogether(all);
        CheckpointIfDue();
    }

    private void CheckpointIfDue()
    {
        if (bytesSinceCheckpoint < CheckpointEveryBytes || !checkpoint.IsCompleted) return;
        bytesSinceCheckpoint = 0;
        checkpoint = Task.Factory.StartNew(
            () =>
            {
                for (var pass = 0; pass < PassesBeside; pass++) Execute(checkpoints, "PRAGMA wal_checkpoint(PASSIVE);");
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        isRestDue = true;
    }

    /// <summary>Removes a few rows from the beginning in one transaction.</summary>
    public void Remove(string persistenceId, long upTo)
    {
        TakeBackRest();
        using var delete = StoreConnection.Command(connection, SqlJournalTable.DeleteSql, "@id", "@upTo");
        StoreConnection.Set(delete, persistenceId, upTo).ExecuteNonQuery();
        bytesSinceCheckpoint += RemovalBytes;
        CheckpointIfDue();
    }

    public void Dispose()
    {
        // One that failed is made good by the next, or by whoever opens the database next.
        checkpoint.ContinueWith(static _ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        insert.Dispose();
        connection.Dispose();
        checkpoints.Dispose();
    }

    /// <summary>What was written while most of the log was taken back; then the log begins again at its beginning.</summary>
    private void TakeBackRest()
    {
        if (!isRestDue || !checkpoint.IsCompleted) return;
        isRestDue = false;
        Execute(connection, "PRAGMA wal_checkpoint(PASSIVE);");
    }

    private void InsertTogether(IPersistentRepresentation[] rows)
    {
        using var transaction = connection.BeginTransaction();
        insert.Transaction = transaction;
        try
        {
            foreach (var row in rows) Insert(row);
            transaction.Commit();
        }
        finally
        {
            insert.Transaction = null;
        }
    }

    /// <summary>Outside of a transaction a statement is one.</summary>
    private void Insert(IPersistentRepresentation row)
    {
        var block = MeshSerializer.ArrayOf(((JournalRow)row.Payload).Block);
        insert.Parameters[0].Value = DateTime.UtcNow.Ticks;
        insert.Parameters[1].Value = row.PersistenceId;
        insert.Parameters[2].Value = row.SequenceNr;
        insert.Parameters[3].Value = block;
        insert.Parameters[4].Value = row.WriterGuid;
        insert.ExecuteNonQuery();
        insert.Parameters[3].Value = null;
        bytesSinceCheckpoint += block.Length + PagesOfRowBytes;
    }

    private static void Execute(SqliteConnection on, string sql)
    {
        using var command = on.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
