using Akka.Actor;
using Akka.Persistence;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Images of agents in the snapshot store, through its own messages: persistence id = agent, sequence number = offset of the last event handled.
/// The newest two are kept.
/// </summary>
internal sealed class ImageStore(IActorRef snapshotStore, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Saves an image and forgets those before the one that was the newest until now.</summary>
    /// <exception cref="IOException">The store refused.</exception>
    public async Task SaveAsync(AgentImage image, long previousInput)
    {
        var metadata = new SnapshotMetadata(IdOf(image.Agent), image.Input, time.GetUtcNow().UtcDateTime);
        var answer = await snapshotStore.Ask<ISnapshotResponse>(new SaveSnapshot(metadata, new ImageSnapshot(image.ToBytes())), Timeout).ConfigureAwait(false);
        if (answer is SaveSnapshotFailure { Cause: var cause }) throw new IOException($"The snapshot store refused the image: {cause.Message}", cause);
        if (previousInput > 0)
            snapshotStore.Tell(new DeleteSnapshots(IdOf(image.Agent), new SnapshotSelectionCriteria(previousInput - 1, DateTime.MaxValue)), ActorRefs.NoSender);
    }

    /// <summary>The newest image at or before an offset.</summary>
    /// <returns>The image, or null if there is none.</returns>
    /// <exception cref="ImageCorruptException">The image is damaged or cannot be read.</exception>
    public async Task<AgentImage?> LoadAsync(string agent, long upTo)
    {
        var answer = await snapshotStore.Ask<ISnapshotResponse>(new LoadSnapshot(IdOf(agent), new SnapshotSelectionCriteria(upTo, DateTime.MaxValue), upTo), Timeout).ConfigureAwait(false);
        return answer switch
        {
            LoadSnapshotResult { Snapshot: null } => null,
            LoadSnapshotResult { Snapshot.Snapshot: ImageSnapshot saved } => AgentImage.FromBytes(saved.Image),
            LoadSnapshotFailed { Cause: var cause } => throw new ImageCorruptException($"The snapshot store cannot read the image of '{agent}': {cause.Message}", cause),
            _ => throw new ImageCorruptException($"The snapshot store gave something that is no image of '{agent}'."),
        };
    }

    private static string IdOf(string agent) => "agent-" + agent;
}
