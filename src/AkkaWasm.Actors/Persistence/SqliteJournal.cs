using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;
using AkkaWasm.Actors.Serialization;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// The journal of Akka.Persistence.Sql with a short way for blocks into SQLite: one connection that stays open, one prepared statement, on the
/// journal's own thread. What it writes is what the plug-in would write, row by row; all else, reading above all, is left to the plug-in, and
/// <c>akka.persistence.journal.sql.class</c> puts that in its place.
/// </summary>
internal sealed class SqliteJournal : SqlWriteJournal
{
    /// <summary>Akka's way to say so.</summary>
    private static readonly Task<IImmutableList<Exception>> NothingRejected = Task.FromResult<IImmutableList<Exception>>(null!);

    private readonly string connectionString;
    private SqliteBlockWriter? writer;

    public SqliteJournal(Config config)
        : base(config) => connectionString = config.GetString("connection-string");

    protected override void PostStop()
    {
        writer?.Dispose();
        base.PostStop();
    }

    /// <summary>A write that is under way would have been waited for; here it is over when the next message is handled.</summary>
    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellation)
    {
        AtomicWrite[] writes = [.. messages];
        if (!Array.TrueForAll(writes, IsBlock)) return base.WriteMessagesAsync(writes, cancellation);
        try
        {
            (writer ??= new SqliteBlockWriter(connectionString)).Write(writes.SelectMany(Rows));
            return NothingRejected;
        }
        catch (Exception e)
        {
            // Whatever is wrong with the connection, the next write begins with a new one.
            writer?.Dispose();
            writer = null;
            return Task.FromException<IImmutableList<Exception>>(e);
        }
    }

    private static bool IsBlock(AtomicWrite write) => Rows(write).All(row => row.Payload is JournalRow);

    private static IImmutableList<IPersistentRepresentation> Rows(AtomicWrite write) => (IImmutableList<IPersistentRepresentation>)write.Payload;
}
