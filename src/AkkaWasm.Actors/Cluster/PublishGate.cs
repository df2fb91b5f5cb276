using Akka.Actor;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Cluster;

/// <summary>
/// Where publishers get in: they queue here, not in the shard's mailbox, and the shard takes some at a time between its other work, so that a commit never
/// waits behind those who came after it. The <see cref="Gateway"/> opens and closes it. A publisher always gets an answer: if the shard ends before it gave
/// one, that says to publish the same batch again, which the ids of its events make harmless. May be used by any thread.
/// </summary>
internal sealed class PublishGate
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly PublishersWait call;
    private readonly int maxWaiting;
    private IActorRef? shard;
    private string closedBecause = "The mesh recovers from its log";
    private Publisher? first;
    private Publisher? last;
    private Publisher? notTaken;
    private int count;
    private bool isShardCalled;

    /// <param name="maxWaiting">How many publishers may wait for their answers; further ones are refused at once.</param>
    public PublishGate(int maxWaiting) => (this.maxWaiting, call) = (maxWaiting, new PublishersWait(this));

    /// <summary>Publishes a batch.</summary>
    /// <returns>The answer, after the commit.</returns>
    public Task<PublishReply> PublishAsync(PublishBatch batch)
    {
        Publisher publisher;
        IActorRef? called = null;
        lock (gate)
        {
            if (shard is null) return Task.FromResult(Refusal(closedBecause));
            if (count >= maxWaiting) return Task.FromResult(Refusal($"{count} publishers wait, as many as may (max-waiting-publishers)"));
            publisher = new Publisher(this, batch);
            Append(publisher);
            if (!isShardCalled) called = shard;
            isShardCalled = true;
        }
        called?.Tell(call);
        return publisher.Task;
    }

    /// <summary>Takes those who wait longest and were not taken yet. If it is fewer than there is room for, the shard is called again when others come.</summary>
    /// <returns>How many.</returns>
    public int Take(Publisher[] into)
    {
        lock (gate)
        {
            var taken = 0;
            for (; taken < into.Length && notTaken is { } next; notTaken = next.Next) into[taken++] = next;
            if (taken < into.Length) isShardCalled = false;
            return taken;
        }
    }

    /// <summary>Lets publishers in.</summary>
    public void Open(IActorRef to)
    {
        lock (gate)
        {
            shard = to;
            isShardCalled = notTaken is not null;
            if (!isShardCalled) return;
        }
        to.Tell(call);
    }

    /// <summary>Lets no more in; those who are in wait on.</summary>
    public void Close(string because)
    {
        lock (gate) (closedBecause, shard) = (because, null);
    }

    /// <summary>Lets no more in, and tells those who are in that they will get no answer.</summary>
    public void Empty(string because)
    {
        var lost = new List<Publisher>();
        lock (gate)
        {
            Close(because);
            for (var publisher = first; publisher is not null; publisher = publisher.Next) lost.Add(publisher);
        }
        foreach (var publisher in lost) publisher.Answer(Refusal($"{because}, and whether the batch is in it is not known yet"));
    }

    private static PublishReply Refusal(string why) =>
        PublishReply.Refused(new PublishProblem(PublishRefusal.Overloaded, 0, $"{why}; publish the same batch again later."), RetryAfter);

    private void Append(Publisher publisher)
    {
        publisher.Previous = last;
        if (last is null) first = publisher;
        else last.Next = publisher;
        last = publisher;
        notTaken ??= publisher;
        publisher.Waits = true;
        count++;
    }

    /// <summary>The first who takes it out may answer.</summary>
    private bool Remove(Publisher publisher)
    {
        lock (gate)
        {
            if (!publisher.Waits) return false;
            publisher.Waits = false;
            count--;
            if (notTaken == publisher) notTaken = publisher.Next;
            if (publisher.Previous is { } previous) previous.Next = publisher.Next;
            else first = publisher.Next;
            if (publisher.Next is { } next) next.Previous = publisher.Previous;
            else last = publisher.Previous;
            return true;
        }
    }

    /// <summary>Who waits for an answer, in a list with its neighbours.</summary>
    internal sealed class Publisher(PublishGate gate, PublishBatch batch) : IPublishTicket
    {
        private readonly TaskCompletionSource<PublishReply> reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public PublishBatch Batch => batch;

        public Task<PublishReply> Task => reply.Task;

        public Publisher? Previous { get; set; }

        public Publisher? Next { get; set; }

        public bool Waits { get; set; }

        public void Answer(PublishReply with)
        {
            if (gate.Remove(this)) reply.TrySetResult(with);
        }
    }
}
