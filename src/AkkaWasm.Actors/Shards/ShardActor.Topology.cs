using Akka.Actor;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard: something that changes the topology, for which agents that are awake may have to be made ready. Answered with <see cref="ShardAnswer"/> after the commit.</summary>
internal abstract record TopologyOrder : IShardQuestion
{
    /// <summary>What it takes; null where nobody has to be made ready.</summary>
    public abstract TopologyPlan? PlanOn(Shard shard);

    /// <summary>Does it.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <param name="ready">Agents that were made ready, or null for none.</param>
    /// <returns>The answer.</returns>
    public abstract object? CarryOut(Shard shard, long now, IReadOnlyDictionary<int, int>? ready);

    /// <summary>Does not do it.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <param name="plan">What was to be done.</param>
    /// <param name="problem">Why not.</param>
    /// <param name="isEnding">Whether the node is ending, so that the next run has to see to it.</param>
    /// <returns>The answer.</returns>
    public abstract object? Refuse(Shard shard, long now, TopologyPlan plan, TopologyProblem problem, bool isEnding);

    /// <summary>Gives up what it holds: nobody comes back to it.</summary>
    public virtual void Forget()
    {
    }
}

/// <summary>To the shard: change the topology. Answered with <see cref="ShardAnswer"/> that holds a <see cref="TopologyAnswer"/>, after the commit.</summary>
/// <param name="Target">What it shall be; its modules are in the data folder.</param>
/// <param name="BasedOn">Offset of the topology that the change was planned against, or null.</param>
/// <param name="Author">Who changes it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Moves">How states are to be moved: see <see cref="MoveChooser"/>.</param>
/// <param name="Drain">How long agents that go may take to handle what waits for them, or null.</param>
/// <param name="Canary">How the definitions that change are watched, or null.</param>
internal sealed record ChangeTopology(
    MeshTopology Target, long? BasedOn, string Author, string Reason, IReadOnlyDictionary<string, MoveRequest> Moves, TimeSpan? Drain = null, CanaryPolicy? Canary = null) : TopologyOrder
{
    public override TopologyPlan? PlanOn(Shard shard) => BasedOn is { } at && at != shard.TopologyAt.Offset ? null : shard.PlanTopology(Target, Moves, Canary);

    public override object? CarryOut(Shard shard, long now, IReadOnlyDictionary<int, int>? ready) =>
        shard.ApplyTopology(Target, BasedOn, Author, Reason, now, Moves, ready, Drain, Canary);

    public override object? Refuse(Shard shard, long now, TopologyPlan plan, TopologyProblem problem, bool isEnding) =>
        new TopologyAnswer(TopologyOutcome.Refused, shard.TopologyAt, plan with { Problems = [problem] }, []);
}

/// <summary>The shard to itself: carry out the changes that wait, those that rules and watched definitions want among them, as soon as no decision is underway.</summary>
internal sealed record CarryOutChanges : IShardQuestion
{
    public static CarryOutChanges Instance { get; } = new();
}

/// <summary>To the shard: what was the topology at a position? Answered with <see cref="ShardAnswer"/> that holds a <see cref="TopologyAtIs"/>.</summary>
/// <param name="Position">Offset of a record.</param>
/// <param name="AsTarget">Whether the mesh is to become it again: see <see cref="Shard.BackTo"/>.</param>
internal sealed record GetTopologyAt(long Position, bool AsTarget = false) : IShardQuestion;

/// <summary>The topology at a position, or why it cannot be said.</summary>
internal sealed record TopologyAtIs(MeshTopology? Topology, string? Problem);

/// <content>The topology changes. Decisions of supervisors that are underway are carried out before, in the tree that they were made for.</content>
internal sealed partial class ShardActor
{
    private const string NodeIsEnding = "The node is ending; change its topology when it runs again.";

    private readonly Queue<(TopologyOrder Order, IActorRef Asker)> changes = [];
    private AgentContext agents = null!;
    private bool isChangeDue;

    private bool ChangesWait => preparation is not null || changes.Count > 0 || rulesDue.Count > 0 || CanariesWait;

    private static Status.Failure IsEnding => new(new MeshNodeException(NodeFailure.Ended, NodeIsEnding));

    private void Take(TopologyOrder order)
    {
        if (draining is not null)
        {
            Sender.Tell(IsEnding);
            return;
        }
        changes.Enqueue((order, Sender));
        ChangeSoon();
    }

    private void Take(GetTopologyAt question)
    {
        var asker = Sender;
        ReadPast(() => Task.FromResult(context.Journal.CutAt(question.Position, context.Options)),
            cut => asker.Tell(new ShardAnswer(new TopologyAtIs(
                cut.Topology is not null && question.AsTarget ? shard.BackTo(cut) : cut.Topology,
                cut.Topology is null ? $"At offset {question.Position} the mesh had no topology yet." : null))),
            problem => asker.Tell(new ShardAnswer(new TopologyAtIs(null, problem))));
    }

    /// <summary>
    /// Has what waits carried out when the next block is on its way to the disk, or at once where there is none: agents that a change does not concern
    /// wait for the disk then anyhow, and not for the change, and what is written of it could not be written before.
    /// </summary>
    private void ChangeSoon() => isChangeDue = true;

    private void ChangeWhatWaits()
    {
        if (preparation is not null) FinishIfReady();
        if (!ChangesWait) return;
        CarryOutEffects();
        if (draining is not null) ForgetChanges();
        Judge();
        SetBack();
        while (preparation is null && decisions.Count == 0 && changes.TryDequeue(out var next))
            if (!BeginPreparation(next.Order, next.Asker)) Apply(next.Order, next.Asker, null);
        CarryOutRules();
    }

    private void Apply(TopologyOrder order, IActorRef asker, IReadOnlyDictionary<int, int>? ready)
    {
        var answer = order.CarryOut(shard, NowNs, ready);
        ReplyCommitted(asker, new ShardAnswer(answer));
        CarryOutEffects();
    }

    /// <summary>The node ends: what agents asked for is in the log still, and others are told to ask again.</summary>
    private void ForgetChanges()
    {
        while (changes.TryDequeue(out var next))
        {
            next.Order.Forget();
            next.Asker.Tell(IsEnding);
        }
    }

    /// <summary>Agents that were to end when they are through.</summary>
    private void FinishDrains()
    {
        if (decisions.Count > 0 || preparation is not null || !shard.IsDrainOver) return;
        shard.FinishDrains(NowNs);
        CarryOutEffects();
    }

    private void CarryOut(TopologyChanged changed) => supervisors.Tell(new UseTree(GroupNode.Tree(changed.Topology, agents)));
}
