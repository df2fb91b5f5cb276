using System.Collections.Immutable;
using System.Text;
using Akka.Actor;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>A node of scripted guests on a folder of its own, which may be started several times.</summary>
internal sealed class TestMesh : IAsyncDisposable
{
    /// <summary>No wait before a restart, so that tests without a clock of their own do not wait either.</summary>
    public static readonly SupervisionPolicy Quick = new() { MinBackoff = TimeSpan.Zero, MaxBackoff = TimeSpan.Zero, RandomFactor = 0 };

    private MeshNode? node;
    private int nextId;

    public TestMesh(MeshTopology topology) => Options = new MeshNodeOptions { Topology = topology, DataFolder = Folder.Data, MinBackoff = TimeSpan.FromMilliseconds(1) };

    public TestFolder Folder { get; } = new();

    public ScriptedGuests Guests { get; } = new();

    public MeshNodeOptions Options { get; set; }

    /// <summary>What the ids of events begin with.</summary>
    public string IdPrefix { get; init; } = "e";

    public MeshNode Node => node ?? throw new InvalidOperationException("The node was not started.");

    /// <summary>The node, or null if it was not started.</summary>
    public MeshNode? TryNode => node;

    /// <summary>An agent of a scripted guest. Its images are counted by turns alone.</summary>
    public static AgentDefinition Agent(string name, params string[] subscriptions) => new()
    {
        Name = name, ModuleHash = new string('0', 64), Subscriptions = [.. subscriptions], Capabilities = new Capabilities { Publish = [">"], Send = [">"], Watch = [">"], Spawn = true },
        SnapshotAtMostEvery = TimeSpan.Zero,
    };

    public static MeshTopology Topology(params AgentDefinition[] agents) => new("test", Quick, [new GroupDefinition("default", null, Quick)], [.. agents]);

    public static MeshTopology Topology(ImmutableArray<GroupDefinition> groups, params AgentDefinition[] agents) => new("test", Quick, groups, [.. agents]);

    public async Task<TestMesh> StartAsync()
    {
        node = await MeshNode.StartAsync(Options, Guests, CancellationToken.None);
        return this;
    }

    /// <summary>Ends the node in order and starts it again.</summary>
    public async Task RestartAsync()
    {
        await Node.DrainAsync();
        await StartAsync();
    }

    /// <summary>Ends the node as a crash would and starts it again.</summary>
    public async Task CrashAsync()
    {
        await Node.AbortAsync();
        await StartAsync();
    }

    /// <summary>Publishes one event and waits for the commit.</summary>
    public Task<PublishReply> PublishAsync(string topic, string data, string? id = null) =>
        Node.PublishAsync(new PublishBatch([Event(topic, data, id ?? $"{IdPrefix}{Interlocked.Increment(ref nextId)}")]));

    /// <summary>Publishes events one after the other in one batch, then waits until nothing is left to do.</summary>
    public async Task HandleAsync(string topic, params string[] data)
    {
        var reply = await Node.PublishAsync(new PublishBatch([.. data.Select(d => Event(topic, d, $"{IdPrefix}{Interlocked.Increment(ref nextId)}"))]));
        Assert.True(reply.IsAccepted, reply.Problem?.Message);
        await Node.WhenIdleAsync();
    }

    public async Task<AgentStatus> StatusAsync(string agent) => await Node.AgentAsync(agent) ?? throw new InvalidOperationException($"There is no agent '{agent}'.");

    /// <summary>The actor at a path below <c>agents</c>.</summary>
    public Task<IActorRef> ActorAsync(string path) => Node.System.ActorSelection("/user/mesh/shard-0/agents/" + path).ResolveOne(TimeSpan.FromSeconds(10));

    /// <summary>Waits until an actor has ended.</summary>
    public async Task WhenEndedAsync(IActorRef actor)
    {
        using var inbox = Inbox.Create(Node.System);
        inbox.Watch(actor);
        Assert.IsType<Terminated>(await inbox.ReceiveAsync(TimeSpan.FromSeconds(10)));
    }

    /// <summary>The committed events that match, in order, up to now.</summary>
    public async Task<List<CommittedEvent>> EventsAsync(string pattern)
    {
        var all = new List<CommittedEvent>();
        await foreach (var e in Node.CommittedAsync(TopicPattern.Parse(pattern))) all.Add(e);
        return all;
    }

    /// <summary>Waits for the first committed event that matches, from the beginning of the log on.</summary>
    public async Task<CommittedEvent> FirstAsync(string pattern, Func<CommittedEvent, bool>? condition = null)
    {
        await foreach (var e in Node.StreamAsync(TopicPattern.Parse(pattern), 0))
            if (condition?.Invoke(e) ?? true) return e;
        throw new InvalidOperationException($"The node ended before an event on '{pattern}' came.");
    }

    public async ValueTask DisposeAsync()
    {
        if (node is not null) await node.AbortAsync();
        Folder.Dispose();
    }

    private static MeshEvent Event(string topic, string data, string id) => new() { Topic = topic, Id = id, Source = "/test", Data = Encoding.UTF8.GetBytes(data) };
}
