using Akka.Actor;
using Akka.Persistence;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Images of agents in the snapshot store, through its own messages: persistence id = one life of an agent, sequence number = offset of the last event
/// handled. Large ones lie there as manifests, and their parts in the part store. Which are kept is decided by the shard.
/// </summary>
internal sealed class ImageStore(IActorRef snapshotStore, PartStore? parts, SqlSnapshotTable? saved, ShardOptions options, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private int savedInParts;

    /// <summary>Encodes and saves an image on a thread of the pool: its parts first, then what names them.</summary>
    /// <exception cref="IOException">The store refused.</exception>
    public Task SaveAsync(AgentImage image) => Task.Run(async () =>
    {
        using var hold = parts is not null && image.State.PartBytes > options.MaxWholeImageBytes ? parts.Write(image.Agent, image.State) : null;
        var metadata = new SnapshotMetadata(IdOf(image.Agent, image.Incarnation), image.Input, time.GetUtcNow().UtcDateTime);
        var bytes = hold is null ? image.ToBytes() : image.ToManifest();
        var answer = await snapshotStore.Ask<ISnapshotResponse>(new SaveSnapshot(metadata, new ImageSnapshot(bytes)), Timeout).ConfigureAwait(false);
        if (answer is SaveSnapshotFailure { Cause: var cause }) throw new IOException($"The snapshot store refused the image: {cause.Message}", cause);
        if (hold is null) return;
        hold.IsSaved = true;
        Interlocked.Increment(ref savedInParts);
    });

    /// <summary>Whether so many images were saved in parts that those of dropped ones are worth a sweep.</summary>
    public bool IsSweepDue => Volatile.Read(ref savedInParts) >= options.SweepEveryImages;

    /// <summary>Deletes the parts that no saved image names, on a thread of the pool.</summary>
    /// <returns>How many were deleted.</returns>
    public Task<long> SweepAsync()
    {
        Volatile.Write(ref savedInParts, 0);
        return Task.Run(() => parts is null || saved is null ? 0 : parts.Sweep(saved.PartNames));
    }

    /// <summary>The newest image of one life of an agent at or before an offset.</summary>
    /// <returns>The image, or null if there is none.</returns>
    /// <exception cref="ImageCorruptException">The image is damaged or cannot be read.</exception>
    public async Task<AgentImage?> LoadAsync(string agent, int incarnation, long upTo)
    {
        if (await LoadAsync(agent, IdOf(agent, incarnation), upTo).ConfigureAwait(false) is { } image) return image;
        // earlier versions kept all lives under one id
        return incarnation > 1 && await LoadAsync(agent, IdOf(agent, 1), upTo).ConfigureAwait(false) is { } older && older.Incarnation == incarnation ? older : null;
    }

    /// <summary>Deletes images that are not kept any more, each by itself: the plug-in's own way takes all before it, too.</summary>
    public Task DropAsync(IReadOnlyList<DropImage> images)
    {
        if (saved is not null) return Task.Run(() => saved.Delete(images.Select(i => (IdOf(i.Agent, i.Incarnation), i.Input))));
        foreach (var image in images)
        {
            var metadata = new SnapshotMetadata(IdOf(image.Agent, image.Incarnation), image.Input, DateTime.MinValue);
            snapshotStore.Tell(new DeleteSnapshot(metadata), ActorRefs.NoSender);
        }
        return Task.CompletedTask;
    }

    /// <summary>The persistence id of one life of an agent.</summary>
    public static string IdOf(string agent, int incarnation) => incarnation <= 1 ? "agent-" + agent : FormattableString.Invariant($"agent.{incarnation}-{agent}");

    private async Task<AgentImage?> LoadAsync(string agent, string id, long upTo)
    {
        var answer = await snapshotStore.Ask<ISnapshotResponse>(new LoadSnapshot(id, new SnapshotSelectionCriteria(upTo, DateTime.MaxValue), upTo), Timeout).ConfigureAwait(false);
        return answer switch
        {
            LoadSnapshotResult { Snapshot: null } => null,
            LoadSnapshotResult { Snapshot.Snapshot: ImageSnapshot saved } => await Task.Run(() => Read(saved.Image)).ConfigureAwait(false),
            LoadSnapshotFailed { Cause: var cause } => throw new ImageCorruptException($"The snapshot store cannot read the image of '{agent}': {cause.Message}", cause),
            _ => throw new ImageCorruptException($"The snapshot store gave something that is no image of '{agent}'."),
        };
    }

    private AgentImage Read(ReadOnlyMemory<byte> bytes) => AgentImage.FromBytes(bytes, AgentImage.PartsOf(bytes.Span) is { Length: > 0 } names ? parts?.Read(names) : null);
}
