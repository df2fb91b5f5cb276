using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>Agents that others started stand in the group of whoever started them, and move with it.</content>
public sealed partial class Shard
{
    /// <summary>Agents that others started and that a change of the topology gives another place in the tree of supervisors.</summary>
    private HashSet<AgentEntry> RegroupedKin(MeshTopology before, TopologyDelta delta)
    {
        var moved = new HashSet<AgentEntry>();
        if (recovering || !state.Parents.Any()) return moved;
        var defined = delta.On(state.Topology!).Agents.ToDictionary(d => d.Name, d => d.Group, StringComparer.Ordinal);
        foreach (var (from, to) in delta.Renamed) defined[from] = defined[to];
        var old = before.Groups.ToDictionary(g => g.Name, g => g.Parent, StringComparer.Ordinal);
        var now = delta.Groups is { } groups ? groups.ToDictionary(g => g.Name, g => g.Parent, StringComparer.Ordinal) : old;
        foreach (var entry in state.Children)
            if (!entry.Stopped && defined.ContainsKey(entry.DefinitionName) && PathOf(entry.Definition.Group, old) != PathOf(GroupAfter(entry), now)) moved.Add(entry);
        return moved;

        string GroupAfter(AgentEntry entry) => entry.Parent >= 0 && state.Agents[entry.Parent] is var parent && defined.ContainsKey(parent.DefinitionName)
            ? GroupAfter(parent)
            : defined[entry.DefinitionName];
    }
}
