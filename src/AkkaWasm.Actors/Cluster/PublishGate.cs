using System.Collections.Concurrent;
using Akka.Actor;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Cluster;

/// <summary>
/// Where publishers get in: each goes straight to the shard and waits here for its answer, so that no actor stands between the commit and whoever waits
/// for it. The <see cref="Gateway"/> opens and closes it. A publisher always gets an answer: if the shard ends before it gave one, that says to publish
/// the same batch again, which the ids of its events make harmless. May be used by any thread.
/// </summary>
/// <param name="provider">Of the actor system.</param>
internal sealed class PublishGate(IActorRefProvider provider)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, Publisher> waiting = new();
    private readonly ActorPath path = provider.TempPath();
    private volatile IActorRef? shard;
    private volatile string closedBecause = "The mesh recovers from its log";
    private long lastId;

    private IActorRefProvider Provider => provider;

    /// <summary>Publishes a batch.</summary>
    /// <returns>The answer, after the commit.</returns>
    public Task<PublishReply> PublishAsync(PublishBatch batch)
    {
        if (shard is not { } open) return Task.FromResult(Refusal(closedBecause));
        var publisher = new Publisher(this, Interlocked.Increment(ref lastId));
        waiting[publisher.Id] = publisher;
        // A shard that went meanwhile has no answer, and may have left before this one began to wait.
        if (ReferenceEquals(shard, open)) open.Tell(new PublishToShard(batch, publisher.Id), publisher);
        else publisher.Answer(Refusal(closedBecause));
        return publisher.Task;
    }

    /// <summary>Lets publishers in.</summary>
    public void Open(IActorRef to) => shard = to;

    /// <summary>Lets no more in; those who are in wait on.</summary>
    public void Close(string because)
    {
        closedBecause = because;
        shard = null;
    }

    /// <summary>Lets no more in, and tells those who are in that they will get no answer.</summary>
    public void Empty(string because)
    {
        Close(because);
        foreach (var publisher in waiting.Values) publisher.Answer(Refusal($"{because}, and whether the batch is in it is not known yet"));
    }

    private static PublishReply Refusal(string why) =>
        PublishReply.Refused(new PublishProblem(PublishRefusal.Overloaded, 0, $"{why}; publish the same batch again later."), RetryAfter);

    /// <summary>Who waits, as the shard sees it.</summary>
    private sealed class Publisher(PublishGate gate, long id) : MinimalActorRef
    {
        private readonly TaskCompletionSource<PublishReply> reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Id => id;

        public Task<PublishReply> Task => reply.Task;

        public override ActorPath Path => gate.path;

        public override IActorRefProvider Provider => gate.Provider;

        public void Answer(PublishReply with)
        {
            if (gate.waiting.TryRemove(id, out _)) reply.TrySetResult(with);
        }

        protected override void TellInternal(object message, IActorRef sender)
        {
            if (message is PublishAnswer answer) Answer(answer.Reply);
        }
    }
}
