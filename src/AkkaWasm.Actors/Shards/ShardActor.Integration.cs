using Akka.Actor;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Shards;

/// <summary>The shard to itself: make the change that an agent asked for, which has its answer in the log.</summary>
/// <param name="Asked">The request, with what it holds.</param>
/// <param name="Change">What it asks for.</param>
internal sealed record AnswerChange(ResolvedChange Asked, AskedChange Change) : TopologyOrder
{
    public override TopologyPlan? PlanOn(Shard shard) =>
        Change.OnlyPlans || (Change.IfMatch is { } at && at != shard.TopologyAt.Offset) ? null : shard.PlanAsked(Asked.Request.Offset, Change);

    public override object? CarryOut(Shard shard, long now, IReadOnlyDictionary<int, int>? ready)
    {
        shard.AnswerChange(Asked.Request.Offset, Change, now, ready);
        Forget();
        return null;
    }

    public override object? Refuse(Shard shard, long now, TopologyPlan plan, TopologyProblem problem, bool isEnding)
    {
        Refuse(shard, now, Asked, problem, isEnding);
        return null;
    }

    /// <summary>While the node ends nobody is refused anything: the request waits for its next run.</summary>
    public static void Refuse(Shard shard, long now, ResolvedChange asked, TopologyProblem? problem, bool isEnding)
    {
        if (!isEnding && problem is not null) shard.RefuseChange(asked.Request.Offset, problem, now);
        asked.Dispose();
    }

    public override void Forget() => Asked.Dispose();
}

/// <content>
/// Agents change the topology. What one asks for is read off the shard's thread, as text and modules may be large, and then waits like other changes. When
/// the node ends before, the request is still in the log, and is read again when it runs again.
/// </content>
internal sealed partial class ShardActor
{
    private void CarryOut(ResolveChange resolve)
    {
        var (running, at, reader) = (shard.Topology!, shard.TopologyAt.Offset, context.Changes);
        Task.Run(() => reader.Resolve(resolve.Request, running, at))
            .PipeTo(Self, failure: e => new ResolvedChange(resolve.Request, null, new TopologyProblem("", $"The change cannot be read: {e.Message}"), null));
    }

    private void Take(ResolvedChange resolved)
    {
        if (draining is not null || resolved.Change is not { } change)
        {
            AnswerChange.Refuse(shard, NowNs, resolved, resolved.Problem, draining is not null);
            return;
        }
        changes.Enqueue((new AnswerChange(resolved, change), ActorRefs.Nobody));
        ChangeSoon();
    }

    private void ForgetResolvedChanges()
    {
        foreach (var (order, _) in changes) order.Forget();
        preparation?.Order?.Forget();
    }
}
