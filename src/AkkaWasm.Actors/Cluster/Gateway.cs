using Akka.Actor;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Sources;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Cluster;

/// <summary>To the gateway: publish a batch. Answered with a <see cref="PublishReply"/>.</summary>
internal sealed record PublishRequest(PublishBatch Batch);

/// <summary>
/// Stands between publishers and the shard. A publisher always gets an answer: if the shard ends before it gave one, that says to publish the same
/// batch again, which the ids of its events make harmless.
/// </summary>
internal sealed class Gateway : UntypedActor
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, IActorRef> waiting = [];
    private IActorRef? shard;
    private long nextId;
    private bool isStopped;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PublishRequest request: Publish(request); break;
            case PublishAnswer answer when waiting.Remove(answer.Id, out var publisher): publisher.Tell(answer.Reply); break;
            case ShardIsUp up: shard = up.Shard; break;
            case ShardIsDown: LoseShard(); break;
            case StopIntake: Stop(); break;
        }
    }

    /// <summary>Whoever waits for an answer gets one before the gateway forgets; what was appended for them is found by the same ids.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        if (message is PublishRequest) Sender.Tell(Refusal("The gateway failed and begins again"));
        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.Parent.Tell(new ComponentIsBack());
    }

    protected override void PostStop() => LoseShard();

    private void Publish(PublishRequest request)
    {
        if (isStopped || shard is null)
        {
            Sender.Tell(Refusal(isStopped ? "The node is ending" : "The mesh recovers from its log"));
            return;
        }
        waiting[++nextId] = Sender;
        shard.Tell(new PublishToShard(request.Batch, nextId));
    }

    private void LoseShard()
    {
        shard = null;
        foreach (var publisher in waiting.Values) publisher.Tell(Refusal("The mesh recovers from its log, and whether the batch is in it is not known yet"));
        waiting.Clear();
    }

    private void Stop()
    {
        isStopped = true;
        Sender.Tell(new IntakeIsStopped());
    }

    internal static PublishReply Refusal(string why) =>
        PublishReply.Refused(new PublishProblem(PublishRefusal.Overloaded, 0, $"{why}; publish the same batch again later."), RetryAfter);
}
