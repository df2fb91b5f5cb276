using Akka.Actor;
using AkkaWasm.Mesh.Shards;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <content>
/// Images are saved by the group: the events of others wait for the same disk, so what is not urgent shares its syncs. Those that are not kept any more are
/// deleted with the next group, and the parts that none names are swept now and then, off this thread.
/// </content>
internal sealed partial class ShardActor
{
    private readonly Dictionary<string, SaveImage> imagesWaiting = new(StringComparer.Ordinal);
    private readonly Queue<string> imageQueue = [];
    private readonly List<DropImage> drops = [];
    private ITimer? imageTimer;
    private long? lastImageGroup;
    private int imagesInFlight;
    private bool isInImageGroup;
    private bool isDropping;
    private bool isSweeping;

    private void CarryOut(SaveImage save)
    {
        if (!imagesWaiting.TryAdd(save.Image.Agent, save)) imagesWaiting[save.Image.Agent] = save;
        else imageQueue.Enqueue(save.Image.Agent);
        if (imageQueue.Count >= context.Options.MaxImagesInFlight) BeginImageGroup();
        else AwaitImageGroup();
        ShowUnsavedImages();
    }

    private void CarryOut(DropImage drop)
    {
        drops.Add(drop);
        AwaitImageGroup();
    }

    /// <summary>The first group after a pause goes at once. By the machine's clock, whatever time the mesh has: it is the disk that is spared.</summary>
    private void AwaitImageGroup()
    {
        var wait = lastImageGroup is { } last && draining is null ? context.Options.SaveImagesEvery - TimeProvider.System.GetElapsedTime(last) : TimeSpan.Zero;
        if (wait <= TimeSpan.Zero || isInImageGroup) BeginImageGroup();
        else if (imageTimer is null)
        {
            var self = Self;
            imageTimer = TimeProvider.System.CreateTimer(_ => self.Tell(ImagesAreDue.Now), null, wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void BeginImageGroup()
    {
        EndImageTimer();
        (isInImageGroup, lastImageGroup) = (true, TimeProvider.System.GetTimestamp());
        DropImages();
        SaveImages();
    }

    private void EndImageTimer()
    {
        imageTimer?.Dispose();
        imageTimer = null;
    }

    /// <summary>A few at a time: when many agents go to sleep together, the last would otherwise give up before its turn has come.</summary>
    private void SaveImages()
    {
        while (isInImageGroup && imagesInFlight < context.Options.MaxImagesInFlight && imageQueue.TryDequeue(out var agent))
        {
            imagesWaiting.Remove(agent, out var save);
            Save(save!);
        }
        if (imageQueue.Count == 0) isInImageGroup = false;
        ShowUnsavedImages();
    }

    private void Save(SaveImage save)
    {
        imagesInFlight++;
        images.SaveAsync(save.Image).PipeTo(Self,
            success: () => new ImageIsStored(save.Agent, save.Image, null),
            failure: e => new ImageIsStored(save.Agent, save.Image, e));
    }

    private void Take(ImageIsStored stored)
    {
        imagesInFlight--;
        SaveImages();
        SweepIfDue();
        if (stored.Failure is { } failure) NodeLog.ImageNotSaved(logger, stored.Image.Agent, failure.Message);
        else shard.ImageSaved(stored.Agent, stored.Image, NowNs);
    }

    private void ShowUnsavedImages() => context.Board.ShowUnsavedImages(imagesWaiting.Count + imagesInFlight);

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
        if (drops.Count > 0) AwaitImageGroup();
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
