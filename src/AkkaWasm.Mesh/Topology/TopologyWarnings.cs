namespace AkkaWasm.Mesh.Topology;

/// <summary>Says what of a topology is possible and probably not meant.</summary>
internal static class TopologyWarnings
{
    private const string Reserved = "mesh";

    /// <summary>What the mesh itself publishes, by the second token; those that name an agent in the third.</summary>
    private static readonly Dictionary<string, bool> Published = new(StringComparer.Ordinal)
    {
        ["agent"] = true, ["health"] = true, ["deadletter"] = true, ["family"] = true, ["pool"] = true, ["group"] = false, ["inbox"] = true, ["topology"] = false, ["node"] = false, ["rule"] = false,
    };

    public static IEnumerable<TopologyProblem> Of(MeshTopology target, TopologyDelta delta, MeshOccupants occupants)
    {
        var names = target.Agents.Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
        names.UnionWith(occupants.Forks.Keys);
        foreach (var agent in target.Agents)
        {
            foreach (var pattern in agent.Subscriptions)
                if (WhyOrphaned(pattern, names) is { } why) yield return new($"agents.{agent.Name}.subscribe", $"Nobody will ever publish to '{pattern}': {why}.");
            foreach (var to in NamesIn((agent.Canary?.Definition ?? agent).Capabilities))
                if (First(to) is { } name && !names.Contains(name)) yield return new($"agents.{agent.Name}.capabilities", $"There is no agent '{name}', which '{to}' stands for.");
        }
        var used = target.Agents.Select(a => a.Group).Concat(target.Groups.Select(g => g.Parent ?? "")).ToHashSet(StringComparer.Ordinal);
        foreach (var group in delta.Groups ?? [])
            if (group.Name != GroupDefinition.Default && !used.Contains(group.Name)) yield return new($"groups.{group.Name}", $"The group '{group.Name}' has no agents.");
    }

    /// <summary>Any topic may come from outside but those of the mesh: of these it is known who publishes.</summary>
    private static string? WhyOrphaned(string pattern, HashSet<string> names)
    {
        var tokens = pattern.Split('.');
        if (tokens[0] != Reserved) return null;
        if (tokens.Length == 1) return "topics of the mesh have more than one token";
        if (IsWild(tokens[1])) return null;
        if (!Published.TryGetValue(tokens[1], out var ofAgent)) return $"the mesh has no topics that begin with 'mesh.{tokens[1]}'";
        if (tokens.Length == 2) return $"topics that begin with 'mesh.{tokens[1]}' have more tokens";
        return ofAgent && !IsWild(tokens[2]) && !names.Contains(tokens[2]) ? $"there is no agent '{tokens[2]}'" : null;
    }

    private static IEnumerable<string> NamesIn(Capabilities capabilities) => capabilities.Send.Concat(capabilities.Watch);

    private static string? First(string pattern) => pattern.Split('.')[0] is var token && !IsWild(token) ? token : null;

    private static bool IsWild(string token) => token is "*" or ">";
}
