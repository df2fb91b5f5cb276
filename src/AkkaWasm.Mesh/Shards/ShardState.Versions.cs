using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>Agents that run another version than their definition says.</content>
internal sealed partial class ShardState
{
    private void ApplyVersion(AgentVersionRecord r)
    {
        var entry = Agents[r.Agent];
        if (r.Step == AgentVersionStep.Refused)
        {
            entry.HasNoWayBack = true;
            return;
        }
        (entry.RunsAs, entry.RunsAsSince) = (r.RunsAs, r.Offset);
        NoteKind(entry);
        Bind(entry);
        if (r.Step == AgentVersionStep.Inherited) entry.SeenSince = (entry.Incarnation, DigestOf(entry.Definition));
    }

    private readonly SortedDictionary<int, AgentEntry> ofOlderVersions = [];

    /// <summary>Agents that live and run another version than their definition says, in the order in which they came to be.</summary>
    public IEnumerable<AgentEntry> OfOlderVersions => ofOlderVersions.Values.Where(e => !e.Stopped);

    /// <summary>The same, as plans name them.</summary>
    public ImmutableArray<StrayAgent> Strays =>
    [
        .. OfOlderVersions
            .Select(e => new StrayAgent(e.Name, e.DefinitionName, e.Definition, new Position(options.Shard, EpochAt(e.RunsAsSince), e.RunsAsSince))),
    ];

    /// <summary>Notes what few agents are and changes of the topology ask for.</summary>
    private void NoteKind(AgentEntry entry)
    {
        if (entry.RunsAs is null) ofOlderVersions.Remove(entry.Number);
        else ofOlderVersions[entry.Number] = entry;
        if (entry.IsFork) Forks[entry.Name] = entry;
    }

    private void CountLiving(AgentEntry entry, int more)
    {
        Living += more;
        var living = LivingOf.GetValueOrDefault(entry.DefinitionName) + more;
        if (living == 0) LivingOf.Remove(entry.DefinitionName);
        else LivingOf[entry.DefinitionName] = living;
    }

    /// <summary>Whether guests see the same in two definitions.</summary>
    public bool SeesTheSame(AgentDefinition one, AgentDefinition other) => DigestOf(one) == DigestOf(other);
}
