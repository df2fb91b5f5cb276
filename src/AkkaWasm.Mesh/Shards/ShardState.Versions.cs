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

    /// <summary>Those that live and do, as plans name them.</summary>
    public ImmutableArray<StrayAgent> Strays =>
    [
        .. OfOlderVersions
            .Select(e => new StrayAgent(e.Name, e.DefinitionName, e.Definition, new Position(options.Shard, EpochAt(e.RunsAsSince), e.RunsAsSince))),
    ];

    /// <summary>Whether guests see the same in two definitions.</summary>
    public bool SeesTheSame(AgentDefinition one, AgentDefinition other) => DigestOf(one) == DigestOf(other);
}
