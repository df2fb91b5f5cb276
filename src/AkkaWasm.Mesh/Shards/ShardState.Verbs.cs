using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>Groups that wait, and agents that end when they are through.</content>
internal sealed partial class ShardState
{
    /// <summary>Names of the groups that an operator lets wait.</summary>
    public SortedSet<string> PausedGroups { get; } = new(StringComparer.Ordinal);

    /// <summary>The drains that are underway, in the order in which they began.</summary>
    public List<AgentDrainRecord> Drains { get; } = [];

    private readonly HashSet<string> draining = new(StringComparer.Ordinal);

    /// <summary>Whether the agents of a definition end when they are through.</summary>
    public bool IsDraining(string definition) => draining.Contains(definition);

    /// <summary>The paused group that an agent is in, its own or one above; null for none.</summary>
    public string? PausedGroupOf(AgentEntry entry)
    {
        if (PausedGroups.Count == 0 || Topology is null) return null;
        for (var group = entry.Definition.Group; group is not null; group = Topology.Groups.FirstOrDefault(g => g.Name == group)?.Parent)
            if (PausedGroups.Contains(group)) return group;
        return null;
    }

    /// <summary>Takes over what was saved; agents and topology are there.</summary>
    public void InstallVerbs(IEnumerable<string> pausedGroups, IEnumerable<AgentDrainRecord> drains)
    {
        PausedGroups.UnionWith(pausedGroups);
        Drains.AddRange(drains);
        if (PausedGroups.Count == 0 && Drains.Count == 0) return;
        draining.UnionWith(Drains.SelectMany(d => d.Definitions));
        if (Topology is not null) Use(Topology, null);
    }

    private void ApplyGroupPause(GroupPauseRecord r)
    {
        if (r.Paused) PausedGroups.Add(r.Group);
        else PausedGroups.Remove(r.Group);
        foreach (var entry in Agents) NotePausedByGroup(entry);
    }

    private void NotePausedByGroup(AgentEntry entry)
    {
        var was = entry.Paused;
        entry.IsPausedByGroup = PausedGroupOf(entry) is not null;
        NotePaused(entry);
        if (was && !entry.Paused) Touch(entry);
    }

    private void NotePaused(AgentEntry entry)
    {
        if (entry is { Paused: true, Stopped: false }) Paused.Add(entry);
        else Paused.Remove(entry);
    }

    private void ApplyDrain(AgentDrainRecord r)
    {
        Drains.Add(r);
        draining.UnionWith(r.Definitions);
        Use(Topology!, []);
    }

    /// <summary>What was paused stays so under another name, and failures go on counting.</summary>
    private void RenameGroups(MeshTopology before, MeshTopology after)
    {
        foreach (var (from, to) in GroupRenames.Of(before, after).ToArray())
        {
            if (PausedGroups.Remove(from)) PausedGroups.Add(to);
            if (GroupLedgers.Remove(from, out var failures)) GroupLedgers[to] = failures;
        }
    }

    /// <summary>What a topology does not have any more is neither paused nor drained.</summary>
    private void ForgetVerbs(MeshTopology after, TopologyDelta delta)
    {
        if (delta.Groups is not null) PausedGroups.IntersectWith(after.Groups.Select(g => g.Name));
        if (Drains.Count == 0 || delta.Removed.IsEmpty) return;
        draining.ExceptWith(delta.Removed);
        Drains.RemoveAll(drain => !drain.Definitions.Any(draining.Contains));
    }
}
