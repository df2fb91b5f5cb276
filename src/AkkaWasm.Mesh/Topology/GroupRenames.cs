namespace AkkaWasm.Mesh.Topology;

/// <summary>Groups that a change of the topology gives another name: what was theirs is theirs under it.</summary>
internal static class GroupRenames
{
    /// <summary>The names before and after. A group that has its new name already is renamed no more.</summary>
    public static IEnumerable<(string From, string To)> Of(MeshTopology before, MeshTopology after)
    {
        var (was, now) = (Names(before), Names(after));
        return after.Groups.Where(g => g.RenamedFrom is { } old && was.Contains(old) && !now.Contains(old) && !was.Contains(g.Name)).Select(g => (g.RenamedFrom!, g.Name));
    }

    /// <summary>Says what stands against it.</summary>
    public static void Check(List<TopologyProblem> problems, MeshTopology before, MeshTopology after)
    {
        var (was, now) = (Names(before), Names(after));
        foreach (var group in after.Groups)
        {
            if (group.RenamedFrom is not { } old || !was.Contains(old)) continue;
            if (was.Contains(group.Name) && !now.Contains(old))
                problems.Add(new($"groups.{group.Name}.renamed-from", $"The group '{old}' cannot be renamed to '{group.Name}', because there is a group of that name; choose another name, or leave renamed-from out to move its agents there."));
            else if (!was.Contains(group.Name) && now.Contains(old))
                problems.Add(new($"groups.{group.Name}.renamed-from", $"The group '{old}' is to be renamed to '{group.Name}' and is still defined; leave it out."));
        }
        foreach (var twice in after.Groups.Where(g => g.RenamedFrom is { } old && was.Contains(old) && !was.Contains(g.Name)).GroupBy(g => g.RenamedFrom).Where(g => g.Count() > 1))
            problems.Add(new($"groups.{twice.Last().Name}.renamed-from", $"The group '{twice.Key}' cannot get {twice.Count()} names; leave renamed-from out of all but one."));
    }

    private static HashSet<string> Names(MeshTopology topology) => topology.Groups.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
}
