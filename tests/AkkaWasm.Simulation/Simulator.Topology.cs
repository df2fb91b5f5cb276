using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation.Checkers;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Simulation;

/// <content>The topology changes: agents come and go, limits and subscriptions of others become different, two apply at once.</content>
internal sealed partial class Simulator
{
    /// <summary>In how many steps the topology changes once, where it is to change at all.</summary>
    private const int StepsPerChange = 25;

    private static readonly string[] Visitors = ["visitor", "guest", "caller"];

    private void ChangeTopology()
    {
        if (!options.Changes || !mesh!.IsReady || mesh.IsDraining || mesh.IsReplacing || !dice.OneIn(StepsPerChange)) return;
        var running = mesh.Shard.Topology!;
        var basedOn = dice.OneIn(3) ? mesh.Shard.TopologyAt.Offset : dice.OneIn(5) ? mesh.Shard.TopologyAt.Offset - 1 : default(long?);
        var inForce = mesh.Shard.TopologyAt.Offset;
        var isStale = basedOn is { } at && at != inForce;
        var drain = dice.OneIn(2) ? TimeSpan.FromMilliseconds(dice.Next(2_000)) : default(TimeSpan?);
        var answer = mesh.Apply(dice.OneIn(3) ? WithOtherLimits(running) : WithOtherVisitors(running), basedOn, drain: drain);
        if (answer.Outcome == TopologyOutcome.Refused) throw new SimulationException($"The topology could not be changed: {answer.Plan.Problems[0].Message}");
        if ((answer.Outcome == TopologyOutcome.Stale) != isStale) throw new SimulationException($"A change against the topology at {basedOn} was {answer.Outcome} where that at {inForce} was in force.");
    }

    private MeshTopology WithOtherLimits(MeshTopology running)
    {
        var which = dice.Next(running.Agents.Length);
        var agent = running.Agents[which];
        return running with { Agents = running.Agents.SetItem(which, agent with { Limits = agent.Limits with { LogLinesPerTurn = dice.Next(100) } }) };
    }

    private MeshTopology WithOtherVisitors(MeshTopology running)
    {
        var name = dice.Of(Visitors);
        var there = running.Agents.FirstOrDefault(a => a.Name == name);
        if (there is not null) return running with { Agents = running.Agents.Remove(there) };
        var visitor = name == "guest" ? Family(name, "alert.*", 2, "noter") : Agent(name, name == "caller" ? "quake.>" : "feed.> alert.*", "noter");
        return running with { Agents = running.Agents.Insert(dice.Next(running.Agents.Length + 1), visitor with { SnapshotEveryTurns = 3, HashEveryTurns = 3 }) };
    }
}
