using System.Data.Common;
using Akka.Actor;
using Akka.Persistence;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Images of agents in the snapshot store: persistence id = one life of an agent, sequence number = offset of the last event handled. Where its table is
/// known, they are written and read there without the plug-in, in groups and without changes of thread; otherwise through its own messages. Large ones lie there as manifests,
/// and their parts in the part store. Which are kept is decided by the shard.
/// </summary>
/// <param name="snapshotStore">The plug-in.</param>
/// <param name="parts">Where parts are kept; null where images are written whole.</param>
/// <param name="saved">The table of the saved images; null where it is not known.</param>
/// <param name="isOwn">Whether the plug-in keeps its snapshots in that table, too.</param>
/// <param name="options">The shard's limits.</param>
/// <param name="time">The clock.</param>
internal sealed class ImageStore(IActorRef snapshotStore, PartStore? parts, SqlSnapshotTable? saved, bool isOwn, ShardOptions options, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly SqlSnapshotTable? table = isOwn ? saved : null;
    private readonly ImageWriter? writer = isOwn && saved is not null ? new ImageWriter(saved) : null;
    private int savedInParts;

    /// <summary>Encodes and saves an image on a thread of the pool: its parts first, then what names them.</summary>
    /// <exception cref="IOException">The store refused.</exception>
    public Task SaveAsync(AgentImage image) => Task.Run(async () =>
    {
        using var hold = parts is not null && image.State.PartBytes > options.MaxWholeImageBytes ? parts.Write(image.Agent, image.State) : null;
        await SaveAsync(image, hold is null ? image.ToBytes() : image.ToManifest()).ConfigureAwait(false);
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

    /// <summary>
    /// The newest image of one life of an agent at or before an offset. Where the database is a file, the thread that asks reads it: not to be asked on the
    /// shard's.
    /// </summary>
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

    private async Task SaveAsync(AgentImage image, ReadOnlyMemory<byte> bytes)
    {
        var id = IdOf(image.Agent, image.Incarnation);
        if (writer is not null)
        {
            await writer.SaveAsync(id, image.Input, MeshSerializer.ArrayOf(bytes)).ConfigureAwait(false);
            return;
        }
        var metadata = new SnapshotMetadata(id, image.Input, time.GetUtcNow().UtcDateTime);
        var answer = await snapshotStore.Ask<ISnapshotResponse>(new SaveSnapshot(metadata, new ImageSnapshot(bytes)), Timeout).ConfigureAwait(false);
        if (answer is SaveSnapshotFailure { Cause: var cause }) throw new IOException($"The snapshot store refused the image: {cause.Message}", cause);
    }

    private AgentImage? Load(string agent, string id, long upTo)
    {
        SnapshotRow? found;
        try
        {
            found = table!.Find(id, upTo);
        }
        catch (DbException e)
        {
            throw new ImageCorruptException($"The snapshot store cannot read the image of '{agent}': {e.Message}", e);
        }
        if (found is { Manifest: not JournalSchema.ImageManifest }) throw new ImageCorruptException($"The snapshot store gave something that is no image of '{agent}'.");
        return found is null ? null : Read(found.Content);
    }

    private async Task<AgentImage?> LoadAsync(string agent, string id, long upTo)
    {
        if (table is not null) return table.IsNear ? Load(agent, id, upTo) : await Task.Run(() => Load(agent, id, upTo)).ConfigureAwait(false);
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
