using Akka.Actor;
using Akka.Persistence;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// What a node does to let the beginning of its log go, off the shard's thread: finds what may go, saves the state of the shard that stands in for it, and,
/// when the shard has recorded and committed that, removes the rows. May be called by any thread.
/// </summary>
internal sealed class LogRetention(RetentionOptions options, LogStores stores, SqlJournalTable rows, SqlSnapshotTable states, LogReaders readers)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    public RetentionOptions Options => options;

    public LogReaders Readers => readers;

    /// <summary>Finds what may go and saves what stands in for it.</summary>
    /// <param name="needed">Offset from which on the shard needs the log.</param>
    /// <param name="nowNs">The time, nanoseconds since the Unix epoch.</param>
    /// <param name="limits">The shard's limits.</param>
    /// <param name="snapshotStore">Where the state is saved.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Where the log may begin, or null if nothing is worth it.</returns>
    public async Task<RetentionPlan?> PrepareAsync(long needed, long nowNs, ShardOptions limits, IActorRef snapshotStore, CancellationToken cancellation)
    {
        using var journal = JournalFile.Open(stores);
        var planner = new RetentionPlanner(journal, options, cancellation);
        var plan = planner.Plan(Math.Min(needed, readers.Lowest), nowNs);
        if (plan.Rows == 0 || plan.Bytes < options.LeastBytes) return null;
        var (state, beginning) = planner.BaseOf(stores, plan, limits);
        var metadata = new SnapshotMetadata(JournalSchema.Shard, beginning.Row, DateTime.UnixEpoch.AddTicks(nowNs / 100));
        var answer = await snapshotStore.Ask<ISnapshotResponse>(new SaveSnapshot(metadata, new ShardSnapshot(state)), Timeout, cancellation).ConfigureAwait(false);
        return answer is SaveSnapshotFailure { Cause: var cause }
            ? throw new IOException($"The snapshot store refused the state that the log is to begin with: {cause.Message}", cause)
            : plan with { Beginning = beginning };
    }

    /// <summary>Removes the rows before the beginning of the log, then the states that nothing can be recovered from any more.</summary>
    /// <param name="beginning">The beginning; its record is committed.</param>
    /// <param name="journal">The journal's actor, which removes rows between its commits if it can.</param>
    /// <param name="cancellation">Ends it; the next start finishes it.</param>
    /// <returns>How many rows were removed.</returns>
    public async Task<long> RemoveAsync(LogBeginning beginning, IActorRef journal, CancellationToken cancellation)
    {
        Func<long, Task>? remove = SqliteFiles.Are(stores.Journal) ? upTo => journal.Ask<Status.Success>(new RemoveRowsUpTo(JournalSchema.Shard, upTo), Timeout, cancellation) : null;
        var removed = await rows.RemoveAsync(JournalSchema.Shard, beginning.Row, remove, cancellation).ConfigureAwait(false);
        DropStates(0, beginning.Row);
        return removed;
    }

    /// <summary>Deletes saved states of the shard from one row on, up to and without another.</summary>
    public void DropStates(long from, long before) => states.DeleteBetween(JournalSchema.Shard, from, before);
}
