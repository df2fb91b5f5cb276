using Akka.Actor;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Sources;

/// <summary>Stands between the sources and the shard: each batch goes out as a message and its two answers come back here.</summary>
internal sealed class ShardPublisher : ReceiveActor
{
    private readonly Dictionary<long, Order> open = [];
    private long last;

    public ShardPublisher(IActorRef shard)
    {
        Receive<Order>(order =>
        {
            open[++last] = order;
            shard.Tell(new PublishToShard(order.Batch, last, TellWhenTaken: true));
        });
        Receive<PublishTaken>(taken =>
        {
            if (open.TryGetValue(taken.Id, out var order)) order.Taken();
        });
        Receive<PublishAnswer>(answer =>
        {
            if (open.Remove(answer.Id, out var order)) order.Answer.SetResult(answer.Reply);
        });
    }

    /// <summary>Publishes through such an actor. If the shard ends there is no answer.</summary>
    public static SourcePublish Through(IActorRef publisher) => (batch, taken) =>
    {
        var order = new Order(batch, taken, new TaskCompletionSource<PublishReply>(TaskCreationOptions.RunContinuationsAsynchronously));
        publisher.Tell(order);
        return order.Answer.Task;
    };

    private sealed record Order(PublishBatch Batch, Action Taken, TaskCompletionSource<PublishReply> Answer);
}
