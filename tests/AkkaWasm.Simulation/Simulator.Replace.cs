using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation.Checkers;

namespace AkkaWasm.Simulation;

/// <content>Agents get other modules, each way their states can be moved, while they work, fail and sleep.</content>
internal sealed partial class Simulator
{
    /// <summary>In how many steps an agent or family gets another module once, where that is to happen at all.</summary>
    private const int StepsPerReplace = 6;

    private int versions = 1;

    /// <summary>A ladder that leads back to the version before.</summary>
    private static MeshTopology GoingBackToVersions(MeshTopology topology) => topology with
    {
        Groups = [.. topology.Groups.Select(g => g.Supervision.Directive == HealingDirective.Rewind ? g with { Supervision = g.Supervision with { Rewind = g.Supervision.Rewind with { PreviousVersion = true } } } : g)],
    };

    /// <summary>Most of the time one with an agent that is awake and can be made ready: those that sleep, or have yet to move, are many.</summary>
    private int DrawReplaced(MeshTopology running)
    {
        var awake = mesh!.Actors.Values.Where(a => a is { Failed: false, Runner.IsUsable: true } && mesh.Shard.PlanRebuild(a.Agent, 0).Due is null)
            .Select(a => running.Agents.IndexOf(running.Agents.FirstOrDefault(d => d.Name == mesh.Shard.Agent(a.Agent)!.Definition.Name)!)).Where(i => i >= 0 && mesh.Shard.Canaries.All(c => c.Definition != running.Agents[i].Name)).Order().ToArray();
        return awake.Length == 0 || dice.OneIn(4) ? dice.Next(running.Agents.Length) : dice.Of(awake);
    }

    /// <summary>Of which a share can be tried.</summary>
    private int DrawFamily(MeshTopology running) => running.Agents.IndexOf(dice.Of(running.Agents.Where(a => a.Key is not null).ToArray()));

    private void ReplaceModules()
    {
        if (!options.Replaces || !mesh!.IsReady || mesh.IsDraining) return;
        if (mesh.IsReplacing)
        {
            if (dice.OneIn(mesh.IsPromoting ? 3 : 50)) mesh.GiveReplaceUp();
            return;
        }
        if (!dice.OneIn(StepsPerReplace)) return;
        var running = mesh.Shard.Topology!;
        var (agents, canary) = (running.Agents, DrawCanary());
        for (var count = 1 + dice.Next(3); count > 0; count--)
        {
            var which = canary is { ShareBasisPoints: < KeyShare.All } && !dice.OneIn(3) ? DrawFamily(running) : DrawReplaced(running);
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
