using System.Collections.Immutable;
using Akka.Actor;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>What a node shows of itself without asking its actors. Each value is written by one actor and read by anyone.</summary>
internal sealed class NodeBoard
{
    private readonly TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile NodeStatus status = new(NodeState.Starting, null, 0, -1, []);
    private volatile NodeLoad load = NodeLoad.None;
    private volatile IActorRef mediator = ActorRefs.Nobody;
    private readonly SortedDictionary<string, ComponentStatus> components = new(StringComparer.Ordinal);
    private long committedOffset = -1;
    private long eventsIn;
    private long turns;
    private long backlog;
    private long sourceBytesRead;

    public Task Completion => completion.Task;

    public Task Ready => ready.Task;

    public NodeStatus Status
    {
        get => status with { CommittedOffset = CommittedOffset, Load = Load, Components = Components };
        set => status = value;
    }

    private ImmutableArray<ComponentStatus> Components
    {
        get
        {
            lock (components) return [.. components.Values];
        }
    }

    /// <summary>Says how a part of the node is; each that is told with a problem while it was running before was begun again. May be called by any thread.</summary>
    public void ShowComponent(string name, ComponentState state, string? problem, DateTimeOffset? at = null)
    {
        lock (components)
        {
            var before = components.GetValueOrDefault(name) ?? new ComponentStatus(name, state, 0, null, null);
            var isBack = state == ComponentState.Running && (problem is not null || before.State == ComponentState.Restarting);
            components[name] = new ComponentStatus(name, state, before.Restarts + (isBack ? 1 : 0), problem ?? before.Problem, at ?? before.At);
        }
    }

    /// <summary>Says that a part of the node that works has found damage.</summary>
    public void ShowDamage(string name, string problem, DateTimeOffset at)
    {
        lock (components) components[name] = new ComponentStatus(name, ComponentState.Running, components.GetValueOrDefault(name)?.Restarts ?? 0, problem, at);
    }

    public long CommittedOffset => Volatile.Read(ref committedOffset);

    /// <summary>Written by the shard alone.</summary>
    public NodeLoad Load => load;

    /// <summary>The mediator of Akka's pub-sub that commits are published to; nobody while it is begun again. Written by the guardian, then by the keeper alone.</summary>
    public IActorRef Mediator
    {
        get => mediator;
        set => mediator = value;
    }

    /// <summary>Whether subscribers of pub-sub are to be told that they are none any more. Used by one keeper after the other.</summary>
    public bool SubscribersAreLost { get; set; }

    public long SourceBytesTotal { get; set; }

    /// <summary>What the log counted when this run began.</summary>
    public ShardTotals? TotalsAtStart { get; set; }

    public MeshProgress Progress => new(Volatile.Read(ref eventsIn), Volatile.Read(ref turns), Volatile.Read(ref backlog), Volatile.Read(ref sourceBytesRead), SourceBytesTotal);

    public void ShowShard(Shard shard)
    {
        var progress = shard.Progress;
        Volatile.Write(ref eventsIn, progress.EventsIn);
        Volatile.Write(ref turns, progress.Turns);
        Volatile.Write(ref backlog, shard.Backlog);
        Volatile.Write(ref committedOffset, shard.CommittedOffset);
        ShowAwake(shard.AwakeCounts);
    }

    public void ShowAwake(AwakeCounts counts) => load = load with { Awake = counts.Awake, Asleep = counts.Asleep, Queued = counts.Queued, Sleeps = counts.Sleeps };

    public void ShowUnsavedImages(int count) => load = load with { UnsavedImages = count };

    public void ShowMemory(long residentBytes, int maxAwake) => load = load with { ResidentBytes = residentBytes, MaxAwake = maxAwake };

    public void AddSourceBytes(long count) => Interlocked.Add(ref sourceBytesRead, count);

    public void ShowSources(ImmutableArray<SourceStatus> sources) => status = status with { Sources = sources };

    public void ShowReady(int epoch)
    {
        status = status with { State = NodeState.Ready, Problem = null, Epoch = epoch };
        ready.TrySetResult();
    }

    public void ShowState(NodeState state, string? problem) => status = status with { State = state, Problem = problem };

    public void End()
    {
        if (status.State != NodeState.Failed) ShowState(NodeState.Stopped, null);
        completion.TrySetResult();
        ready.TrySetException(new MeshNodeException(NodeFailure.Ended, "The node ended before it was ready."));
    }

    public void Fail(MeshNodeException failure)
    {
        ShowState(NodeState.Failed, failure.Message);
        completion.TrySetException(failure);
        ready.TrySetException(failure);
    }
}
