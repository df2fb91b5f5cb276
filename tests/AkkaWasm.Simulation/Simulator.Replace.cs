using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation.Checkers;

namespace AkkaWasm.Simulation;

/// <content>Agents get other modules, each way their states can be moved, while they work, fail and sleep.</content>
internal sealed partial class Simulator
{
    /// <summary>In how many steps an agent or family gets another module once, where that is to happen at all.</summary>
    private const int StepsPerReplace = 20;

    private int versions = 1;

    private void ReplaceModules()
    {
        if (!options.Replaces || !mesh!.IsReady || mesh.IsDraining) return;
        if (mesh.IsReplacing)
        {
            if (dice.OneIn(50)) mesh.GiveReplaceUp();
            return;
        }
        if (!dice.OneIn(StepsPerReplace)) return;
        var running = mesh.Shard.Topology!;
        var (agents, canary) = (running.Agents, DrawCanary());
        for (var count = 1 + dice.Next(3); count > 0; count--)
        {
            var which = dice.Next(agents.Length);
            agents = agents.SetItem(which, agents[which] with { ModuleHash = $"{agents[which].ModuleHash.Split('#')[0]}#{++versions}{(canary is not null && dice.OneIn(2) ? "!" : "")}" });
        }
        var moves = new Dictionary<string, MoveRequest> { [MoveChooser.All] = (MoveRequest)dice.Next(6) };
        var target = running with { Agents = agents };
        mesh.Replace(target, moves, answer =>
        {
            if (answer.Outcome == TopologyOutcome.Refused && moves[MoveChooser.All] != MoveRequest.Replay && !ChangesWhatIsWatched(target, canary)) throw new SimulationException($"Modules could not be replaced: {answer.Plan.Problems[0].Message}");
        }, canary);
    }
}
