using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <content>What each message is to the core.</content>
internal sealed partial class ShardActor
{
    /// <summary>What the shard's own parts say to it; handled from the beginning.</summary>
    private static readonly Dictionary<Type, Action<ShardActor, object>> Handlers = new()
    {
        [typeof(LastRowIs)] = (s, m) => s.CheckLastRow(((LastRowIs)m).Block),
        [typeof(TurnsDone)] = (s, m) => s.Take((TurnsDone)m),
        [typeof(AgentIsReady)] = (s, m) => s.Take((AgentIsReady)m),
        [typeof(AgentIsUnavailable)] = (s, m) => s.Take((AgentIsUnavailable)m),
        [typeof(AgentIsLost)] = (s, m) => s.Take((AgentIsLost)m),
        [typeof(AgentIsIdle)] = (s, m) => s.shard.AgentIdle(((AgentIsIdle)m).Agent, ((AgentIsIdle)m).Token),
        [typeof(AgentIsAsleep)] = (s, m) => s.shard.AgentAsleep(((AgentIsAsleep)m).Agent, ((AgentIsAsleep)m).Token),
        [typeof(AgentStaysAwake)] = (s, m) => s.shard.AgentStaysAwake(((AgentStaysAwake)m).Agent, ((AgentStaysAwake)m).Token),
        [typeof(LookAtMemory)] = (s, _) => s.Look(),
        [typeof(CaptureGoesOn)] = (s, _) => s.ContinueCapture(),
        [typeof(ImageIsTaken)] = (s, m) => s.shard.ImageTaken(((ImageIsTaken)m).Agent, ((ImageIsTaken)m).Token, ((ImageIsTaken)m).Image),
        [typeof(ImagesAreDue)] = (s, _) => s.BeginImageGroup(),
        [typeof(ImageIsStored)] = (s, m) => s.Take((ImageIsStored)m),
        [typeof(ImagesAreDropped)] = (s, m) => s.Take((ImagesAreDropped)m),
        [typeof(PartsAreSwept)] = (s, m) => s.Take((PartsAreSwept)m),
        [typeof(DamageIsFound)] = (s, m) => s.Take((DamageIsFound)m),
        [typeof(RetentionIsDue)] = (s, _) => s.BeginRetention(),
        [typeof(LookForNeeds)] = (s, _) => s.FindNeeds(),
        [typeof(BaseIsSaved)] = (s, m) => s.Take((BaseIsSaved)m),
        [typeof(RowsAreRemoved)] = (s, m) => s.Take((RowsAreRemoved)m),
        [typeof(StretchIsLoaded)] = (s, m) => s.shard.EventsLoaded(((StretchIsLoaded)m).From, ((StretchIsLoaded)m).To, ((StretchIsLoaded)m).Events),
        [typeof(QuarantinedIsLoaded)] = (s, m) => s.Release((QuarantinedIsLoaded)m),
        [typeof(PastIsRead)] = (_, m) => ((PastIsRead)m).Go(),
        [typeof(RewindIsPlanned)] = (s, m) => s.Take((RewindIsPlanned)m),
        [typeof(RollBackIsRead)] = (s, m) => s.Take((RollBackIsRead)m),
        [typeof(ResolvedChange)] = (s, m) => s.Take((ResolvedChange)m),
        [typeof(MoveIsPrepared)] = (s, m) => s.Take((MoveIsPrepared)m),
        [typeof(PreparationIsOver)] = (s, m) => s.Take((PreparationIsOver)m),
        [typeof(DecisionCarriedOut)] = (s, m) => s.Take((DecisionCarriedOut)m),
        [typeof(StateIsHashed)] = (s, m) => s.Take((StateIsHashed)m),
        [typeof(AgentIsFinished)] = (s, m) => s.draining?.Waiting.Remove(((AgentIsFinished)m).Agent),
        [typeof(Alarm)] = (s, _) => s.Tick(),
        [typeof(DrainShard)] = (s, _) => s.BeginDrain(s.Sender),
        [typeof(SaveSnapshotSuccess)] = (s, m) => s.TakeSaved(((SaveSnapshotSuccess)m).Metadata.SequenceNr),
        [typeof(Status.Failure)] = (_, m) => FailBy(((Status.Failure)m).Cause),
        [typeof(SaveSnapshotFailure)] = (s, m) => s.TakeNotSaved(((SaveSnapshotFailure)m).Cause),
    };

    /// <summary>What comes from outside; held until the epoch is committed.</summary>
    private static readonly Dictionary<Type, Action<ShardActor, object>> Questions = new()
    {
        [typeof(PublishersWait)] = (s, m) => s.Take((PublishersWait)m),
        [typeof(PublishToShard)] = (s, m) => s.Take((PublishToShard)m),
        [typeof(GetSourceCursor)] = (s, m) => s.ReplyCommitted(s.Sender, new SourceCursorIs(s.shard.SourceCursor(((GetSourceCursor)m).Source))),
        [typeof(AskShard)] = (s, m) => s.Answer((AskShard)m),
        [typeof(GetStateHash)] = (s, m) => s.HashState((GetStateHash)m),
        [typeof(ReleaseFromQuarantine)] = (s, m) => s.Release((ReleaseFromQuarantine)m),
        [typeof(ForkAgent)] = (s, m) => s.Take((ForkAgent)m),
        [typeof(EmptyQuarantine)] = (s, m) => s.Take((EmptyQuarantine)m),
        [typeof(LookAtAgentRewind)] = (s, m) => s.Take((LookAtAgentRewind)m),
        [typeof(RewindMeshTo)] = (s, m) => s.Take((RewindMeshTo)m),
        [typeof(OperateAgent)] = (s, m) => s.Take((OperateAgent)m),
        [typeof(GetTopologyAt)] = (s, m) => s.Take((GetTopologyAt)m),
        [typeof(AbortCanary)] = (s, m) => s.Take((AbortCanary)m),
        [typeof(JudgeCanaries)] = (s, _) => s.Judge(),
        [typeof(CarryOutChanges)] = (s, _) => s.ChangeWhatWaits(),
        [typeof(ChangeTopology)] = (s, m) => s.Take((TopologyOrder)m),
        [typeof(PromoteCanary)] = (s, m) => s.Take((TopologyOrder)m),
        [typeof(KillAgent)] = (s, m) => s.Take((KillAgent)m),
        [typeof(TellWhenIdle)] = (s, _) => s.idleWatchers.Add(s.Sender),
    };

    private readonly PublishGate.Publisher[] publishers;
    private readonly Queue<(long Offset, IActorRef To, object Answer)> replies = [];

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private static void FailBy(Exception cause) =>
        throw (cause is LogCorruptException ? cause : new InvalidOperationException($"The journal cannot be read: {cause.Message}", cause));

    /// <summary>Nothing that a crash could take back is shown: an answer waits until what it may rest on is committed.</summary>
    private void ReplyCommitted(IActorRef to, object answer)
    {
        if (shard.CommittedOffset == shard.NextOffset - 1) to.Tell(answer);
        else replies.Enqueue((shard.NextOffset - 1, to, answer));
    }

    private void SendReplies()
    {
        while (replies.TryPeek(out var reply) && reply.Offset <= shard.CommittedOffset)
        {
            replies.Dequeue();
            reply.To.Tell(reply.Answer);
        }
    }

    private void Take(PublishToShard publish)
    {
        if (Publish(publish.Batch, new PublishTicket(Sender, publish.Id)) && publish.TellWhenTaken) Sender.Tell(new PublishTaken(publish.Id));
    }

    /// <summary>Some at a time: what else waits for the shard, a commit above all, comes between.</summary>
    private void Take(PublishersWait call)
    {
        var taken = call.Gate.Take(publishers);
        for (var i = 0; i < taken; i++)
        {
            Publish(publishers[i].Batch, publishers[i]);
            publishers[i] = null!;
        }
        inputsTaken += taken;
        if (taken == publishers.Length) Self.Tell(call);
    }

    private bool Publish(PublishBatch batch, IPublishTicket ticket)
    {
        var problem = draining is not null
            ? new PublishProblem(PublishRefusal.Overloaded, 0, "The node is ending; publish the same batch again later.")
            : shard.Publish(batch, ticket, NowNs);
        if (problem is not null) ticket.Answer(PublishReply.Refused(problem, problem.Reason == PublishRefusal.Overloaded ? RetryAfter : null));
        return problem is null;
    }

    private void Take(TurnsDone done)
    {
        var now = NowNs;
        foreach (var result in done.Results) shard.Complete(result, now);
        if (done.Results is [var first, ..]) shard.NoteUse(first.Agent, first.Token, done.Use);
    }

    private void Take(AgentIsReady ready)
    {
        live[ready.Agent] = Sender;
        shard.AgentReady(ready.Agent, ready.Token, NowNs, ready.UnusableImage);
        ServeHashes(ready.Agent);
    }

    private void Take(AgentIsUnavailable unavailable)
    {
        live.Remove(unavailable.Agent);
        NotPrepared(unavailable.Agent);
        shard.AgentUnavailable(unavailable.Agent, unavailable.Token, unavailable.Fault, NowNs);
        ServeHashes(unavailable.Agent);
    }

    private void Take(AgentIsLost lost) => Take(new AgentIsUnavailable(lost.Agent, lost.Token, new GuestFault(FaultKind.Operating, "actor-ended", "The agent's actor ended unexpectedly.")));

    private void Tick()
    {
        armedFor = null;
        shard.Tick(NowNs);
    }

    private void TakeSaved(long sequenceNr)
    {
        OnStateSaved(sequenceNr);
        if (draining is { IsSavingState: true }) EndDrain();
    }

    private void TakeNotSaved(Exception cause)
    {
        NodeLog.ShardStateNotSaved(logger, context.Options.Shard, cause.Message);
        if (draining is { IsSavingState: true }) EndDrain();
    }

    private void Release(ReleaseFromQuarantine request)
    {
        if (request.Drop) ReplyCommitted(Sender, new ShardAnswer(shard.Drop(request.Agent, request.Offset, NowNs)));
        else if (shard.FindEvent(request.Offset) is { } e) Release(new QuarantinedIsLoaded(request, Sender, e));
        else
        {
            var (replyTo, journal) = (Sender, context.Journal);
            ReadOne().PipeTo(Self, success: found => new QuarantinedIsLoaded(request, replyTo, found), failure: _ => new QuarantinedIsLoaded(request, replyTo, null));

            async Task<MeshEvent?> ReadOne()
            {
                await foreach (var found in journal.EventsAsync(request.Offset, request.Offset).ConfigureAwait(false)) return found;
                return null;
            }
        }
    }

    private void Release(QuarantinedIsLoaded loaded)
    {
        var request = loaded.Request;
        ReplyCommitted(loaded.ReplyTo, new ShardAnswer(loaded.Event is null
            ? $"There is no event at offset {request.Offset} in the log."
            : shard.Release(request.Agent, loaded.Event, request.Edited, NowNs)));
    }
}
