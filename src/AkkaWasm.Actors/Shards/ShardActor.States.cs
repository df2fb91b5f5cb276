using Akka.Actor;
using Akka.Persistence;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard from itself: after whatever else came meanwhile, it goes on with the state that it is capturing.</summary>
internal sealed record CaptureGoesOn
{
    public static CaptureGoesOn Now { get; } = new();
}

/// <content>The state of the shard is saved now and then, so that recovery need not read the whole log.</content>
internal sealed partial class ShardActor
{
    private (CapturedState State, long Row)? capturing;

    /// <summary>A state of many agents is captured a few of them at a time, with other messages in between; it is that of the block which was just committed.</summary>
    private void SaveWhenComplete(CapturedState state)
    {
        if (capturing is { State.IsComplete: true } earlier) SaveState(earlier.State, earlier.Row);
        // the snapshot store's own way saves it under the row that is the last at that time
        while (states is null && !state.IsComplete) shard.ContinueCapture();
        capturing = (state, LastSequenceNr);
        SaveIfComplete();
    }

    private void ContinueCapture()
    {
        if (capturing is null) return;
        shard.ContinueCapture();
        SaveIfComplete();
    }

    private void SaveIfComplete()
    {
        if (capturing is not { State.IsComplete: true } complete)
        {
            Self.Tell(CaptureGoesOn.Now);
            return;
        }
        capturing = null;
        SaveState(complete.State, complete.Row);
    }

    /// <summary>What is being captured is not needed any more: this is newer.</summary>
    private void SaveLastState()
    {
        capturing = null;
        SaveState(shard.CaptureState(), LastSequenceNr);
    }

    private void SaveState(CapturedState state, long row)
    {
        if (states is null)
        {
            SaveSnapshot(ShardSnapshot.Deferred(state));
            return;
        }
        var metadata = new SnapshotMetadata(PersistenceId, row, context.Time.GetUtcNow().UtcDateTime);
        states.SaveAsync(PersistenceId, row, state).PipeTo(Self, success: () => new SaveSnapshotSuccess(metadata), failure: e => new SaveSnapshotFailure(metadata, e));
    }

    /// <summary>Keeps the newest two states, so that one that turns out damaged has a predecessor.</summary>
    private void OnStateSaved(long sequenceNr)
    {
        if (restoredFrom > 0) DropOlderStates(restoredFrom);
        restoredFrom = sequenceNr;
    }
}
