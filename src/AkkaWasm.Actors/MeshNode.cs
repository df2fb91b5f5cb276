using System.Collections.Immutable;
using Akka.Actor;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Sources;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Actors;

/// <summary>A node: one actor system with one shard, its agents, sources and gateway, on one data folder.</summary>
public sealed partial class MeshNode : IMeshNode
{
    private readonly NodeParts parts;
    private readonly NodeBoard board;
    private readonly IActorRef guardian;
    private readonly EventStream stream;
    private readonly PublishGate gate;
    private readonly IModuleRegistry? registry;
    private readonly Lock ending = new();
    private Task? drain;
    private volatile bool isAborted;

    private MeshNode(NodeParts parts, ShardContext shard, PublishGate gate, IActorRef guardian)
    {
        this.gate = gate;
        this.parts = parts;
        this.guardian = guardian;
        board = shard.Board;
        registry = parts.Registry?.Of(async cancellation => (await TopologyAsync(cancellation).ConfigureAwait(false)).Topology);
        stream = new EventStream(parts.System, shard.Journal, shard.Readers, board, parts.Time, e => new CommittedEvent(
            new Position(shard.Options.Shard, e.Epoch, e.Offset), shard.Identity.IdOf(e), shard.Identity.SourceOf(e), e));
    }

    /// <inheritdoc/>
    public NodeStatus Status => board.Status;

    /// <inheritdoc/>
    public IModuleRegistry ModuleRegistry => registry ?? throw new InvalidOperationException("The guests of this node are not made of modules.");

    /// <inheritdoc/>
    public MeshProgress Progress => board.Progress;

    /// <inheritdoc/>
    public Task Completion => board.Completion;

    /// <summary>The actor system, for actors of one's own that subscribe to <see cref="CommittedEvents.Topic"/>.</summary>
    public ActorSystem System => parts.System;

    /// <summary>Starts a node and waits until it serves: the log is read and its new epoch committed.</summary>
    /// <exception cref="MeshNodeException">It cannot serve; <see cref="MeshNodeException.Failure"/> says why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the node is ended.</exception>
    public static Task<MeshNode> StartAsync(MeshNodeOptions options, CancellationToken cancellation = default) => StartAsync(options, null, cancellation);

    /// <summary>Starts a node with guests of another kind.</summary>
    internal static async Task<MeshNode> StartAsync(MeshNodeOptions options, IGuestFactory? guests, CancellationToken cancellation)
    {
        var parts = await Task.Run(() => NodeParts.MakeAsync(options, guests, cancellation), cancellation).ConfigureAwait(false);
        try
        {
            var shard = parts.MakeShardContext();
            var gate = new PublishGate(shard.Options.MaxWaitingPublishers);
            var guardian = parts.System.ActorOf(Props.Create(() => new MeshGuardian(options, shard, gate)).WithDispatcher(NodeConfig.MeshDispatcher), "mesh");
            var node = new MeshNode(parts, shard, gate, guardian);
            node.PlanShutdown(options.DrainTimeout);
            _ = parts.System.WhenTerminated.ContinueWith(_ => node.DrainAsync(CancellationToken.None), TaskScheduler.Default);
            await node.board.Ready.WaitAsync(cancellation).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await parts.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<PublishReply> PublishAsync(PublishBatch batch, CancellationToken cancellation = default)
    {
        var reply = await gate.PublishAsync(batch).WaitAsync(cancellation).ConfigureAwait(false);
        if (!reply.IsAccepted && (board.Completion.IsCompleted || parts.System.WhenTerminated.IsCompleted)) throw await EndedAsync().ConfigureAwait(false);
        return reply;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<CommittedEvent> StreamAsync(TopicPattern pattern, long? from = null, CancellationToken cancellation = default) =>
        stream.ReadAsync(pattern, from, cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AgentStatus>> AgentsAsync(CancellationToken cancellation = default) =>
        (AgentStatus[])(await QueryAsync(shard => shard.Agents.ToArray(), cancellation).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public async Task<AgentStatus?> AgentAsync(string name, CancellationToken cancellation = default) =>
        (AgentStatus?)await QueryAsync(shard => shard.FindAgent(name), cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<StateHash?> StateHashAsync(string name, CancellationToken cancellation = default) =>
        (await AskAsync<StateHashIs>(new GetStateHash(name), cancellation).ConfigureAwait(false)).Hash;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QuarantinedEvent>> QuarantineAsync(string agent, CancellationToken cancellation = default) =>
        (IReadOnlyList<QuarantinedEvent>)(await QueryAsync(shard => shard.Quarantine(agent), cancellation).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public async Task<string?> ReleaseAsync(string agent, long offset, ReadOnlyMemory<byte>? edited = null, CancellationToken cancellation = default) =>
        (string?)(await AskAsync<ShardAnswer>(new ReleaseFromQuarantine(agent, offset, edited, Drop: false), cancellation).ConfigureAwait(false)).Value;

    /// <inheritdoc/>
    public async Task<string?> DropAsync(string agent, long offset, CancellationToken cancellation = default) =>
        (string?)(await AskAsync<ShardAnswer>(new ReleaseFromQuarantine(agent, offset, null, Drop: true), cancellation).ConfigureAwait(false)).Value;

    /// <inheritdoc/>
    public async Task<MeshSummary> SummaryAsync(CancellationToken cancellation = default)
    {
        var agents = await AgentsAsync(cancellation).ConfigureAwait(false);
        var hashes = await Task.WhenAll(agents.Select(a => StateHashAsync(a.Name, cancellation))).ConfigureAwait(false);
        var totals = (ShardTotals)(await QueryAsync(shard => shard.Totals, cancellation).ConfigureAwait(false))!;
        ImmutableArray<AgentSummary> summaries = [.. agents.Zip(hashes, (a, h) => new AgentSummary(a, h)).OrderBy(a => a.Status.Name, StringComparer.Ordinal)];
        return new MeshSummary(totals, Since(board.TotalsAtStart!, totals), summaries, board.Status.Sources);
    }

    /// <inheritdoc/>
    public async Task WhenIdleAsync(CancellationToken cancellation = default)
    {
        var idle = await AskAsync<NodeIsIdle>(new TellWhenNodeIsIdle(), cancellation).ConfigureAwait(false);
        if (idle.Failure is { } failure) throw failure;
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellation = default)
    {
        lock (ending) drain ??= EndAsync(CoordinatedShutdown.Get(parts.System).Run(CoordinatedShutdown.ClrExitReason.Instance));
        return drain.WaitAsync(cancellation);
    }

    /// <summary>Drains the node if nobody did.</summary>
    public async ValueTask DisposeAsync() => await DrainAsync().ConfigureAwait(false);

    /// <summary>What is committed of a topic pattern now.</summary>
    internal IAsyncEnumerable<CommittedEvent> CommittedAsync(TopicPattern pattern, CancellationToken cancellation = default) =>
        stream.LogAsync(pattern, 0, board.CommittedOffset, cancellation);

    /// <summary>Ends the node as a crash would, saving nothing.</summary>
    internal Task AbortAsync()
    {
        isAborted = true;
        lock (ending) return drain ??= EndAsync(parts.System.Terminate());
    }

    private async Task EndAsync(Task end)
    {
        await end.ConfigureAwait(false);
        await parts.DisposeAsync().ConfigureAwait(false);
        board.End();
    }

    private void PlanShutdown(TimeSpan timeout)
    {
        var shutdown = CoordinatedShutdown.Get(parts.System);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "close-intake", async () =>
        {
            if (!isAborted) await guardian.Ask<IntakeIsStopped>(new CloseNode(), timeout).ConfigureAwait(false);
            return Akka.Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "drain-shard", async () =>
        {
            if (!isAborted) await guardian.Ask<NodeIsDrained>(new DrainNode(), timeout).ConfigureAwait(false);
            return Akka.Done.Instance;
        });
    }

    private async Task<object?> QueryAsync(Func<Shard, object?> answer, CancellationToken cancellation) =>
        (await AskAsync<ShardAnswer>(new AskShard(answer), cancellation).ConfigureAwait(false)).Value;

    /// <summary>Asks the guardian; the end of the node is an answer too.</summary>
    private async Task<T> AskAsync<T>(object message, CancellationToken cancellation)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var answer = guardian.Ask<T>(message, Timeout.InfiniteTimeSpan, given.Token);
        var first = await Task.WhenAny(answer, board.Completion, parts.System.WhenTerminated).ConfigureAwait(false);
        if (first == answer) return await answer.ConfigureAwait(false);
        await given.CancelAsync().ConfigureAwait(false);
        throw await EndedAsync().ConfigureAwait(false);
    }

    /// <summary>Why the node answers no more: what it failed by, thrown, or that it was ended.</summary>
    private async Task<MeshNodeException> EndedAsync()
    {
        if (board.Completion.IsFaulted) await board.Completion.ConfigureAwait(false);
        return new MeshNodeException(NodeFailure.Ended, "The node has ended and answers no more.");
    }

    private static ShardTotals Since(ShardTotals before, ShardTotals now) => new()
    {
        EventsIn = now.EventsIn - before.EventsIn, Events = now.Events - before.Events, Turns = now.Turns - before.Turns, Born = now.Born - before.Born,
        Healed = now.Healed - before.Healed, Quarantined = now.Quarantined - before.Quarantined, Active = now.Active - before.Active,
        Failures = Difference(before.Failures, now.Failures), EventsByFirstToken = Difference(before.EventsByFirstToken, now.EventsByFirstToken),
    };

    private static Dictionary<TKey, long> Difference<TKey>(IReadOnlyDictionary<TKey, long> before, IReadOnlyDictionary<TKey, long> now) where TKey : notnull =>
        now.Select(n => (n.Key, Value: n.Value - before.GetValueOrDefault(n.Key))).Where(n => n.Value != 0).ToDictionary(n => n.Key, n => n.Value);
}
