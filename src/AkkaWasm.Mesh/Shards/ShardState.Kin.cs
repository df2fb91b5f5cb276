using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>Where agents stand that others started: in the group of whoever started them, behind those that were there before.</content>
internal sealed partial class ShardState
{
    private readonly Dictionary<AgentDefinition, Dictionary<string, AgentDefinition>> inGroups = new(ReferenceEqualityComparer.Instance);

    /// <summary>The group of an agent: that of its parent as long as the topology defines that one, otherwise what its own definition says. Parents are bound before their children.</summary>
    private string GroupOf(AgentEntry entry, AgentDefinition definition) =>
        entry.Parent >= 0 && Agents[entry.Parent] is var parent && definitions.ContainsKey(parent.DefinitionName) ? parent.Definition.Group : definition.Group;

    /// <summary>The place in the order of definition of whoever is the first that started an agent, or those above it.</summary>
    public int PlaceOf(AgentEntry entry)
    {
        while (entry.Parent >= 0 && definitions.ContainsKey(Agents[entry.Parent].DefinitionName)) entry = Agents[entry.Parent];
        return entry.DefinitionIndex;
    }

    /// <summary>A definition as those agents have it that stand in another group; the same for all of them.</summary>
    private AgentDefinition InGroup(AgentDefinition definition, string group)
    {
        if (!inGroups.TryGetValue(definition, out var known)) inGroups[definition] = known = new Dictionary<string, AgentDefinition>(StringComparer.Ordinal);
        if (!known.TryGetValue(group, out var other)) known[group] = other = definition with { Group = group };
        return other;
    }
}
