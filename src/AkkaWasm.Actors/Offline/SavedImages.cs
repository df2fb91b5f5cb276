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
        while (snapshots?.LatestOf($"agent-{agent}", upTo) is { } stored)
        {
            if (stored.Manifest == JournalSchema.ImageManifest && TryRead(stored) is { } image && image.Agent == agent && image.Incarnation == incarnation) return image;
            upTo = stored.SequenceNr - 1;
        }
        return null;
    }

    private static AgentImage? TryRead(StoredSnapshot stored)
    {
        try
        {
            return AgentImage.FromBytes(stored.Bytes);
        }
        catch (ImageCorruptException)
        {
            return null;
        }
    }
}
