using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Akka.Actor;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using Microsoft.Extensions.Logging;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <content>What the core wants done.</content>
internal sealed partial class ShardActor
{
    private static readonly Dictionary<Type, Action<ShardActor, ShardEffect>> Effects = new()
    {
        [typeof(DeliverEvents)] = (s, e) => s.CarryOut((DeliverEvents)e),
        [typeof(RebuildAgent)] = (s, e) => s.AfterDecisions(((RebuildAgent)e).Agent, e),
        [typeof(HealAgents)] = (s, e) => s.CarryOut((HealAgents)e),
        [typeof(EndAgent)] = (s, e) => s.AfterDecisions(((EndAgent)e).Agent, e),
        [typeof(PutToSleep)] = (s, e) => s.CarryOut((PutToSleep)e),
        [typeof(TopologyChanged)] = (s, e) => s.CarryOut((TopologyChanged)e),
        [typeof(SwapAgent)] = (s, e) => s.CarryOut((SwapAgent)e),
        [typeof(SaveImage)] = (s, e) => s.CarryOut((SaveImage)e),
        [typeof(DropImage)] = (s, e) => s.CarryOut((DropImage)e),
        [typeof(RemoveRows)] = (s, e) => s.CarryOut((RemoveRows)e),
        [typeof(ReadPast)] = (s, e) => s.CarryOut((ReadPast)e),
        [typeof(LoadEvents)] = (s, e) => s.CarryOut((LoadEvents)e),
        [typeof(PlanRewind)] = (s, e) => s.CarryOut((PlanRewind)e),
        [typeof(PlanRollBack)] = (s, e) => s.CarryOut((PlanRollBack)e),
        [typeof(ResolveChange)] = (s, e) => s.CarryOut((ResolveChange)e),
        [typeof(CanaryIsDue)] = (s, _) => s.AskForJudgement(),
        [typeof(RuleIsDue)] = (s, e) => s.AskForRule((RuleIsDue)e),
        [typeof(AnswerOperator)] = (_, e) => CarryOut((AnswerOperator)e),
        [typeof(WriteLine)] = (s, e) => s.CarryOut((WriteLine)e),
        [typeof(AcknowledgePublish)] = (s, e) => s.CarryOut((AcknowledgePublish)e),
    };

    /// <summary>What a drain leaves undone: the next run does it.</summary>
    private static readonly HashSet<Type> LeftByDrain =
    [
        typeof(DeliverEvents), typeof(RebuildAgent), typeof(HealAgents), typeof(EndAgent), typeof(PutToSleep), typeof(SwapAgent), typeof(LoadEvents), typeof(ReadPast), typeof(PlanRewind),
        typeof(RemoveRows), typeof(CanaryIsDue), typeof(PromotionIsDue), typeof(PlanRollBack), typeof(ResolveChange), typeof(RuleIsDue),
    ];

    private readonly Dictionary<int, IActorRef> live = [];
    private readonly Dictionary<int, List<ShardEffect>> barred = [];
    private readonly Queue<HealAgents> decisions = [];

    private void CarryOutEffects()
    {
        agentsKnown = names.Learn(shard, agentsKnown);
        while (shard.TakeEffects() is { Count: > 0 } effects)
            foreach (var effect in effects)
                if (draining is null || !LeftByDrain.Contains(effect.GetType())) Effects[effect.GetType()](this, effect);
    }

    private void CarryOut(DeliverEvents deliver)
    {
        if (live.TryGetValue(deliver.Agent, out var agent)) agent.Tell(new Deliver(deliver.Token, deliver.Events));
    }

    /// <summary>
    /// Decisions are carried out one after the other, and new lives of the agents they touch wait for that: a directive that came after the new
    /// life began would end it.
    /// </summary>
    private void CarryOut(HealAgents heal)
    {
        var (decision, fault) = (heal.Decision, heal.Fault);
        NodeLog.AgentFailed(logger, names[decision.Agent], decision.Input, FaultNames.Of(fault.Kind), fault.Code, fault.Message, decision.Directive.ToString().ToLowerInvariant(), decision.Quarantine);
        foreach (var agent in decision.Affected) barred.TryAdd(agent, []);
        decisions.Enqueue(heal);
        if (decisions.Count == 1) BeginDecision();
    }

    private void BeginDecision()
    {
        var (decision, fault) = (decisions.Peek().Decision, decisions.Peek().Fault);
        supervisors.Tell(new Heal(shard.Agent(decision.Agent)!.Definition, new GuestFailedException(decision, fault)));
    }

    private void Take(DecisionCarriedOut done)
    {
        decisions.Dequeue();
        foreach (var agent in done.Decision.Affected)
        {
            if (done.Decision.Directive == HealingDirective.Stop)
            {
                live.Remove(agent);
                draining?.Waiting.Remove(agent);
            }
            if (decisions.Any(d => d.Decision.Affected.Contains(agent)) || !barred.Remove(agent, out var waiting)) continue;
            foreach (var effect in waiting) Launch(effect);
            ServeHashes(agent);
        }
        if (decisions.Count > 0)
        {
            BeginDecision();
            return;
        }
        Judge();
        ChangeSoon();
    }

    private void AfterDecisions(int agent, ShardEffect effect)
    {
        if (barred.TryGetValue(agent, out var waiting)) waiting.Add(effect);
        else Launch(effect);
    }

    private void Launch(ShardEffect effect)
    {
        if (effect is RebuildAgent rebuild) CarryOut(rebuild);
        else CarryOut((EndAgent)effect);
    }

    private void CarryOut(RebuildAgent rebuild)
    {
        var plan = shard.PlanRebuild(rebuild.Agent, rebuild.Token);
        supervisors.Tell(new StartAgent(plan, RecentOf(plan)));
        CountWaking();
    }

    /// <summary>The events of the last inputs of a plan, as far as they are in memory.</summary>
    private ImmutableArray<MeshEvent> RecentOf(RebuildPlan plan)
    {
        var recent = new List<MeshEvent>();
        for (var i = plan.Inputs.Length - 1; i >= 0 && shard.FindEvent(plan.Inputs[i].Input) is { } e; i--) recent.Add(e);
        recent.Reverse();
        return [.. recent];
    }

    private void CarryOut(EndAgent end)
    {
        live.Remove(end.Agent);
        supervisors.Tell(new StopAgent(shard.Agent(end.Agent)!, end.Token));
        ServeHashes(end.Agent);
    }

    private void CarryOut(LoadEvents load)
    {
        var journal = context.Journal;
        Read().PipeTo(Self, success: events => new StretchIsLoaded(load.From, load.To, events), failure: e => new Status.Failure(e));

        async Task<ImmutableArray<MeshEvent>> Read()
        {
            var events = ImmutableArray.CreateBuilder<MeshEvent>();
            await foreach (var e in journal.EventsAsync(load.From, load.To).ConfigureAwait(false)) events.Add(e);
            return events.ToImmutable();
        }
    }

    private void CarryOut(WriteLine line)
    {
        var level = (LogLevel)Math.Clamp(line.Line.Level, (int)LogLevel.Trace, (int)LogLevel.Error);
        NodeLog.GuestWrites(context.Logs.CreateLogger("AkkaWasm.Guests"), level, line.Agent, line.Line.Text);
    }

    private void CarryOut(AcknowledgePublish acknowledge)
    {
        // several hundred thousand a second: no iterator, no delegate
        var positions = new Position[acknowledge.Offsets.Length];
        for (var i = 0; i < positions.Length; i++) positions[i] = new Position(context.Options.Shard, shard.EpochAt(acknowledge.Offsets[i]), acknowledge.Offsets[i]);
        ((IPublishTicket)acknowledge.Ticket).Answer(PublishReply.Accepted(ImmutableCollectionsMarshal.AsImmutableArray(positions), acknowledge.Duplicates));
    }
}
