namespace AkkaWasm.Mesh.Shards;

/// <summary>The living agents below one that started others.</summary>
/// <param name="Agents">How many.</param>
/// <param name="Bytes">What their definitions allow them to use together, bytes.</param>
internal readonly record struct Offspring(long Agents, long Bytes);

/// <content>Who started whom. It follows from the agents, and is counted again when they are read back or get other definitions.</content>
internal sealed partial class ShardState
{
    private readonly Dictionary<int, List<AgentEntry>> children = [];
    private readonly Dictionary<int, Offspring> offspring = [];

    /// <summary>Agents that ever started one, by number.</summary>
    public IEnumerable<int> Parents => children.Keys;

    /// <summary>Agents that another one started, those included that are stopped.</summary>
    public IEnumerable<AgentEntry> Children => children.Values.SelectMany(all => all);

    /// <summary>The agents that one started, those included that are stopped, in the order in which they came to be.</summary>
    public IReadOnlyList<AgentEntry> ChildrenOf(AgentEntry entry) => children.TryGetValue(entry.Number, out var all) ? all : [];

    public Offspring OffspringOf(AgentEntry entry) => offspring.GetValueOrDefault(entry.Number);

    /// <summary>What a living agent counts for, bytes.</summary>
    public static long ReservedBytes(Topology.AgentDefinition definition) => definition.Limits.MemoryBytes + definition.Limits.GcHeapBytes;

    private void NoteChild(AgentEntry entry)
    {
        if (entry.Parent < 0) return;
        if (!children.TryGetValue(entry.Parent, out var all)) children[entry.Parent] = all = [];
        all.Add(entry);
    }

    private void CountOffspring(AgentEntry entry, int sign)
    {
        var bytes = ReservedBytes(entry.Definition);
        for (var above = entry.Parent; above >= 0; above = Agents[above].Parent)
        {
            var counted = offspring.GetValueOrDefault(above);
            offspring[above] = new Offspring(counted.Agents + sign, counted.Bytes + (sign * bytes));
        }
    }

    private void CountOffspring()
    {
        if (children.Count == 0) return;
        offspring.Clear();
        foreach (var child in Children)
            if (!child.Stopped) CountOffspring(child, 1);
    }
}
