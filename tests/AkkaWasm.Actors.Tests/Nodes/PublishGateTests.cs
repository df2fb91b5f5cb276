using Akka.Actor;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A publisher gets exactly one answer, whatever becomes of the shard.</summary>
public sealed class PublishGateTests : IDisposable
{
    private static readonly PublishBatch Batch = new([new MeshEvent { Topic = "in", Id = "1", Source = "/test" }]);

    private readonly ActorSystem system = ActorSystem.Create("gate");
    private readonly PublishGate gate;
    private readonly Inbox shard;

    public PublishGateTests()
    {
        gate = new PublishGate(((ExtendedActorSystem)system).Provider);
        shard = Inbox.Create(system);
    }

    [Fact]
    public async Task The_answer_of_the_shard_is_that_of_the_publisher_who_asked()
    {
        gate.Open(shard.Receiver);
        var asked = Enumerable.Range(0, 3).Select(_ => gate.PublishAsync(Batch)).ToArray();
        var seen = Enumerable.Range(0, 3).Select(_ => (PublishToShard)shard.Receive(TimeSpan.FromSeconds(30))).ToArray();

        Assert.Equal(3, seen.Select(s => s.Id).Distinct().Count());
        Assert.All(asked, a => Assert.False(a.IsCompleted));
        await Task.WhenAll(AskOne(5), AskOne(7));

        async Task AskOne(int offset)
        {
            var shardActor = system.ActorOf(Props.Create(() => new Answering(offset)));
            gate.Open(shardActor);
            Assert.Equal(offset, (await gate.PublishAsync(Batch)).Positions[0].Offset);
        }
    }

    [Fact]
    public async Task Who_waits_when_the_shard_is_lost_is_told_to_publish_again()
    {
        gate.Open(shard.Receiver);
        var waits = gate.PublishAsync(Batch);
        gate.Empty("The mesh recovers from its log");

        var lost = await waits;
        var late = await gate.PublishAsync(Batch);
        Assert.Contains("not known yet", lost.Problem!.Message, StringComparison.Ordinal);
        Assert.NotNull(lost.RetryAfter);
        Assert.DoesNotContain("not known yet", late.Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_in_when_the_gate_is_closed_still_gets_the_answer()
    {
        gate.Open(system.ActorOf(Props.Create(() => new Answering(3, "go"))));
        var waits = gate.PublishAsync(Batch);
        gate.Close("The node is ending");

        Assert.Contains("The node is ending", (await gate.PublishAsync(Batch)).Problem!.Message, StringComparison.Ordinal);
        Assert.False(waits.IsCompleted);
        system.ActorSelection("/user/*").Tell("go");
        Assert.Equal(3, (await waits).Positions[0].Offset);
    }

    public void Dispose()
    {
        shard.Dispose();
        system.Terminate().Wait(TimeSpan.FromSeconds(30));
    }

    /// <summary>Answers what it is asked, at once or when it is told to.</summary>
    private sealed class Answering(int offset, string? when = null) : UntypedActor
    {
        private readonly List<(IActorRef Asker, long Id)> waiting = [];

        protected override void OnReceive(object message)
        {
            if (message is PublishToShard publish) waiting.Add((Sender, publish.Id));
            if (when is not null && !when.Equals(message)) return;
            foreach (var (asker, id) in waiting) asker.Tell(new PublishAnswer(id, PublishReply.Accepted([new Position(0, 1, offset)], 0)));
            waiting.Clear();
        }
    }
}
