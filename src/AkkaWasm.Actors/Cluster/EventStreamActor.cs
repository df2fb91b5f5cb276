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
    private readonly NodeBoard board;
    private readonly ChannelWriter<CommittedEvents> commits;
    private readonly TaskCompletionSource<bool> subscribed;

    public EventStreamActor(NodeBoard board, ChannelWriter<CommittedEvents> commits, TaskCompletionSource<bool> subscribed)
    {
        this.board = board;
        this.commits = commits;
        this.subscribed = subscribed;
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(PubSubRestarted));
        Subscribe(board.Mediator);
    }

    protected override void PostStop()
    {
        subscribed.TrySetCanceled();
        commits.TryComplete();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SubscribeAck: subscribed.TrySetResult(true); break;
            case CommittedEvents events: commits.TryWrite(events); break;
            case PubSubRestarted restarted: Subscribe(restarted.Mediator); break;
        }
    }

    private void Subscribe(IActorRef mediator) => mediator.Tell(new Subscribe(CommittedEvents.Topic, Self));
}
