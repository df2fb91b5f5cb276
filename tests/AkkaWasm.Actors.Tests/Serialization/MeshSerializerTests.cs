using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Actors.Tests.Serialization;

public sealed class MeshSerializerTests
{
    [Fact]
    public async Task Everything_of_ours_is_written_by_our_serializer_and_read_back()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        var serialization = mesh.Node.System.Serialization;
        foreach (var o in new object[] { new JournalRow(new byte[] { 1, 2 }), new ShardSnapshot(new byte[] { 3 }), new ImageSnapshot(new byte[] { 4 }) })
        {
            var serializer = Assert.IsType<MeshSerializer>(serialization.FindSerializerFor(o));
            var back = serializer.FromBinary(serializer.ToBinary(o), serializer.Manifest(o));
            Assert.Equal(serializer.ToBinary(o), serializer.ToBinary(back));
            Assert.Equal(o.GetType(), back.GetType());
        }
    }

    [Fact]
    public async Task Committed_events_cross_nodes_with_ids_and_sources()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        var probe = mesh.Node.System.ActorOf(Props.Create(() => new CommitCollector()));
        await probe.Ask<Akka.Cluster.Tools.PublishSubscribe.SubscribeAck>("subscribe", TimeSpan.FromSeconds(10));
        await mesh.HandleAsync("in", "emit out");
        var sent = await probe.Ask<CommittedEvents>("out", TimeSpan.FromSeconds(10));

        var serializer = (SerializerWithStringManifest)mesh.Node.System.Serialization.FindSerializerFor(sent);
        var received = (CommittedEvents)serializer.FromBinary(serializer.ToBinary(sent), serializer.Manifest(sent));

        Assert.Equal((sent.FirstOffset, sent.LastOffset, sent.Shard), (received.FirstOffset, received.LastOffset, received.Shard));
        Assert.Equal(sent.Events.Select(e => (sent.Resolve(e).Id, sent.Resolve(e).Source, sent.Resolve(e).Position)),
            received.Events.Select(e => (received.Resolve(e).Id, received.Resolve(e).Source, received.Resolve(e).Position)));
        Assert.Contains(received.Events, e => e.Topic == "out" && received.Resolve(e).Source == "/meshes/test/agents/a");
    }

    [Fact]
    public async Task A_manifest_of_a_newer_version_is_refused_by_name()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        var serializer = (MeshSerializer)mesh.Node.System.Serialization.FindSerializerForType(typeof(JournalRow));

        Assert.Contains("block/9", Assert.Throws<SerializationException>(() => serializer.FromBinary([], "block/9")).Message, StringComparison.Ordinal);
    }

    /// <summary>A user's own actor that subscribes to the mesh.</summary>
    private sealed class CommitCollector : ReceiveActor
    {
        private CommittedEvents? found;
        private IActorRef? asker;
        private IActorRef? subscriber;

        public CommitCollector()
        {
            Receive<string>(m => m == "subscribe", _ =>
            {
                subscriber = Sender;
                Akka.Cluster.Tools.PublishSubscribe.DistributedPubSub.Get(Context.System).Mediator.Tell(new Akka.Cluster.Tools.PublishSubscribe.Subscribe(CommittedEvents.Topic, Self));
            });
            Receive<Akka.Cluster.Tools.PublishSubscribe.SubscribeAck>(ack => subscriber.Tell(ack));
            Receive<string>(_ =>
            {
                asker = Sender;
                Answer();
            });
            Receive<CommittedEvents>(commit =>
            {
                if (commit.Events.Any(e => TopicPattern.Parse("out").Matches(e.Topic))) found = commit;
                Answer();
            });
        }

        private void Answer()
        {
            if (found is not null) asker?.Tell(found);
        }
    }
}
