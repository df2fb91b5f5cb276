using Akka.Actor;
using Akka.Persistence;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Shards;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard from its clock: see whether the beginning of the log can go.</summary>
internal sealed record RetentionIsDue
{
    public static RetentionIsDue Now { get; } = new();
}

/// <summary>To the shard from itself: look at some more agents.</summary>
internal sealed record LookForNeeds
{
    public static LookForNeeds On { get; } = new();
}

/// <summary>To the shard from itself: the state that the log may begin with is saved, or there is none, or it could not be.</summary>
internal sealed record BaseIsSaved(RetentionPlan? Plan, Exception? Failure);

/// <summary>To the shard from itself: the rows before the beginning are removed, or could not be.</summary>
internal sealed record RowsAreRemoved(LogBeginning Beginning, long Rows, Exception? Failure);

/// <content>
/// The beginning of the log goes, by policy: what agents need is found out between messages, all else happens off this thread. One step after the other; a
/// step that fails is tried again when retention is due the next time.
/// </content>
internal sealed partial class ShardActor
{
    /// <summary>Agents that are looked at between two messages.</summary>
    private const int NeedsAtATime = 10_000;

    private readonly CancellationTokenSource retentionEnds = new();
    private ITimer? retentionTimer;
    private bool isRetaining;

    private void WatchRetention()
    {
        context.Journal.BeginAt(shard.Beginning);
        context.Readers.TryBegin(shard.Beginning);
        if (context.Retention is not { Options: { IsOn: true } policy }) return;
        var self = Self;
        retentionTimer = context.Time.CreateTimer(_ => self.Tell(RetentionIsDue.Now), null, policy.Every, Timeout.InfiniteTimeSpan);
    }

    private void EndRetention()
    {
        retentionTimer?.Dispose();
        retentionEnds.Cancel();
    }

    private void BeginRetention()
    {
        retentionTimer?.Change(context.Retention!.Options.Every, Timeout.InfiniteTimeSpan);
        if (isRetaining || !isReady || draining is not null) return;
        isRetaining = true;
        FindNeeds();
    }

    private void FindNeeds()
    {
        var retention = context.Retention!;
        if (shard.FindNeeded(retention.Options.Snapshots, NeedsAtATime) is not { } needed)
        {
            Self.Tell(LookForNeeds.On);
            return;
        }
        var (now, store, ends) = (NowNs, Akka.Persistence.Persistence.Instance.Apply(Context.System).SnapshotStoreFor(null), retentionEnds.Token);
        Task.Run(() => retention.PrepareAsync(needed, now, context.Options, store, ends), ends)
            .PipeTo(Self, success: plan => new BaseIsSaved(plan, null), failure: e => new BaseIsSaved(null, e));
    }

    private void Take(BaseIsSaved saved)
    {
        isRetaining = false;
        if (saved.Failure is { } failure) NodeLog.LogNotRetained(logger, failure.Message);
        if (saved.Plan is not { Beginning: var beginning } || draining is not null) return;
        var before = context.Readers.Beginning;
        if (!context.Readers.TryBegin(beginning)) return;
        isRetaining = shard.Retain(beginning, context.Retention!.Options.Snapshots, NowNs);
        if (!isRetaining) context.Readers.Return(before);
    }

    private void CarryOut(RemoveRows remove)
    {
        context.Journal.BeginAt(remove.Beginning);
        if (context.Retention is not { } retention) return;
        isRetaining = true;
        var (journal, ends) = (Akka.Persistence.Persistence.Instance.Apply(Context.System).JournalFor(null), retentionEnds.Token);
        Task.Run(() => retention.RemoveAsync(remove.Beginning, journal, ends), ends)
            .PipeTo(Self, success: rows => new RowsAreRemoved(remove.Beginning, rows, null), failure: e => new RowsAreRemoved(remove.Beginning, 0, e));
    }

    /// <summary>What could not be removed goes with the next record, or at the next start.</summary>
    private void Take(RowsAreRemoved removed)
    {
        isRetaining = false;
        if (removed.Failure is { } failure) NodeLog.RowsNotRemoved(logger, removed.Beginning.Row, failure.Message);
        else if (removed.Rows > 0) NodeLog.RowsRemoved(logger, removed.Rows, removed.Beginning.Offset);
    }

    /// <summary>Deletes older states of the shard; never the one that the log begins with.</summary>
    private void DropOlderStates(long before)
    {
        if (context.Retention is not { } retention)
        {
            DeleteSnapshots(new SnapshotSelectionCriteria(before - 1, DateTime.MaxValue));
            return;
        }
        if (isRetaining) return;
        var from = shard.Beginning.Row == 0 ? 0 : shard.Beginning.Row + 1;
        Task.Run(() =>
        {
            retention.DropStates(from, before);
            states?.Forget(before);
        }).ContinueWith(
            t => NodeLog.StatesNotDropped(logger, t.Exception!.InnerException!.Message), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
