using Akka.Actor;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard from its clock: agents had their time to get ready for a change.</summary>
internal sealed record PreparationIsOver(object Preparation);

/// <content>
/// Agents that are awake are made ready for a change of their definition before it is recorded. Each finishes what it was given and gets nothing more
/// meanwhile; others are not touched. When all are ready the change is recorded and they go on at once; when one cannot be, nothing has changed.
/// </content>
internal sealed partial class ShardActor
{
    private Preparation? preparation;

    /// <returns>Whether there is somebody to be made ready.</returns>
    private bool BeginPreparation(TopologyOrder order, IActorRef asker)
    {
        return order.PlanOn(shard) is { } plan
            && BeginPreparation(new Preparation(plan, ready => Apply(order, asker, ready), problem => Refuse(order, plan, problem, asker), asker) { Order = order });
    }

    /// <summary>Nobody could be made ready: nothing has changed.</summary>
    private void Refuse(TopologyOrder order, TopologyPlan plan, TopologyProblem problem, IActorRef asker)
    {
        shard.EndPreparation();
        ReplyCommitted(asker, new ShardAnswer(order.Refuse(shard, NowNs, plan, problem, draining is not null)));
    }

    private bool BeginPreparation(Preparation begun)
    {
        var agents = shard.PrepareTopology(begun.Plan).Where(agent => live.ContainsKey(agent.Plan.Agent.Number)).ToList();
        if (agents.Count == 0) return false;
        preparation = begun;
        var self = Self;
        begun.Timer = context.Time.CreateTimer(_ => self.Tell(new PreparationIsOver(begun)), null, context.Options.ReplaceTimeout, Timeout.InfiniteTimeSpan);
        foreach (var agent in agents)
        {
            begun.Waiting[agent.Plan.Agent.Number] = agent.Plan.Token;
            live[agent.Plan.Agent.Number].Tell(new PrepareMove(agent.Plan.Token, agent, agent.Move.Way == MoveWay.Replay ? RecentOf(agent.Plan) : [], begun));
        }
        return true;
    }

    private void Take(MoveIsPrepared prepared)
    {
        if (preparation is not { } underway || !ReferenceEquals(underway, prepared.Preparation))
        {
            if (preparation is null && prepared.IsReady) Sender.Tell(new DropPrepared(prepared.Token));
            return;
        }
        if (underway.Waiting.GetValueOrDefault(prepared.Agent, -1) != prepared.Token) return;
        underway.Waiting.Remove(prepared.Agent);
        underway.Asked[prepared.Agent] = (prepared.Token, Sender);
        if (prepared.IsReady) underway.Ready[prepared.Agent] = prepared.Token;
        if (prepared.Fault is { } fault) underway.Problem ??= Refusal(underway, prepared.Agent, fault);
        ChangeSoon();
    }

    /// <summary>An agent whose actor ended is rebuilt anyway.</summary>
    private void NotPrepared(int agent)
    {
        if (preparation?.Waiting.Remove(agent) == true) ChangeSoon();
    }

    private void Take(PreparationIsOver over)
    {
        if (!ReferenceEquals(over.Preparation, preparation)) return;
        var late = preparation!.Waiting.Keys.Select(agent => $"'{names[agent]}'").Take(3);
        preparation.Problem ??= new TopologyProblem("agents", $"Agent {string.Join(", ", late)} was not ready within {context.Options.ReplaceTimeout.TotalSeconds:0.###} s (replace-timeout): its turn, or moving its state, takes longer.");
        preparation.Waiting.Clear();
        ChangeSoon();
    }

    /// <summary>Decisions of supervisors that are underway come first, as for every change.</summary>
    private void FinishIfReady()
    {
        if (preparation is not { } done || (done.Problem is null && (done.Waiting.Count > 0 || decisions.Count > 0))) return;
        preparation = null;
        done.Timer.Dispose();
        if (done.Problem is null && draining is null)
        {
            CarryOutEffects();
            done.Apply(done.Ready);
        }
        else
        {
            foreach (var (token, actor) in done.Asked.Values) actor.Tell(new DropPrepared(token));
            done.Refuse(done.Problem ?? new TopologyProblem("", NodeIsEnding));
            CarryOutEffects();
        }
    }

    private TopologyProblem Refusal(Preparation underway, int agent, GuestFault fault)
    {
        var definition = shard.Agent(agent)!.Definition.Name;
        var way = MoveChooser.Word(underway.Plan.Moves.First(m => m.IsFor(definition, names[agent])).Way);
        return new TopologyProblem($"agents.{definition}.module", $"The state of agent '{names[agent]}' could not be moved by {way}: {fault.Message}");
    }

    private void CarryOut(SwapAgent swap)
    {
        if (live.TryGetValue(swap.Agent.Number, out var actor)) actor.Tell(new SwapGuest(swap.Token, swap.Agent));
    }

    /// <summary>A change that waits for agents to get ready.</summary>
    private sealed class Preparation(TopologyPlan plan, Action<IReadOnlyDictionary<int, int>> apply, Action<TopologyProblem> refuse, IActorRef asker)
    {
        public TopologyPlan Plan => plan;

        /// <summary>Makes the change, with those who are ready.</summary>
        public Action<IReadOnlyDictionary<int, int>> Apply => apply;

        /// <summary>Says why nothing comes of it.</summary>
        public Action<TopologyProblem> Refuse => refuse;

        /// <summary>Who waits for an answer.</summary>
        public IActorRef Asker => asker;

        /// <summary>The order that it comes from; null if the mesh does it by itself.</summary>
        public TopologyOrder? Order { get; init; }

        public ITimer Timer { get; set; } = null!;

        /// <summary>Those that have not answered, with the lives that were asked.</summary>
        public Dictionary<int, int> Waiting { get; } = [];

        /// <summary>Those that have a guest ready.</summary>
        public Dictionary<int, int> Ready { get; } = [];

        /// <summary>Those that answered.</summary>
        public Dictionary<int, (int Token, IActorRef Actor)> Asked { get; } = [];

        /// <summary>Why nothing comes of it, or null.</summary>
        public TopologyProblem? Problem { get; set; }
    }
}
