using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <content>What the mesh is told of its agents' turns, and how it looks after their health.</content>
internal sealed partial class TestMesh
{
    /// <summary>Looks after the health of agents, as a node does once a second while it does not end.</summary>
    public void ObserveHealth()
    {
        if (IsDraining) return;
        Shard.ObserveHealth(NowNs);
        TakeEffects();
    }

    private void Measure(TestActor actor, long input)
    {
        var use = new AgentUse(1, input % 10 * Second / 10.0, actor.Runner!.Usage.MemoryBytes, 0);
        Tell(actor, () => Shard.NoteUse(actor.Agent, actor.Token, use));
    }

    /// <summary>What a turn says of the agent's health, falsified where that is what is done wrong.</summary>
    private TurnResult WithHealth(TurnResult result) => sabotage switch
    {
        Sabotage.SwallowsHealth => Without(result, o => o is HealthReported),
        Sabotage.InventsHealth when result is { Fault: null, Outputs: [.., HealthReported said] } => With(result, said with { Reason = said.Reason + "!", Event = said.Event with { Index = said.Event.Index } }),
        _ => result,
    };

    private static TurnResult Without(TurnResult result, Func<TurnOutput, bool> which) => result with { Outputs = [.. result.Outputs.Where(o => !which(o))] };

    private static TurnResult With(TurnResult result, TurnOutput output) => result with { Outputs = [.. result.Outputs, output] };
}
