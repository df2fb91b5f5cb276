using Akka.Actor;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Shards;

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
            RefuseAgent(resolved, resolved.Problem);
            return;
        }
        changes.Enqueue((new ChangeTopology(change.Target, null, "", change.Reason, change.Moves, change.Drain, change.Canary) { Asked = resolved }, ActorRefs.Nobody));
        ChangeWhatWaits();
    }

    /// <summary>What agents have to get ready for; null where nothing is changed.</summary>
    private TopologyPlan? PlanToPrepare(ResolvedChange asked, AskedChange change) =>
        change.OnlyPlans || (change.IfMatch is { } at && at != shard.TopologyAt.Offset) ? null : shard.PlanAsked(asked.Request.Offset, change);

    private void AnswerAgent(ResolvedChange asked, IReadOnlyDictionary<int, int>? ready)
    {
        shard.AnswerChange(asked.Request.Offset, asked.Change!, NowNs, ready);
        asked.Dispose();
        CarryOutEffects();
    }

    /// <summary>While the node ends nobody is refused anything: the request waits for its next run.</summary>
    private void RefuseAgent(ResolvedChange asked, TopologyProblem? problem)
    {
        if (draining is null && problem is not null) shard.RefuseChange(asked.Request.Offset, problem, NowNs);
        asked.Dispose();
    }

    private void ForgetResolvedChanges()
    {
        foreach (var (change, _) in changes) change.Asked?.Dispose();
        preparation?.Request?.Dispose();
    }
}
