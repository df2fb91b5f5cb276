using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>The images of agents that a data folder keeps.</summary>
internal static class SavedImages
{
    /// <summary>The newest image of a life of an agent that ends at or before an event, or null where there is none that can be read.</summary>
    /// <param name="stores">Where the snapshots are.</param>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="incarnation">The life.</param>
    /// <param name="upTo">Offset of the last event that it may contain.</param>
    /// <exception cref="Mesh.Shards.LogCorruptException">The database is damaged.</exception>
    public static AgentImage? Latest(LogStores stores, string agent, int incarnation, long upTo)
    {
        using var snapshots = SnapshotFile.TryOpen(stores);
        // earlier versions kept all lives under the id of the first
        foreach (var id in new[] { ImageStore.IdOf(agent, incarnation), ImageStore.IdOf(agent, 1) }.Distinct())
        {
            for (var at = upTo; snapshots?.LatestOf(id, at) is { } stored; at = stored.SequenceNr - 1)
                if (stored.Manifest == JournalSchema.ImageManifest && TryRead(stored, snapshots) is { } image && image.Agent == agent && image.Incarnation == incarnation) return image;
        }
        return null;
    }

    /// <summary>The images of a life of an agent that can be read, from one that ends at or after an event on, the oldest first.</summary>
    /// <exception cref="Mesh.Shards.LogCorruptException">The database is damaged.</exception>
    public static IEnumerable<AgentImage> From(LogStores stores, string agent, int incarnation, long from)
    {
        using var snapshots = SnapshotFile.TryOpen(stores);
        foreach (var id in new[] { ImageStore.IdOf(agent, incarnation), ImageStore.IdOf(agent, 1) }.Distinct())
        {
            for (var at = from; snapshots?.OldestOf(id, at) is { } stored; at = stored.SequenceNr + 1)
                if (stored.Manifest == JournalSchema.ImageManifest && TryRead(stored, snapshots) is { } image && image.Agent == agent && image.Incarnation == incarnation) yield return image;
        }
    }

    private static AgentImage? TryRead(StoredSnapshot stored, SnapshotFile snapshots)
    {
        try
        {
            var parts = new Dictionary<UInt128, ReadOnlyMemory<byte>>();
            foreach (var name in AgentImage.PartsOf(stored.Bytes)) parts[name] = snapshots.Part(name) ?? throw new ImageCorruptException($"The part {name:x32} is missing or damaged.");
            return AgentImage.FromBytes(stored.Bytes, name => parts[name]);
        }
        catch (ImageCorruptException)
        {
            return null;
        }
    }
}
