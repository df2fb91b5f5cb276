using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>What agents change of the topology.</content>
internal sealed partial class ShardState
{
    /// <summary>Changes that were asked for and are not answered, by the offset of their record.</summary>
    public SortedDictionary<long, ChangeAskedRecord> AskedChanges { get; } = [];

    /// <summary>Names of the agents that definitions came to be by, by the names of those.</summary>
    public Dictionary<string, string> DefinedBy { get; } = new(StringComparer.Ordinal);

    /// <summary>The definitions that came to be by an agent, or by one whose definition did, in a topology.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="topology">The topology.</param>
    /// <param name="isNew">Names of definitions that are the agent's, or of one below it, though that is not recorded yet.</param>
    /// <param name="renamed">Names in the topology of definitions that have other ones until then, each with that.</param>
    public IEnumerable<AgentDefinition> DefinedBelow(
        AgentEntry agent, MeshTopology topology, IReadOnlySet<string> isNew, IReadOnlyDictionary<string, string> renamed) => topology.Agents.Where(definition =>
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var name = renamed.GetValueOrDefault(definition.Name, definition.Name); seen.Add(name);)
        {
            if (isNew.Contains(name)) return true; // that which is new is the agent's, or of one below it
            if (!DefinedBy.TryGetValue(name, out var maker)) return false;
            if (maker == agent.Name) return true;
            if (Find(maker) is not { } entry) return false;
            name = entry.DefinitionName;
        }
        return false;
    });

    private void NoteDefinedBy(TopologyChangeRecord change, MeshTopology before)
    {
        foreach (var name in change.Delta.Removed) DefinedBy.Remove(name);
        if (TopologyAuthor.AgentOf(change.Author) is not { } agent) return;
        foreach (var rename in change.Delta.Renamed) agent = AgentRenames.NameOf(agent, rename);
        HashSet<string> known = [.. before.Agents.Select(a => a.Name)];
        foreach (var definition in change.Delta.Put)
            if (!known.Contains(definition.Name)) DefinedBy[definition.Name] = agent;
    }
}
