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
    private bool BeginPreparation(ChangeTopology change, IActorRef asker)
    {
        if (change.BasedOn is { } at && at != shard.TopologyAt.Offset) return false;
        var plan = change.Asked is { Change: { } wanted } asked ? PlanToPrepare(asked, wanted) : shard.PlanTopology(change.Target, change.Moves);
        return plan is not null && BeginPreparation(new Preparation(plan, ready => Apply(change, asker, ready), problem => Refuse(change, plan, problem, asker), asker) { Request = change.Asked });
    }

    /// <summary>Nobody could be made ready: nothing has changed.</summary>
    private void Refuse(ChangeTopology change, TopologyPlan plan, TopologyProblem problem, IActorRef asker)
    {
        shard.EndPreparation();
        if (change.Asked is { } asked) RefuseAgent(asked, problem);
        else ReplyCommitted(asker, new ShardAnswer(new TopologyAnswer(TopologyOutcome.Refused, shard.TopologyAt, plan with { Problems = [problem] }, [])));
    }

    private bool BeginPreparation(Preparation begun)
    {
        var orders = shard.PrepareTopology(begun.Plan).Where(order => live.ContainsKey(order.Plan.Agent.Number)).ToList();
        if (orders.Count == 0) return false;
        preparation = begun;
        var self = Self;
        begun.Timer = context.Time.CreateTimer(_ => self.Tell(new PreparationIsOver(begun)), null, context.Options.ReplaceTimeout, Timeout.InfiniteTimeSpan);
        foreach (var order in orders)
        {
            begun.Waiting[order.Plan.Agent.Number] = order.Plan.Token;
            live[order.Plan.Agent.Number].Tell(new PrepareMove(order.Plan.Token, order, RecentOf(order.Plan), begun));
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
        FinishIfReady();
    }

    /// <summary>An agent whose actor ended is rebuilt anyway.</summary>
    private void NotPrepared(int agent)
    {
        if (preparation is null || !preparation.Waiting.Remove(agent)) return;
        FinishIfReady();
    }

    private void Take(PreparationIsOver over)
    {
        if (!ReferenceEquals(over.Preparation, preparation)) return;
        var late = preparation!.Waiting.Keys.Select(agent => $"'{names[agent]}'").Take(3);
        preparation.Problem ??= new TopologyProblem("agents", $"Agent {string.Join(", ", late)} was not ready within {context.Options.ReplaceTimeout.TotalSeconds:0.###} s (replace-timeout): its turn, or moving its state, takes longer.");
        preparation.Waiting.Clear();
        FinishIfReady();
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
            done.Refuse(done.Problem ?? new TopologyProblem("", "The node is ending; change its topology when it runs again."));
            CarryOutEffects();
        }
        ChangeWhatWaits();
    }

    private TopologyProblem Refusal(Preparation underway, int agent, GuestFault fault)
    {
        var definition = shard.Agent(agent)!.Definition.Name;
        var way = MoveChooser.Word(underway.Plan.Moves.First(m => m.Agent == definition).Way);
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

        /// <summary>The request of an agent that it comes from, or null.</summary>
        public ResolvedChange? Request { get; init; }

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
