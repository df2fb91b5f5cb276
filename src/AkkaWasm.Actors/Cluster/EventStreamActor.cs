using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;

namespace AkkaWasm.Actors.Cluster;

/// <summary>
/// Subscribes to the commits of the mesh for one reader. The channel is short and drops the oldest: whoever reads finds by the offsets what is
/// missing and takes it from the log.
/// </summary>
internal sealed class EventStreamActor : UntypedActor
{
    private readonly ChannelWriter<CommittedEvents> commits;
    private readonly TaskCompletionSource subscribed;

    public EventStreamActor(ChannelWriter<CommittedEvents> commits, TaskCompletionSource subscribed)
    {
        this.commits = commits;
        this.subscribed = subscribed;
    }

    protected override void PreStart() => DistributedPubSub.Get(Context.System).Mediator.Tell(new Subscribe(CommittedEvents.Topic, Self));

    protected override void PostStop()
    {
        subscribed.TrySetCanceled();
        commits.TryComplete();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SubscribeAck: subscribed.TrySetResult(); break;
            case CommittedEvents events: commits.TryWrite(events); break;
        }
    }
}
