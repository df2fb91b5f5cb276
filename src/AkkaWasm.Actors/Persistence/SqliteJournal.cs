using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;
using AkkaWasm.Actors.Serialization;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// The journal of Akka.Persistence.Sql with a short way for blocks into SQLite: one connection that stays open, one prepared statement, on the
/// journal's own thread, which tells the shard by itself when a block is synced. What it writes is what the plug-in would write, row by row; all else, reading above all, is left to the plug-in, and
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

    /// <summary>
    /// Whoever waits for a commit is told by the thread that made it. Akka's own way, a continuation and then an actor that puts answers in order, costs two
    /// changes of thread more; answers are in order here because a write is over before the next begins. The first write goes Akka's way, because the
    /// plug-in holds it back until it is ready.
    /// </summary>
    protected override bool AroundReceive(Receive receive, object message)
    {
        if (writer is null || message is not WriteMessages write || !write.Messages.All(m => m is AtomicWrite atomic && IsBlock(atomic))) return base.AroundReceive(receive, message);
        Write(write);
        return true;
    }

    private void Write(WriteMessages write)
    {
        IPersistentRepresentation[] rows = [.. write.Messages.Cast<AtomicWrite>().SelectMany(Rows)];
        try
        {
            writer!.Write(rows);
        }
        catch (Exception e)
        {
            Discard();
            write.PersistentActor.Tell(new WriteMessagesFailed(e, write.Messages.Count()), Self);
            foreach (var row in rows) write.PersistentActor.Tell(new WriteMessageFailure(row, e, write.ActorInstanceId), row.Sender);
            return;
        }
        write.PersistentActor.Tell(WriteMessagesSuccessful.Instance, Self);
        foreach (var row in rows) write.PersistentActor.Tell(new WriteMessageSuccess(row, write.ActorInstanceId), row.Sender);
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
            Discard();
            return Task.FromException<IImmutableList<Exception>>(e);
        }
    }

    /// <summary>Whatever is wrong with the connection, the next write begins with a new one.</summary>
    private void Discard()
    {
        writer?.Dispose();
        writer = null;
    }

    /// <summary>Between two commits, on the same connection: another one would make them wait for its lock.</summary>
    protected override bool ReceivePluginInternal(object message)
    {
        if (message is not RemoveRowsUpTo remove) return base.ReceivePluginInternal(message);
        try
        {
            (writer ??= new SqliteBlockWriter(connectionString)).Remove(remove.PersistenceId, remove.UpTo);
            Sender.Tell(new Status.Success(remove.UpTo));
        }
        catch (Exception e)
        {
            Discard();
            Sender.Tell(new Status.Failure(e));
        }
        return true;
    }

    private static bool IsBlock(AtomicWrite write) => Rows(write).All(row => row.Payload is JournalRow);

    private static IImmutableList<IPersistentRepresentation> Rows(AtomicWrite write) => (IImmutableList<IPersistentRepresentation>)write.Payload;
}

/// <summary>To the journal: remove rows from the beginning, answered with success or failure.</summary>
/// <param name="PersistenceId">Whose.</param>
/// <param name="UpTo">The last row that goes.</param>
internal sealed record RemoveRowsUpTo(string PersistenceId, long UpTo);
