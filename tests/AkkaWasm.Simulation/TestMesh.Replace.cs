using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <content>Living agents get other modules: those that are awake are made ready, then the change is recorded, or nothing is.</content>
internal sealed partial class TestMesh
{
    private ReplaceUnderway? replacing;

    /// <summary>Whether agents are being made ready.</summary>
    public bool IsReplacing => replacing is not null;

    /// <summary>Whether they are made ready for a version that held its budget on a share of their family.</summary>
    public bool IsPromoting { get; private set; }

    /// <summary>Begins a change of the topology; one after the other, as a node does.</summary>
    public void Replace(MeshTopology target, IReadOnlyDictionary<string, MoveRequest> moves, Action<TopologyAnswer> onAnswer, CanaryPolicy? canary = null)
    {
        while (decisions.Count > 0) Take(new(StepKind.Decide));
        var plan = Shard.PlanTopology(target, moves, canary);
        Prepare(new ReplaceUnderway(plan, ready => onAnswer(Shard.ApplyTopology(target, null, TopologyAuthor.Operator, "", NowNs, moves, ready, canary: canary)), _ => Shard.EndPreparation()));
    }

    /// <summary>The same to its end, with all states moved in one way.</summary>
    /// <returns>The answer; null if the agents did not get ready.</returns>
    public TopologyAnswer? ReplaceToTheEnd(MeshTopology target, CanaryPolicy? canary = null, MoveRequest move = MoveRequest.Auto)
    {
        TopologyAnswer? answer = null;
        Replace(target, new Dictionary<string, MoveRequest> { [MoveChooser.All] = move }, a => answer = a, canary);
        RunToIdle();
        return answer;
    }

    /// <summary>Asks those who are awake and get another module to get ready for it.</summary>
    private void Prepare(ReplaceUnderway begun)
    {
        replacing = begun;
        foreach (var order in Shard.PrepareTopology(begun.Plan))
        {
            if (!actors.TryGetValue(order.Plan.Agent.Number, out var actor) || actor.Token != order.Plan.Token) continue;
            actor.Order = order;
            begun.Waiting[actor.Agent] = actor;
        }
        FinishReplaceIfReady();
    }

    /// <summary>Those who are to get ready took too long.</summary>
    public void GiveReplaceUp()
    {
        if (replacing is not { } underway) return;
        underway.Fault = new GuestFault(FaultKind.Operating, "late", "They took too long.");
        FinishReplaceIfReady();
    }

    private bool IsToPrepare(TestActor actor) =>
        actor is { Order: not null, Failed: false, Runner.IsUsable: true } && actor.Inbox.Count == 0;

    private void Prepare(TestActor actor)
    {
        var order = actor.Order!;
        actor.Order = null;
        GuestFault? fault = null;
        try
        {
            if (sabotage == Sabotage.PreparesEmptyGuests) actor.Prepared = Rebuild(order.Plan with { Inputs = [], SavedImage = null, Image = null }, null);
            else if (order.Move.Way == MoveWay.Replay)
            {
                var ready = Rebuild(order.Plan, null);
                if ((fault = ready.MoveFault) is null) actor.Prepared = ready;
                else ready.Dispose();
            }
            else
            {
                fault = actor.Runner!.TryPrepare(Life(order.Plan, actor.Agent, order.Plan.Agent.Incarnation, order.Plan.Agent.Definition), order.Move, out var ready);
                actor.Prepared = ready;
            }
        }
        catch (Exception e)
        {
            fault = new GuestFault(FaultKind.Operating, "rebuild", e.Message);
        }
        Tell(actor, () =>
        {
            if (replacing?.Waiting.Remove(actor.Agent) != true) return;
            replacing.Fault ??= fault;
            if (actor.Prepared is not null) replacing.Ready[actor.Agent] = actor.Token;
            replacing.Asked.Add(actor);
        });
    }

    private void FinishReplaceIfReady()
    {
        if (replacing is not { } done) return;
        foreach (var (agent, actor) in done.Waiting.ToList())
            if (actor.Failed || !actors.TryGetValue(agent, out var now) || now != actor) done.Waiting.Remove(agent);
        if (done.Fault is null && (done.Waiting.Count > 0 || decisions.Count > 0)) return;
        (replacing, IsPromoting) = (null, false);
        foreach (var actor in done.Waiting.Values) actor.Order = null;
        if (IsDraining) done.Fault ??= new GuestFault(FaultKind.Operating, "ending", "The node is ending.");
        if (done.Fault is null) done.Apply(done.Ready);
        else done.GiveUp(done.Fault);
        TakeEffects();
        foreach (var actor in done.Asked.Concat(done.Waiting.Values))
        {
            actor.Prepared?.Dispose();
            actor.Prepared = null;
        }
    }

    private void Swap(SwapAgent swap)
    {
        // one that ended meanwhile has its end on the way to the shard
        if (!actors.TryGetValue(swap.Agent.Number, out var actor) || actor.Token != swap.Token || actor.Failed) return;
        if (Watched is { } seen) seen.Swaps++;
        actor.Runner!.Dispose();
        (actor.Runner, actor.Prepared) = (actor.Prepared!, null);
    }

    private sealed class ReplaceUnderway(TopologyPlan plan, Action<IReadOnlyDictionary<int, int>> apply, Action<GuestFault> giveUp)
    {
        public TopologyPlan Plan => plan;

        public Action<IReadOnlyDictionary<int, int>> Apply => apply;

        public Action<GuestFault> GiveUp => giveUp;

        public Dictionary<int, TestActor> Waiting { get; } = [];

        public Dictionary<int, int> Ready { get; } = [];

        public List<TestActor> Asked { get; } = [];

        public GuestFault? Fault { get; set; }
    }
}
