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
        gate = new PublishGate(maxWaiting: 4);
        shard = Inbox.Create(system);
    }

    [Fact]
    public async Task The_answer_of_the_shard_is_that_of_the_publisher_who_asked()
    {
        gate.Open(shard.Receiver);
        var asked = Enumerable.Range(0, 3).Select(_ => gate.PublishAsync(Batch)).ToArray();
        var taken = new PublishGate.Publisher[5];

        Assert.Equal((3, 0), (gate.Take(taken), gate.Take(taken)));
        Assert.All(asked, a => Assert.False(a.IsCompleted));
        for (var i = 2; i >= 0; i--) taken[i].Answer(Accepted(i));
        Assert.Equal([0, 1, 2], (await Task.WhenAll(asked)).Select(r => (int)r.Positions[0].Offset));
        await AskOne(5);
        await AskOne(7);

        async Task AskOne(int offset)
        {
            var shardActor = system.ActorOf(Props.Create(() => new Answering(offset)));
            gate.Open(shardActor);
            Assert.Equal(offset, (await gate.PublishAsync(Batch)).Positions[0].Offset);
        }
    }

    [Fact]
    public async Task The_shard_is_called_once_for_all_who_came_since_it_took_the_last()
    {
        gate.Open(shard.Receiver);
        var (one, two) = (new PublishGate.Publisher[1], new PublishGate.Publisher[2]);
        _ = (gate.PublishAsync(Batch), gate.PublishAsync(Batch), gate.PublishAsync(Batch));
        Assert.IsType<PublishersWait>(shard.Receive(TimeSpan.FromSeconds(30)));

        // who takes as many as there is room for asks again by itself
        Assert.Equal((1, 2, 0), (gate.Take(one), gate.Take(two), gate.Take(two)));
        var fourth = gate.PublishAsync(Batch);
        Assert.IsType<PublishersWait>(shard.Receive(TimeSpan.FromSeconds(30)));
        Assert.Equal(1, gate.Take(two));
        two[0].Answer(Accepted(9));
        Assert.Equal(9, (await fourth).Positions[0].Offset);
        Assert.Throws<TimeoutException>(() => shard.Receive(TimeSpan.Zero));
    }

    [Fact]
    public async Task As_many_wait_as_may_and_others_are_refused_until_some_have_their_answers()
    {
        gate.Open(shard.Receiver);
        var waits = Enumerable.Range(0, 4).Select(_ => gate.PublishAsync(Batch)).ToArray();

        Assert.Contains("4 publishers wait, as many as may (max-waiting-publishers)", (await gate.PublishAsync(Batch)).Problem!.Message, StringComparison.Ordinal);
        var taken = new PublishGate.Publisher[2];
        gate.Take(taken);
        taken[1].Answer(Accepted(1));
        taken[1].Answer(Accepted(2));
        Assert.Equal(1, (await waits[1]).Positions[0].Offset);
        var fifth = gate.PublishAsync(Batch);
        Assert.False(fifth.IsCompleted);
        gate.Empty("The mesh recovers from its log");
        Assert.All(await Task.WhenAll(waits[0], waits[2], waits[3], fifth), r => Assert.NotNull(r.RetryAfter));
        Assert.Equal(0, gate.Take(taken));
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

    private static PublishReply Accepted(int offset) => PublishReply.Accepted([new Position(0, 1, offset)], 0);

    /// <summary>Answers what it is asked, at once or when it is told to.</summary>
    private sealed class Answering(int offset, string? when = null) : UntypedActor
    {
        private readonly PublishGate.Publisher[] taken = new PublishGate.Publisher[8];
        private int count;

        protected override void OnReceive(object message)
        {
            if (message is PublishersWait call) count = call.Gate.Take(taken);
            if (when is not null && !when.Equals(message)) return;
            foreach (var publisher in taken.AsSpan(0, count)) publisher.Answer(Accepted(offset));
            count = 0;
        }
    }
}
