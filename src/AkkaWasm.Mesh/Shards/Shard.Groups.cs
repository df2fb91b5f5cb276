using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>What operators do to groups of agents. Each call says in one sentence why it cannot be done, or returns null.</content>
public sealed partial class Shard
{
    /// <summary>The groups of the topology with what can be said of each, in their order.</summary>
    public IReadOnlyList<GroupStatus> Groups
    {
        get
        {
            var living = state.Agents.Where(a => !a.Stopped).GroupBy(a => a.Definition.Group, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
            return [.. state.Topology?.Groups.Select(g => new GroupStatus(g.Name, g.Parent, state.PausedGroups.Contains(g.Name), living.GetValueOrDefault(g.Name))) ?? []];
        }
    }

    /// <summary>Lets all agents of a group and of the groups below it wait, as <see cref="Pause"/> does; also those that come to be in it from here on.</summary>
    /// <param name="group">Its name.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public string? PauseGroup(string group, long now)
    {
        Advance(now);
        if (NoGroup(group) is { } problem) return problem;
        if (state.PausedGroups.Contains(group)) return $"The group '{group}' is paused already.";
        PauseGroupNow(group);
        return null;
    }

    private void PauseGroupNow(string group)
    {
        Append(new GroupPauseRecord(group, true));
        foreach (var entry in state.Agents)
            if (entry is { IsPausedByGroup: true, Phase: not AgentPhase.Asleep }) End(entry);
        TellOfGroup(group, "paused");
    }

    /// <summary>Lets a paused group go on; agents that are paused by themselves, or with another group above them, stay so.</summary>
    /// <param name="group">Its name.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public string? ResumeGroup(string group, long now)
    {
        Advance(now);
        if (NoGroup(group) is { } problem) return problem;
        if (!state.PausedGroups.Contains(group)) return $"The group '{group}' is not paused.";
        ResumeGroupNow(group);
        return null;
    }

    private void ResumeGroupNow(string group)
    {
        Append(new GroupPauseRecord(group, false));
        TellOfGroup(group, "resumed");
    }

    private string? NoGroup(string group) => state.Topology!.Groups.Any(g => g.Name == group)
        ? null
        : $"There is no group '{group}'; there are {string.Join(", ", state.Topology.Groups.Select(g => $"'{g.Name}'"))}.";

    private void TellOfGroup(string group, string what) => AppendEvent(new MeshEvent
    {
        Topic = AgentName.OfGroup(group, what), Data = LifecycleData.Group(group), ContentType = LifecycleData.ContentType, Origin = EventOrigin.Lifecycle,
        Cause = changeCause?.Offset ?? Position.None, Depth = changeCause is null ? 0 : DeeperThan(changeCause), TraceParent = changeCause?.TraceParent,
    });
}

/// <summary>What can be said of a group.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parent">The group above it, or null.</param>
/// <param name="Paused">Whether an operator lets it wait.</param>
/// <param name="Agents">How many agents live in it itself, those of groups below not counted.</param>
public sealed record GroupStatus(string Name, string? Parent, bool Paused, int Agents);
