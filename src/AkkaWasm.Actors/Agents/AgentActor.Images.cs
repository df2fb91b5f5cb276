using Akka.Actor;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Agents;

/// <summary>Takes images of the guest: where its definition says so, and before it goes.</summary>
internal sealed partial class AgentActor
{
    private SnapshotPolicy snapshots = null!;
    private long lastImage;
    private ITimer? snapshotTimer;

    /// <summary>Begins to count: the images of the life before do not matter any more.</summary>
    private void WatchSnapshots(long repeated)
    {
        (snapshots, lastImage) = (new SnapshotPolicy(start!.Plan.Agent.Definition, context.MaxHeldTurns), context.Time.GetTimestamp());
        snapshots.CountRepeated(repeated);
        LookAgain(TimeSpan.Zero);
    }

    private void SaveIfDue()
    {
        if (runner is null) return;
        var since = context.Time.GetElapsedTime(lastImage);
        if (snapshots.IsDue(since) && TakeImage()) since = context.Time.GetElapsedTime(lastImage);
        LookAgain(since);
    }

    /// <summary>One that is busy is looked at between two batches of events: the timer's message stands among them.</summary>
    private void LookAgain(TimeSpan since)
    {
        if (snapshots.UntilNextLook(since) is not { } wait) return;
        if (snapshotTimer is null)
        {
            var (self, check) = (Self, new SnapshotCheck(Token));
            snapshotTimer = context.Time.CreateTimer(_ => self.Tell(check), null, Bounded(wait), Timeout.InfiniteTimeSpan);
        }
        else snapshotTimer.Change(Bounded(wait), Timeout.InfiniteTimeSpan);
    }

    /// <returns>Whether the state is saved or on its way; false for a guest that cannot be saved.</returns>
    private bool TakeImage()
    {
        if (!snapshots.HasNews) return true;
        if (runner!.Capture() is not { } image) return false;
        Flush();
        snapshots.Saved();
        lastImage = context.Time.GetTimestamp();
        context.Shard.Tell(new ImageIsTaken(Number, Token, image));
        return true;
    }

    /// <summary>A good image takes the place of the damaged one at once, or the next life would have to do without again.</summary>
    private void ReplaceImage()
    {
        if (!snapshots.HasNews) snapshots.CountRepeated(1);
        TakeImage();
    }

    private sealed record SnapshotCheck(int Token);
}
