using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>The parts of a node besides its agents fail, too: they begin again, health says so, and nothing that was acknowledged is lost.</summary>
public sealed class ComponentTests
{
    private static ComponentStatus Part(TestMesh mesh, string name) => mesh.Node.Status.Components.Single(c => c.Name == name);

    private static Task<IActorRef> ActorAsync(TestMesh mesh, string name) => mesh.Node.System.ActorSelection($"/user/mesh/{name}").ResolveOne(TimeSpan.FromSeconds(30));

    private static async Task<TestMesh> StartAsync(ManualTime? time = null)
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        if (time is not null) mesh.Options = mesh.Options with { Time = time };
        return await mesh.StartAsync();
    }

    [Fact]
    public async Task A_gateway_that_fails_begins_again_in_its_place_and_lets_publishers_in_again()
    {
        await using var mesh = await StartAsync();
        await mesh.HandleAsync("in", "one");

        (await ActorAsync(mesh, "gateway")).Tell(Kill.Instance);
        PublishReply reply;
        do reply = await mesh.PublishAsync("in", "two", "the-same");
        while (!reply.IsAccepted); // until it knows the shard again
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one two", mesh.Guests.States["a"]);
        Assert.Equal((ComponentState.Running, 1), (Part(mesh, "gateway").State, Part(mesh, "gateway").Restarts));
        Assert.Equal(HealthLevel.Ok, (await mesh.Node.HealthAsync()).Level);
    }

    [Fact]
    public async Task A_gateway_that_ended_comes_back_after_a_wait_and_publishers_are_told_meanwhile()
    {
        var time = new ManualTime();
        await using var mesh = await StartAsync(time);
        var gateway = await ActorAsync(mesh, "gateway");
        var waits = time.WhenTimerIsSet(wait => wait == mesh.Options.MinBackoff);

        mesh.Node.System.Stop(gateway);
        await waits;
        var refused = await mesh.PublishAsync("in", "one", "the-same");
        var health = await mesh.Node.HealthAsync();
        Assert.Equal((false, HealthLevel.Degraded, ComponentState.Restarting), (refused.IsAccepted, health.Level, Part(mesh, "gateway").State));
        Assert.NotNull(refused.RetryAfter);
        Assert.Contains("gateway", Assert.Single(health.Reasons), StringComparison.Ordinal);
        time.Advance(mesh.Options.MinBackoff);
        PublishReply reply;
        do reply = await mesh.PublishAsync("in", "one", "the-same");
        while (!reply.IsAccepted);
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one", mesh.Guests.States["a"]);
        Assert.Equal((ComponentState.Running, 1), (Part(mesh, "gateway").State, Part(mesh, "gateway").Restarts));
        await mesh.Node.DrainAsync();
        Assert.Equal(NodeState.Stopped, mesh.Node.Status.State);
    }

    [Fact]
    public async Task Sources_whose_supervisor_fails_go_on_from_their_cursors()
    {
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        var file = Path.Combine(mesh.Folder.Data, "..", "lines.jsonl");
        string[] lines = [.. Enumerable.Range(0, 500).Select(i => $$"""{"id":"{{i}}"}""")];
        await File.WriteAllLinesAsync(file, lines);
        mesh.Options = mesh.Options with { Sources = [new FileSourceOptions { Name = "lines", Path = file, Topic = "in", Format = FileSourceFormat.JsonLines, BatchEvents = 10 }] };
        await mesh.StartAsync();

        (await ActorAsync(mesh, "sources")).Tell(Kill.Instance);
        while (Part(mesh, "sources").Restarts == 0) await Task.Yield();
        await mesh.FirstAsync("in", e => e.Event.Id == "499");
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init " + string.Join(' ', lines), mesh.Guests.States["a"]);
    }

    [Fact]
    public async Task Pub_sub_that_ended_is_begun_again_and_streams_and_subscribers_of_ones_own_go_on()
    {
        await using var mesh = await StartAsync(new ManualTime()); // no stream looks at the log because of the time
        var first = DistributedPubSub.Get(mesh.Node.System).Mediator;
        await using var stream = mesh.Node.StreamAsync(TopicPattern.Parse("in"), 0).GetAsyncEnumerator();
        await mesh.HandleAsync("in", "one");
        Assert.True(await stream.MoveNextAsync());
        var old = new Subscriber(mesh.Node.System);
        await old.Subscribed.WaitAsync();

        mesh.Node.System.Stop(first);
        await old.Subscribed.WaitAsync();
        var late = new Subscriber(mesh.Node.System); // Akka's extension still gives the mediator that ended
        await late.Subscribed.WaitAsync();
        await mesh.HandleAsync("in", "two");
        await Task.WhenAll(old.Commits.WaitAsync(), late.Commits.WaitAsync());
        var next = stream.MoveNextAsync().AsTask();
        while (!next.IsCompleted) await mesh.HandleAsync("in", "more");

        Assert.True(await next);
        Assert.Equal("two", System.Text.Encoding.UTF8.GetString(stream.Current.Event.Data.Span));
        Assert.Equal((ComponentState.Running, HealthLevel.Ok), (Part(mesh, "pub-sub").State, (await mesh.Node.HealthAsync()).Level));
        Assert.InRange(Part(mesh, "pub-sub").Restarts, 1, 3);
    }

    [Fact]
    public async Task Pub_sub_that_Akka_restarted_without_its_subscribers_is_noticed_and_they_subscribe_again()
    {
        var time = new ManualTime();
        await using var mesh = await StartAsync(time);
        var subscriber = new Subscriber(mesh.Node.System);
        await subscriber.Subscribed.WaitAsync();

        DistributedPubSub.Get(mesh.Node.System).Mediator.Tell(new Put(null!)); // it throws
        while (Part(mesh, "pub-sub").Restarts == 0)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }
        await subscriber.Subscribed.WaitAsync();
        await mesh.HandleAsync("in", "one");
        await subscriber.Commits.WaitAsync();

        Assert.Contains("without its subscribers", Part(mesh, "pub-sub").Problem);
        Assert.Equal(HealthLevel.Ok, (await mesh.Node.HealthAsync()).Level);
    }

    [Fact]
    public async Task Streams_read_the_log_while_pub_sub_waits_to_be_begun_again_and_health_says_so()
    {
        var time = new ManualTime();
        await using var mesh = await StartAsync(time);
        await mesh.HandleAsync("in", "one");
        while (Part(mesh, "pub-sub").State != ComponentState.Restarting)
        {
            mesh.Node.System.ActorSelection(DistributedPubSub.Get(mesh.Node.System).Mediator.Path.ToString()).Tell(Kill.Instance);
            await Task.Yield();
        }
        Assert.Equal(HealthLevel.Degraded, (await mesh.Node.HealthAsync()).Level);

        await using var stream = mesh.Node.StreamAsync(TopicPattern.Parse("in")).GetAsyncEnumerator();
        var next = stream.MoveNextAsync().AsTask();
        for (var i = 0; !next.IsCompleted; i++)
        {
            await mesh.HandleAsync("in", $"{i}");
            time.Advance(TimeSpan.FromSeconds(2));
        }
        Assert.True(await next);
        while (Part(mesh, "pub-sub").State != ComponentState.Running)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
        await new Subscriber(mesh.Node.System).Subscribed.WaitAsync();
        await mesh.Node.DrainAsync();
    }

    [Fact]
    public async Task A_shard_that_failed_is_a_part_that_was_begun_again()
    {
        await using var mesh = await StartAsync();
        (await ActorAsync(mesh, "shard-0")).Tell(Kill.Instance);
        await mesh.FirstAsync("mesh.agent.a.started"); // from the log, whoever serves
        PublishReply reply;
        do reply = await mesh.PublishAsync("in", "one", "the-same");
        while (!reply.IsAccepted || mesh.Node.Status.Epoch < 2);

        Assert.Equal((ComponentState.Running, 1), (Part(mesh, "shard-0").State, Part(mesh, "shard-0").Restarts));
    }

    [Fact]
    public async Task An_epoch_that_cannot_be_moved_on_once_is_moved_on_again()
    {
        var (ticks, failed) = (0, new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously));
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var ticker = new EpochTicker(TimeSpan.FromMilliseconds(1), () =>
        {
            if (++ticks == 1) throw new InvalidOperationException("The test says so.");
            goesOn.TrySetResult();
        }, e => failed.TrySetResult(e));

        Assert.Equal("The test says so.", (await failed.Task).Message);
        await goesOn.Task;
    }

    /// <summary>An actor of one's own that wants every commit, and counts when it was taken as a subscriber and what came.</summary>
    private sealed class Subscriber
    {
        public Subscriber(ActorSystem system) => system.ActorOf(Props.Create(() => new Subscribing(this)));

        public SemaphoreSlim Subscribed { get; } = new(0);

        public SemaphoreSlim Commits { get; } = new(0);

        private sealed class Subscribing : ReceiveActor
        {
            public Subscribing(Subscriber owner)
            {
                Receive<SubscribeAck>(_ => owner.Subscribed.Release());
                Receive<CommittedEvents>(_ => owner.Commits.Release());
                Receive<PubSubRestarted>(restarted => Subscribe(restarted.Mediator));
            }

            protected override void PreStart()
            {
                Context.System.EventStream.Subscribe(Self, typeof(PubSubRestarted));
                Subscribe(DistributedPubSub.Get(Context.System).Mediator);
            }

            private void Subscribe(IActorRef mediator) => mediator.Tell(new Subscribe(CommittedEvents.Topic, Self));
        }
    }
}
