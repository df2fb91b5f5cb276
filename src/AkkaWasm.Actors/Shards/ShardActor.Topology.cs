using Akka.Actor;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard: change the topology. Answered with <see cref="ShardAnswer"/> that holds a <see cref="TopologyAnswer"/>, after the commit.</summary>
/// <param name="Target">What it shall be; its modules are in the data folder.</param>
/// <param name="BasedOn">Offset of the topology that the change was planned against, or null.</param>
/// <param name="Author">Who changes it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Moves">How states are to be moved: see <see cref="MoveChooser"/>.</param>
/// <param name="Drain">How long agents that go may take to handle what waits for them, or null.</param>
/// <param name="Canary">How the definitions that change are watched, or null.</param>
internal sealed record ChangeTopology(
    MeshTopology Target, long? BasedOn, string Author, string Reason, IReadOnlyDictionary<string, MoveRequest> Moves, TimeSpan? Drain = null, CanaryPolicy? Canary = null) : IShardQuestion
{
    /// <summary>The request of an agent that it is, which has its answer in the log; null for one from outside.</summary>
    public ResolvedChange? Asked { get; init; }
}

/// <summary>To the shard: what was the topology at a position? Answered with <see cref="ShardAnswer"/> that holds a <see cref="TopologyAtIs"/>.</summary>
/// <param name="Position">Offset of a record.</param>
internal sealed record GetTopologyAt(long Position) : IShardQuestion;

/// <summary>The topology at a position, or why it cannot be said.</summary>
internal sealed record TopologyAtIs(MeshTopology? Topology, string? Problem);

/// <content>The topology changes. Decisions of supervisors that are underway are carried out before, in the tree that they were made for.</content>
internal sealed partial class ShardActor
{
    private readonly Queue<(ChangeTopology Change, IActorRef Asker)> changes = [];
    private AgentContext agents = null!;

    private void Take(ChangeTopology change)
    {
        if (draining is not null)
        {
            Sender.Tell(new Status.Failure(new MeshNodeException(NodeFailure.Ended, "The node is ending; change its topology when it runs again.")));
            return;
        }
        changes.Enqueue((change, Sender));
        ChangeWhatWaits();
    }

    private void Take(GetTopologyAt question)
    {
        var asker = Sender;
        ReadPast(() => Task.FromResult(context.Journal.CutAt(question.Position, context.Options)),
            cut => asker.Tell(new ShardAnswer(new TopologyAtIs(cut.Topology, cut.Topology is null ? $"At offset {question.Position} the mesh had no topology yet." : null))),
            problem => asker.Tell(new ShardAnswer(new TopologyAtIs(null, problem))));
    }

    private void ChangeWhatWaits()
    {
        if (preparation is not null) FinishIfReady();
        if (changes.Count == 0 && rulesDue.Count == 0 && !CanariesWait) return;
        CarryOutEffects();
        Judge();
        while (preparation is null && decisions.Count == 0 && changes.TryDequeue(out var next))
            if (!BeginPreparation(next.Change, next.Asker)) Apply(next.Change, next.Asker, null);
        CarryOutRules();
    }

    private void Apply(ChangeTopology change, IActorRef asker, IReadOnlyDictionary<int, int>? ready)
    {
        if (change.Asked is { } asked)
        {
            AnswerAgent(asked, ready);
            return;
        }
        var answer = shard.ApplyTopology(change.Target, change.BasedOn, change.Author, change.Reason, NowNs, change.Moves, ready, change.Drain, change.Canary);
        ReplyCommitted(asker, new ShardAnswer(answer));
        CarryOutEffects();
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
