using Akka.Actor;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <content>The parts of images are swept now and then, off this thread.</content>
internal sealed partial class ShardActor
{
    private bool isSweeping;

    private void SweepIfDue()
    {
        if (isSweeping || draining is not null || !images.IsSweepDue) return;
        isSweeping = true;
        images.SweepAsync().PipeTo(Self, success: deleted => new PartsAreSwept(deleted, null), failure: e => new PartsAreSwept(0, e));
    }

    private void Take(PartsAreSwept swept)
    {
        isSweeping = false;
        if (swept.Failure is { } failure) NodeLog.PartsNotSwept(logger, failure.Message);
        else NodeLog.PartsSwept(logger, swept.Deleted);
    }
}
