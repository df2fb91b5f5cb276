using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>When all faults are over and everything was published, the mesh comes to rest and no agent is left behind.</summary>
internal sealed class RestChecker : Checker
{
    public override string Promise => "no agent is stuck";

    public override void Check(History history)
    {
        var shard = history.Mesh.RunToIdle().Shard;
        Require(shard.IsIdle, $"the shard does not rest: {shard.Backlog} deliveries wait.");
        var (living, counts) = (shard.Agents.Count(a => a.State != AgentState.Stopped), shard.AwakeCounts);
        Require(counts is { Queued: 0, Awake: >= 0, Asleep: >= 0 } && counts.Awake + counts.Asleep == living, $"{counts} are counted of {living} agents.");
        foreach (var agent in shard.Agents)
            Require(agent.State is AgentState.Running or AgentState.Asleep or AgentState.Stopped && (agent.Pending == 0 || agent.State == AgentState.Stopped),
                $"the agent '{agent.Name}' is {agent.State} with {agent.Pending} events that wait.");
    }
}
