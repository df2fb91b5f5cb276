using AkkaWasm.Actors.Offline;
using static AkkaWasm.Actors.Persistence.StoreConnection;

namespace AkkaWasm.Actors.Persistence;

/// <summary>The table of the journal of Akka.Persistence.Sql, as far as this program removes rows from it by itself. May be called by any thread.</summary>
internal sealed class SqlJournalTable(StoreConnection store)
{
    /// <summary>Rows that one transaction removes: few, so that no commit waits for long.</summary>
    public const int AtATime = 16;

    public const string DeleteSql = $"DELETE FROM {JournalSchema.Journal} WHERE {JournalSchema.PersistenceId} = @id AND {JournalSchema.SequenceNumber} <= @upTo";

    private const string FirstSql = $"SELECT min({JournalSchema.SequenceNumber}) FROM {JournalSchema.Journal} WHERE {JournalSchema.PersistenceId} = @id";

    private const string InsertSql =
        $"INSERT INTO {JournalSchema.Journal} ({JournalSchema.PersistenceId}, {JournalSchema.SequenceNumber}, created, {JournalSchema.Message}, {JournalSchema.Manifest}, {JournalSchema.Identifier}, {JournalSchema.Deleted}, tags, writer_uuid) "
        + "VALUES (@id, @number, @created, @content, @manifest, @serializer, @deleted, @tags, @writer)";

    /// <summary>The first row that is there, or null.</summary>
    public long? FirstRow(string persistenceId) => store.Run(database =>
    {
        using var select = Command(database, FirstSql, "@id");
        return Set(select, persistenceId).ExecuteScalar() is { } first and not DBNull ? Convert.ToInt64(first, System.Globalization.CultureInfo.InvariantCulture) : (long?)null;
    });

    /// <summary>Removes all rows up to one, the first ones first, in small transactions.</summary>
    /// <param name="persistenceId">Whose.</param>
    /// <param name="upTo">The last row that goes.</param>
    /// <param name="remove">Removes a few of them, up to a row; null to do so on this connection.</param>
    /// <param name="cancellation">Ends it between two transactions.</param>
    /// <returns>How many were removed.</returns>
    public async Task<long> RemoveAsync(string persistenceId, long upTo, Func<long, Task>? remove, CancellationToken cancellation)
    {
        if (FirstRow(persistenceId) is not { } first || first > upTo) return 0;
        for (var next = first; next <= upTo; next += AtATime)
        {
            cancellation.ThrowIfCancellationRequested();
            var last = Math.Min(upTo, next + AtATime - 1);
            if (remove is not null) await remove(last).ConfigureAwait(false);
            else Remove(persistenceId, last);
        }
        return upTo - first + 1;
    }

    /// <summary>Adds a row, for a log that no node runs on.</summary>
    public void Insert(string persistenceId, long number, byte[] block) => store.Run(database =>
    {
        using var insert = Command(database, InsertSql, "@id", "@number", "@created", "@content", "@manifest", "@serializer", "@deleted", "@tags", "@writer");
        object deleted = store.IsSqlite ? 0 : false;
        return Set(insert, persistenceId, number, DateTime.UtcNow.Ticks, block, JournalSchema.BlockManifest, (int)JournalSchema.Serializer, deleted, "", "compact").ExecuteNonQuery();
    });

    private void Remove(string persistenceId, long upTo) => store.Run(database =>
    {
        using var delete = Command(database, DeleteSql, "@id", "@upTo");
        return Set(delete, persistenceId, upTo).ExecuteNonQuery();
    });
}
