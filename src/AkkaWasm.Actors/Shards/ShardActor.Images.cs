using Akka.Actor;
using AkkaWasm.Mesh.Shards;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <content>Images that are not kept any more are deleted, and the parts that none names are swept now and then, off this thread.</content>
internal sealed partial class ShardActor
{
    private readonly List<DropImage> drops = [];
    private bool isDropping;
    private bool isSweeping;

    private void CarryOut(DropImage drop)
    {
        drops.Add(drop);
        DropImages();
    }

    /// <summary>All that came together go together.</summary>
    private void DropImages()
    {
        if (isDropping || drops.Count == 0) return;
        isDropping = true;
        DropImage[] some = [.. drops];
        drops.Clear();
        images.DropAsync(some).PipeTo(Self, success: () => new ImagesAreDropped(null), failure: e => new ImagesAreDropped(e));
    }

    private void Take(ImagesAreDropped dropped)
    {
        isDropping = false;
        if (dropped.Failure is { } failure) NodeLog.ImagesNotDropped(logger, failure.Message);
        DropImages();
    }

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
