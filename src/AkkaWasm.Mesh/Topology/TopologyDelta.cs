using System.Collections.Immutable;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// What makes one topology of another. Its size is that of the change, not that of the mesh. Definitions that stay keep their instances, so that it is
/// cheap to see which they are.
/// </summary>
public sealed record TopologyDelta
{
    /// <summary>How failures out of the outermost groups are handled from here on; null where that stays.</summary>
    public SupervisionPolicy? Root { get; init; }

    /// <summary>All groups from here on, in their order; null where they stay.</summary>
    public ImmutableArray<GroupDefinition>? Groups { get; init; }

    /// <summary>All rules from here on, in their order; null where they stay.</summary>
    public ImmutableArray<RuleDefinition>? Rules { get; init; }

    /// <summary>Definitions that get another name, in the order of the topology after; <see cref="Put"/> says the rest of what they become.</summary>
    public ImmutableArray<AgentRename> Renamed { get; init; } = [];

    /// <summary>Names of the agents that are defined no more, in the order of the topology before; those that are renamed are not among them.</summary>
    public ImmutableArray<string> Removed { get; init; } = [];

    /// <summary>Definitions that are new or changed, in the order of the topology after.</summary>
    public ImmutableArray<AgentDefinition> Put { get; init; } = [];

    /// <summary>
    /// The order of definition from here on: for each place the place that the agent has when those that stay keep their order and new ones come last.
    /// Empty where that is the order.
    /// </summary>
    public ImmutableArray<int> Order { get; init; } = [];

    /// <summary>Whether it changes nothing.</summary>
    public bool IsEmpty => Root is null && Groups is null && Rules is null && Removed.IsEmpty && Put.IsEmpty && Order.IsEmpty && Renamed.IsEmpty;

    /// <summary>The name that a definition of the topology after has in the one before, if it is there.</summary>
    internal string NameBefore(string name)
    {
        foreach (var (from, to) in Renamed)
            if (to == name) return from;
        return name;
    }

    /// <summary>What makes a topology of another of the same mesh.</summary>
    /// <exception cref="ArgumentException">A topology names an agent twice.</exception>
    public static TopologyDelta Between(MeshTopology before, MeshTopology after)
    {
        var renamed = AgentRenames.Of(before, after);
        before = AgentRenames.On(before, renamed);
        var was = before.Agents.ToDictionary(a => a.Name, StringComparer.Ordinal);
        var names = after.Agents.Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
        var delta = new TopologyDelta
        {
            Root = TopologyCodec.AreSame(before.Root, after.Root) ? null : after.Root,
            Groups = TopologyCodec.AreSame(before.Groups, after.Groups) ? null : after.Groups,
            Rules = TopologyCodec.AreSame(before.Rules, after.Rules) ? null : after.Rules,
            Removed = [.. before.Agents.Select(a => a.Name).Where(name => !names.Contains(name))],
            Renamed = renamed,
            Put = [.. after.Agents.Where(a => !was.TryGetValue(a.Name, out var known) || !TopologyCodec.AreSame(known, a))],
        };
        var natural = delta.Natural(before);
        if (natural.Select(a => a.Name).SequenceEqual(after.Agents.Select(a => a.Name), StringComparer.Ordinal)) return delta;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < natural.Count; i++) places[natural[i].Name] = i;
        return delta with { Order = [.. after.Agents.Select(a => places[a.Name])] };
    }

    /// <summary>The topology after.</summary>
    /// <exception cref="LogCorruptException">It is not a change of that topology.</exception>
    public MeshTopology On(MeshTopology before)
    {
        before = AgentRenames.On(before, Renamed);
        var natural = Natural(before);
        if (!Order.IsEmpty && (Order.Length != natural.Count || Order.Any(place => place < 0 || place >= natural.Count)))
            throw new LogCorruptException($"A change of the topology orders {Order.Length} agents where there are {natural.Count}.", Events.Position.None);
        return before with
        {
            Root = Root ?? before.Root, Groups = Groups ?? before.Groups, Rules = Rules ?? before.Rules, Agents = Order.IsEmpty ? [.. natural] : [.. Order.Select(place => natural[place])],
        };
    }

    /// <summary>Those that stay in their order, then those that are new.</summary>
    private List<AgentDefinition> Natural(MeshTopology before)
    {
        HashSet<string> removed = new(Removed, StringComparer.Ordinal);
        var put = Put.ToDictionary(a => a.Name, StringComparer.Ordinal);
        var natural = new List<AgentDefinition>(before.Agents.Length + Put.Length);
        foreach (var agent in before.Agents)
            if (!removed.Contains(agent.Name)) natural.Add(put.Remove(agent.Name, out var changed) ? changed : agent);
        natural.AddRange(Put.Where(a => put.ContainsKey(a.Name)));
        return natural;
    }
}
