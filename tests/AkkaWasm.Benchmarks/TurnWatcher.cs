using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Benchmarks;

/// <summary>An actor that subscribes to what is committed, as those of a user do, and tells of the turns in it.</summary>
internal sealed class TurnWatcher : UntypedActor
{
    private readonly ChannelWriter<long> inputs;

    public TurnWatcher(ChannelWriter<long> inputs)
    {
        this.inputs = inputs;
        DistributedPubSub.Get(Context.System).Mediator.Tell(new Subscribe(CommittedEvents.Topic, Self));
    }

    /// <param name="inputs">Takes the offsets of the events whose turns are committed from now on.</param>
    public static Props Props(ChannelWriter<long> inputs) => Akka.Actor.Props.Create(() => new TurnWatcher(inputs));

    protected override void OnReceive(object message)
    {
        if (message is not CommittedEvents committed) return;
        foreach (var record in BlockCodec.Read(committed.Block.Bytes, out _))
            if (record is TurnRecord turn) inputs.TryWrite(turn.Input);
    }
}
