using AkkaWasm.Actors.Supervision;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace AkkaWasm.Actors.Persistence;

/// <summary>The databases of a node: where the log is and where the snapshots are.</summary>
/// <param name="Journal">The log.</param>
/// <param name="Snapshots">The snapshots.</param>
internal sealed record Stores(StoreOptions Journal, StoreOptions Snapshots)
{
    /// <summary>The databases that a node with these options has.</summary>
    public static Stores Of(MeshNodeOptions options, DataFolder folder) =>
        new(options.Journal ?? SqliteFiles.StoreIn(folder.JournalFile), options.Snapshots ?? SqliteFiles.StoreIn(folder.SnapshotsFile));

    /// <summary>
    /// Makes or opens both. A server that is out of reach is waited for, with back-off and a line in the log for each attempt, as long as a shard
    /// may be down.
    /// </summary>
    /// <exception cref="MeshNodeException">One of them cannot be used.</exception>
    public async Task PrepareAsync(MeshNodeOptions options, CancellationToken cancellation)
    {
        SqliteFiles.Prepare(Journal, "journal", SqliteTables.Journal);
        SqliteFiles.Prepare(Snapshots, "snapshot store", SqliteTables.Snapshots);
        if (PostgresDatabase.Is(Journal)) await WaitForAsync(Journal, "journal", PostgresTables.PrepareJournalAsync, options, cancellation).ConfigureAwait(false);
        if (PostgresDatabase.Is(Snapshots)) await WaitForAsync(Snapshots, "snapshot store", PostgresTables.PrepareSnapshotsAsync, options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Keeps other nodes out of the log, where the data folder does not do that already.</summary>
    /// <returns>What gives it free again, or null.</returns>
    /// <exception cref="MeshNodeException">Another node has it, or the database cannot be used.</exception>
    public async Task<IDisposable?> LockAsync(MeshNodeOptions options, CancellationToken cancellation)
    {
        IDisposable? held = null;
        if (PostgresDatabase.Is(Journal))
            await WaitForAsync(Journal, "journal", async (store, token) => held = await PostgresLogLock.TakeAsync(store, token).ConfigureAwait(false), options, cancellation).ConfigureAwait(false);
        return held;
    }

    private static async Task WaitForAsync(StoreOptions store, string what, Func<StoreOptions, CancellationToken, Task> prepare, MeshNodeOptions options, CancellationToken cancellation)
    {
        var logger = options.Logs.CreateLogger("AkkaWasm.Node");
        var (name, begin) = (PostgresDatabase.NameOf(store), options.Time.GetTimestamp());
        for (var failures = 1; ; failures++)
        {
            try
            {
                await prepare(store, cancellation).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (IsWorthWaiting(e) && options.Time.GetElapsedTime(begin) < options.MaxShardDowntime)
            {
                var wait = Backoff.After(failures, options.MinBackoff, options.MaxBackoff);
                Log.StoreOutOfReach(logger, what, name, wait, PostgresDatabase.ReasonOf(e));
                await Task.Delay(wait, options.Time, cancellation).ConfigureAwait(false);
            }
            catch (NpgsqlException e)
            {
                throw new MeshNodeException(NodeFailure.Storage, $"The {what} in the database {name} cannot be used: {PostgresDatabase.ReasonOf(e)}; see to the server and to the connection string.", e);
            }
        }
    }

    private static bool IsWorthWaiting(Exception error) => error is not OperationCanceledException && PostgresDatabase.IsTransient(error);
}
