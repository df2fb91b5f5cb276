using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <content>The orderly end of a node: nothing more is handed out, agents save themselves after what they have, then the shard does.</content>
internal sealed partial class TestMesh
{
    private static readonly HashSet<Type> LeftByDrain =
    [
        typeof(DeliverEvents), typeof(RebuildAgent), typeof(HealAgents), typeof(EndAgent), typeof(PutToSleep), typeof(LoadEvents), typeof(ReadPast), typeof(PlanRewind), typeof(CanaryIsDue), typeof(PromotionIsDue),
        typeof(PlanRollBack), typeof(ResolveChange), typeof(RuleIsDue),
    ];

    private readonly List<(int Agent, int Incarnation, long Input)> saved = [];
    private HashSet<TestActor>? finishing;

    public bool IsDraining => finishing is not null;

    /// <summary>What agents saved at the end: by whom, in which life, up to which event.</summary>
    public IReadOnlyList<(int Agent, int Incarnation, long Input)> SavedByDrain => saved;

    public void BeginDrain() => finishing ??= [.. actors.Values.Where(a => a.Runner is not null && !a.Failed)];

    /// <summary>Whether everything is done that a drain does; then the shard's state is saved, and the process may end.</summary>
    public bool TryEndDrain()
    {
        if (finishing is null || (sabotage != Sabotage.EndsADrainBeforeTheCommit && (finishing.Any(actors.ContainsValue) || images.Count > 0 || underway.Values.Any(m => m.Count > 0)))) return false;
        if (!IsReady) return false;
        if (Cut() || (uncommitted.Count > 0 && sabotage != Sabotage.EndsADrainBeforeTheCommit)) return false;
        captured.Clear();
        Store.SaveState(Store.Blocks.Count, Shard.CaptureState().ToMemory());
        return true;
    }

    private void Finish(TestActor actor)
    {
        finishing!.Remove(actor);
        if (actor.Runner is not { IsUsable: true, Turns: > 0, IsToMove: false } runner || runner.Capture() is not { } image) return;
        saved.Add((actor.Agent, image.Incarnation, image.Input));
        Tell(actor, () => Shard.ImageTaken(actor.Agent, actor.Token, image));
    }
}
