using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <content>What the actors of agents and their supervisors do.</content>
internal sealed partial class TestMesh
{
    private readonly Dictionary<int, List<ShardEffect>> barred = [];
    private readonly Queue<HealAgents> decisions = [];

    /// <summary>What an agent's actor says arrives in the order it was said; if that takes time, perhaps when the life that said it is over.</summary>
    private void Tell(TestActor from, Action message)
    {
        if (!ResultsTakeTime)
        {
            message();
            return;
        }
        if (!underway.TryGetValue(from.Agent, out var messages)) underway[from.Agent] = messages = [];
        messages.Enqueue(message);
    }

    /// <summary>Decisions are carried out one after the other; new lives of the agents they touch wait for that.</summary>
    private void Decide(HealAgents heal)
    {
        Healings.Add(heal);
        foreach (var agent in heal.Decision.Affected) barred.TryAdd(agent, []);
        decisions.Enqueue(heal);
        if (!ResultsTakeTime) CarryOutDecision();
    }

    private void CarryOutDecision()
    {
        var affected = decisions.Dequeue().Decision.Affected;
        foreach (var agent in affected)
        {
            End(agent);
            if (decisions.Any(d => d.Decision.Affected.Contains(agent)) || !barred.Remove(agent, out var waiting)) continue;
            foreach (var effect in waiting) Launch(effect);
        }
    }

    private void AfterDecisions(int agent, ShardEffect effect)
    {
        if (barred.TryGetValue(agent, out var waiting)) waiting.Add(effect);
        else Launch(effect);
    }

    private void Launch(ShardEffect effect)
    {
        if (effect is EndAgent end) End(end.Agent);
        if (effect is not RebuildAgent rebuild) return;
        End(rebuild.Agent);
        if (sabotage == Sabotage.LosesARebuild && Healings.Count == 3) return;
        actors[rebuild.Agent] = new TestActor(rebuild.Agent, rebuild.Token) { Plan = PlanRebuild(rebuild.Agent, rebuild.Token) };
    }

    private void End(int agent)
    {
        if (!actors.Remove(agent, out var actor)) return;
        actor.Runner?.Dispose();
        actor.Prepared?.Dispose();
    }

    private void Rebuild(TestActor actor)
    {
        var plan = actor.Plan;
        string? refused = null;
        try
        {
            var image = plan.Image ?? LoadImage(plan, out refused);
            actor.Runner = Rebuild(plan, image);
            if (plan.Compact && actor.Runner.MayHaveGarbage) actor.Runner.Compact();
        }
        catch (Exception e) when (e is GuestRefusedException or HostExhaustedException or ImageCorruptException or ReplayDivergedException or LogCorruptException)
        {
            actor.Failed = true;
            var fault = new GuestFault(FaultKind.Operating, e is HostExhaustedException ? GuestFault.HostOutOfMemory : "rebuild", e.Message);
            Tell(actor, () => Shard.AgentUnavailable(actor.Agent, actor.Token, fault, NowNs));
            return;
        }
        MostAwake = Math.Max(MostAwake, Awake);
        Tell(actor, () => Shard.AgentReady(actor.Agent, actor.Token, NowNs, refused));
        if (refused is not null && actor.Runner is { Turns: > 0 } && actor.Runner.Capture() is { } good) Tell(actor, () => Shard.ImageTaken(actor.Agent, actor.Token, good));
    }

    /// <summary>The planned image, or where it cannot be had the one before, or none: then the agent is replayed from its first turn.</summary>
    private AgentImage? LoadImage(RebuildPlan plan, out string? refused)
    {
        refused = null;
        if (plan.SavedImage is not { } planned) return null;
        foreach (var upTo in new[] { planned.Input, planned.Input - 1 })
        {
            AgentImage? image = null;
            try
            {
                image = Store.LoadImage(NameIn(planned.Agent, planned.Incarnation), planned.Incarnation, upTo);
            }
            catch (ImageCorruptException e)
            {
                refused ??= e.Message;
            }
            if (image is null || !IsOf(image, planned)) refused ??= "it is not in the snapshot store.";
            if (image is not null) return image;
        }
        return null;
    }

    private bool IsOf(AgentImage image, LineageImage meant) => image.Input == meant.Input && image.Incarnation == meant.Incarnation && image.Agent == NameIn(meant.Agent, meant.Incarnation);

    private AgentRunner Rebuild(RebuildPlan plan, AgentImage? image)
    {
        List<LineageTurn> turns = [.. plan.Inputs];
        if (LineagePath.NeedsFirstTurn(plan.Moves)) image = null;
        if ((plan.Image is null || image is null) && plan.SavedImage is { } planned && (image is null || !IsOf(image, planned))) turns.InsertRange(0, Before(planned, ref image));
        var (steps, begins) = StepsOf(plan, turns);
        var imageOf = image is null ? null : Life(plan, plan.SavedImage?.Agent ?? plan.Agent.Number, image.Incarnation, begins);
        var recorded = steps.Select(s => RecordedOf(plan, s, Shard.FindEvent(s.Turn.Input) ?? Store.EventAt(s.Turn.Input)));
        return AgentRunner.Rebuild(Life(plan, plan.Agent.Number, plan.Agent.Incarnation, plan.Agent.Definition), Shard.Identity, Guests, image, recorded, imageOf, begins, plan.Due);
    }

    /// <summary>The turns up to an image that cannot be had, from an older one on if that is of the same way, otherwise from turn 0.</summary>
    private List<LineageTurn> Before(LineageImage planned, ref AgentImage? older)
    {
        var lives = Lives(planned.Agent);
        var turns = lives.Turns(planned.Incarnation, planned.Input, TurnsOf);
        var last = older is { } image && turns is not null ? turns.FindLastIndex(t => t.Input == image.Input && t.Incarnation == image.Incarnation && t.Agent == planned.Agent) : -1;
        if (turns is not null && turns.FindLastIndex(t => MovesAmong([t], Store.Lineages()).Any(m => m.Way == MoveWay.Replay)) is var replayed && replayed > last) (last, older) = (-1, null);
        if (last < 0 && turns is [var first, ..] && older is { } oldest && lives.ImageBefore(first) is { } before && IsOf(oldest, before)) return turns;
        if (last < 0 && !(turns is [var begin, ..] && lives.IsFirst(begin))) throw new LogCorruptException($"The log does not reach back to the first turn before {planned.Input}.", Position.None);
        if (last < 0) older = null;
        else if (sabotage == Sabotage.SkipsTurnsAfterAnOlderImage) return [];
        return turns![(last + 1)..];
    }

    /// <summary>As an agent's actor does: with an image first, if it has one, and the guest given back before the shard is told.</summary>
    private void FallAsleep(PutToSleep sleep)
    {
        if (!actors.TryGetValue(sleep.Agent, out var actor) || actor.Token != sleep.Token || actor.Runner is not { IsUsable: true } runner) return;
        var image = runner.Turns > 0 ? runner.Capture() : null;
        if (image is not null) Tell(actor, () => Shard.ImageTaken(sleep.Agent, sleep.Token, image));
        else if (!sleep.Forced)
        {
            Tell(actor, () => Shard.AgentStaysAwake(sleep.Agent, sleep.Token));
            return;
        }
        runner.Dispose();
        actor.Runner = null;
        actor.Failed = true;
        Tell(actor, () => Shard.AgentAsleep(sleep.Agent, sleep.Token));
    }

    private void RunTurn(TestActor actor)
    {
        var input = actor.Inbox.Dequeue();
        if (actor.Runner!.Skips(input) && sabotage != Sabotage.RunsCancelledTimers) return;
        var result = actor.Runner.Run(input, actor.Token);
        actor.Failed = result.Fault is not null;
        if (!actor.Failed && actor.Runner.IsCompactionDue) actor.Runner.Compact();
        var image = !actor.Failed && actor.Runner.Turns % actor.Runner.Agent.Definition.SnapshotEveryTurns == 0 ? actor.Runner.Capture() : null;
        var told = WithHealth(result);
        Tell(actor, () => Shard.Complete(told, NowNs));
        if (!actor.Failed) Measure(actor, input.Offset);
        if (image is not null) Tell(actor, () => Shard.ImageTaken(actor.Agent, actor.Token, image));
    }
}
