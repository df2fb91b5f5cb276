using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>Agents start agents, within the quotas of all agents above them.</content>
public sealed partial class Shard
{
    private void Spawn(AgentEntry entry, MeshEvent input, AgentSpawned spawned)
    {
        if (state.Definition(spawned.Definition) is not { Key: not null } family)
        {
            RefuseSpawn(entry, input, $"There is no family '{spawned.Definition}'.");
            return;
        }
        var known = state.Find(AgentName.OfKey(family.Name, spawned.Key));
        if (known is { Stopped: false }) return;
        if (known is { Unborn: false }) RefuseSpawn(entry, input, $"The agent '{known.Name}' was stopped.");
        else if (WhyNotStarted(entry, family) is { } reason) RefuseSpawn(entry, input, $"The agent '{AgentName.OfKey(family.Name, spawned.Key)}' was not started: {reason}");
        else Bear(family, spawned.Key, input, entry.Number);
    }

    private void RefuseSpawn(AgentEntry entry, MeshEvent input, string why) =>
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "spawn-refused"), LifecycleData.Agent(entry.Name, entry.Incarnation, why), input);

    /// <summary>Which quota stands against one more agent below another, or null. Quotas of agents that are stopped do not count.</summary>
    private string? WhyNotStarted(AgentEntry entry, AgentDefinition definition)
    {
        var depth = 0;
        for (var above = entry; above is not null; above = above.Parent < 0 ? null : state.Agents[above.Parent])
        {
            depth++;
            if (above.Stopped) continue;
            var (quota, below) = (above.Definition.Spawn, state.OffspringOf(above));
            if (depth > quota.MaxDepth) return $"it would stand {depth} generations below '{above.Name}', {quota.MaxDepth} are allowed (spawn.max-depth).";
            if (below.Agents >= quota.MaxAgents) return $"'{above.Name}' has {below.Agents} agents below it, {quota.MaxAgents} are allowed (spawn.max-agents).";
            var bytes = below.Bytes + ShardState.ReservedBytes(definition);
            if (bytes > quota.MaxMemoryBytes)
                return $"the agents below '{above.Name}' could use {bytes} bytes with it, {quota.MaxMemoryBytes} are allowed (spawn.max-memory; of each limits.memory and limits.gc-heap count).";
        }
        return null;
    }
}
