using System.Collections.Immutable;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Topology;

/// <summary>A definition gets another name, and all that is its own stays its own.</summary>
/// <param name="From">The name before.</param>
/// <param name="To">The name after.</param>
public readonly record struct AgentRename(string From, string To);

/// <summary>Definitions that a change of the topology gives another name.</summary>
internal static class AgentRenames
{
    /// <summary>The names before and after, in the order of the topology after. A definition that has its new name already is renamed no more.</summary>
    public static ImmutableArray<AgentRename> Of(MeshTopology before, MeshTopology after)
    {
        if (after.Agents.All(a => a.RenamedFrom is null)) return [];
        var (was, now) = (Names(before), Names(after));
        return [.. after.Agents.Where(a => a.RenamedFrom is { } old && was.Contains(old) && !now.Contains(old) && !was.Contains(a.Name)).Select(a => new AgentRename(a.RenamedFrom!, a.Name))
            .DistinctBy(r => r.From)];
    }

    /// <summary>A topology with the new names, also where its rules name them, and nothing else changed.</summary>
    public static MeshTopology On(MeshTopology before, ImmutableArray<AgentRename> renames)
    {
        if (renames.IsEmpty) return before;
        var names = renames.ToDictionary(r => r.From, r => r.To, StringComparer.Ordinal);
        return before with
        {
            Agents = [.. before.Agents.Select(a => names.TryGetValue(a.Name, out var name) ? Named(a, name) : a)],
            Rules = [.. before.Rules.Select(r => r.Definition is { } of && names.TryGetValue(of, out var name) ? r with { Of = name + r.Of[of.Length..] } : r)],
        };
    }

    private static AgentDefinition Named(AgentDefinition agent, string name) => agent with
    {
        Name = name, Canary = agent.Canary is { } canary ? canary with { Definition = canary.Definition with { Name = name } } : null,
    };

    /// <summary>The name of an agent of a renamed definition: its key stays, and a fork keeps the name that it was given.</summary>
    /// <param name="agent">Its name before.</param>
    /// <param name="rename">How its definition is renamed.</param>
    public static string NameOf(string agent, AgentRename rename) =>
        agent == rename.From ? rename.To : agent.StartsWith(rename.From + "/", StringComparison.Ordinal) ? rename.To + agent[rename.From.Length..] : agent;

    /// <summary>Who lives in a mesh, under the new names.</summary>
    public static MeshOccupants On(MeshOccupants occupants, ImmutableArray<AgentRename> renames)
    {
        if (renames.IsEmpty) return occupants;
        var byName = renames.ToDictionary(r => r.From, StringComparer.Ordinal);
        return new MeshOccupants(Keyed(occupants.Living), occupants.Born.Select(Now).ToHashSet(StringComparer.Ordinal),
            occupants.Forks.ToDictionary(f => f.Key, f => Now(f.Value), StringComparer.Ordinal))
        {
            LivingInShares = Keyed(occupants.LivingInShares),
            Strays = [.. occupants.Strays.Select(s => byName.TryGetValue(s.Definition, out var r) ? s with { Agent = NameOf(s.Agent, r), Definition = r.To } : s)],
        };

        string Now(string name) => byName.TryGetValue(name, out var r) ? r.To : name;

        Dictionary<string, int> Keyed(IReadOnlyDictionary<string, int> counts) => counts.ToDictionary(c => Now(c.Key), c => c.Value, StringComparer.Ordinal);
    }

    /// <summary>Says what stands against it.</summary>
    public static void Check(List<TopologyProblem> problems, MeshTopology before, MeshTopology after, MeshOccupants occupants)
    {
        if (after.Agents.All(a => a.RenamedFrom is null)) return;
        var (was, now) = (before.Agents.ToDictionary(a => a.Name, StringComparer.Ordinal), Names(after));
        foreach (var agent in after.Agents)
            if (agent.RenamedFrom is { } old && was.TryGetValue(old, out var known) && WhyNot(known, agent, was.GetValueOrDefault(agent.Name), now.Contains(old), occupants) is { } why)
                problems.Add(new($"agents.{agent.Name}.renamed-from", why));
        foreach (var twice in after.Agents.Where(a => a.RenamedFrom is { } old && was.ContainsKey(old) && !was.ContainsKey(a.Name)).GroupBy(a => a.RenamedFrom).Where(g => g.Count() > 1))
            problems.Add(new($"agents.{twice.Last().Name}.renamed-from", $"The agent '{twice.Key}' cannot get {twice.Count()} names; leave renamed-from out of all but one."));
    }

    /// <summary>What is wrong with a name that something had before, whatever the mesh was before; null if nothing is.</summary>
    public static string? WhyNone(AgentDefinition agent)
    {
        if (agent.RenamedFrom is not { } old) return null;
        if (old == agent.Name) return $"The agent '{old}' cannot be renamed to the name that it has; leave renamed-from out.";
        if (old.Contains('/', StringComparison.Ordinal)) return $"'{old}' is one agent of a family, and is renamed with it; name the family, '{old[..old.IndexOf('/', StringComparison.Ordinal)]}'.";
        return TopicName.IsToken(old) ? null : $"'{old}' is the name of no agent; use letters, digits, '-' and '_'.";
    }

    private static string? WhyNot(AgentDefinition was, AgentDefinition agent, AgentDefinition? there, bool isDefined, MeshOccupants occupants)
    {
        if (there is not null)
            return there.RenamedFrom == was.Name ? null : $"The agent '{was.Name}' cannot be renamed to '{agent.Name}', because there is an agent of that name; choose another name, or leave renamed-from out.";
        if (isDefined) return $"The agent '{was.Name}' is to be renamed to '{agent.Name}' and is still defined; leave it out.";
        if (occupants.Born.Contains(agent.Name))
            return $"The agent '{was.Name}' cannot be renamed to '{agent.Name}', because the log has an agent of that name, which is stopped and keeps it; choose another name.";
        return was.Key == agent.Key && was.Pool?.Key == agent.Pool?.Key && was.IsSingle == agent.IsSingle
            ? null
            : $"The agent '{was.Name}' is {TopologyHistoryCheck.Kind(was)} and '{agent.Name}' is to be {TopologyHistoryCheck.Kind(agent)}; what is renamed stays what it is: leave renamed-from out to stop the one and begin the other.";
    }

    private static HashSet<string> Names(MeshTopology topology) => topology.Agents.Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
}
