using Akka.Actor;
using Akka.Event;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Sources;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh.Shards;
using Microsoft.Extensions.Logging;

namespace AkkaWasm.Actors.Cluster;

/// <summary>
/// The top of a node, <c>/user/mesh</c>: starts the shard, starts it again with back-off when it ended, and gives up with one sentence when that
/// cannot help; starts sources and gateway; ends all in order.
/// </summary>
internal sealed partial class MeshGuardian : UntypedActor
{
    private readonly MeshNodeOptions options;
    private readonly ShardContext shardContext;
    private readonly PublishGate gate;
    private readonly NodeBoard board;
    private readonly ILogger logger;
    private readonly List<IActorRef> idleWatchers = [];
    private readonly List<(object Message, IActorRef Sender)> held = [];
    private IActorRef? shard;
    private IActorRef? closeRequester;
    private IActorRef? drainRequester;
    private ITimer? restart;
    private Exception? lastCause;
    private long maxSnapshotSequenceNr = long.MaxValue;
    private long? unusableState;
    private int restartsInRow;
    private long? downSince;
    private bool isServing;
    private int? opening;
    private bool areSourcesDrained;
    private string? sourceProblem;
    private MeshNodeException? failure;

    public MeshGuardian(MeshNodeOptions options, ShardContext shardContext, PublishGate gate)
    {
        this.gate = gate;
        this.options = options;
        this.shardContext = shardContext;
        board = shardContext.Board;
        logger = options.Logs.CreateLogger("AkkaWasm.Node");
    }

    protected override SupervisorStrategy SupervisorStrategy() => new ComponentStrategy(this);

    protected override void PreStart()
    {
        StartComponents();
        Start();
    }

    protected override void PostStop()
    {
        restart?.Dispose();
        foreach (var component in components.Values) component.Timer?.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IShardQuestion: Forward(message); break;
            case PauseSources or ResumeSources: ToSources(message); break;
            case ShardIsReady ready: Serve(ready.Epoch); break;
            case ShardIsFailing failing: (lastCause, unusableState) = (failing.Cause, failing.UnusableState); break;
            case StartShard: Start(); break;
            case SourcesChanged changed: (areSourcesDrained, sourceProblem) = (changed.AreDrained, changed.Problem); AskForIdle(); break;
            case TellWhenNodeIsIdle: idleWatchers.Add(Sender); AskForIdle(); break;
            case ShardIsIdle: TellIdle(null); break;
            case CloseNode: Close(); break;
            case IntakeIsOpen: LetIn(); break;
            case IntakeIsStopped: IntakeStopped(Sender.Path.Name); break;
            case ComponentIsBack: TellOfShard(Sender); break;
            case StartComponent start: Start(start); break;
            case DeadLetter letter: Take(letter); break;
            case DrainNode: Drain(); break;
            case ShardIsDrained: Drained(); break;
            case Terminated ended: Ended(ended.ActorRef); break;
        }
    }

    private void Start()
    {
        if (failure is not null || closeRequester is not null) return;
        shard = Context.Watch(Context.ActorOf(ShardActor.Props(shardContext, maxSnapshotSequenceNr).WithDispatcher(NodeConfig.MeshDispatcher), shardContext.PersistenceId));
        foreach (var (message, sender) in held) shard.Tell(message, sender);
        held.Clear();
    }

    private void Serve(int epoch)
    {
        isServing = true;
        (restartsInRow, downSince, opening) = (0, null, epoch);
        board.ShowComponent(shardContext.PersistenceId, ComponentState.Running, null);
        TellComponents(new ShardIsUp(shard!));
        AskForIdle();
    }

    /// <summary>Whoever waited for the node to be ready can publish now, and is not refused.</summary>
    private void LetIn()
    {
        if (opening is { } epoch && isServing && closeRequester is null && drainRequester is null) board.ShowReady(epoch);
        opening = null;
    }

    private void Forward(object message)
    {
        if (failure is not null) Sender.Tell(new Status.Failure(failure));
        else if (shard is not null) shard.Forward(message);
        else held.Add((message, Sender));
    }

    private void AskForIdle()
    {
        if (idleWatchers.Count == 0) return;
        if (failure is not null) TellIdle(failure);
        else if (sourceProblem is not null) TellIdle(new MeshNodeException(NodeFailure.Source, sourceProblem));
        else if (areSourcesDrained && isServing) shard!.Tell(new TellWhenIdle());
    }

    private void TellIdle(MeshNodeException? problem)
    {
        if (problem is null && !areSourcesDrained) return;
        foreach (var watcher in idleWatchers) watcher.Tell(new NodeIsIdle(problem));
        idleWatchers.Clear();
    }

    private void Ended(IActorRef actor)
    {
        if (ComponentEnded(actor) || !actor.Equals(shard)) return;
        (shard, isServing, opening) = (null, false, null);
        if (failure is null && drainRequester is null) board.ShowState(NodeState.Recovering, $"The shard ended and recovers from its log: {lastCause?.Message}"); // before anybody is refused
        TellComponents(new ShardIsDown());
        if (drainRequester is not null) Drained();
        else if (failure is null) Recover();
    }

    /// <summary>The shard ended by itself: start it again where that can help.</summary>
    private void Recover()
    {
        var cause = lastCause ?? new InvalidOperationException("its actor ended unexpectedly");
        if (unusableState is { } row)
        {
            Log.ShardStateUnusable(logger, options.Shard.Shard, row, cause.Message);
            (unusableState, maxSnapshotSequenceNr) = (null, row - 1);
            Start();
            return;
        }
        downSince ??= options.Time.GetTimestamp();
        if (FatalFailure(cause, options.Time.GetElapsedTime(downSince.Value)) is { } fatal)
        {
            Fail(fatal);
            return;
        }
        var wait = Backoff.After(++restartsInRow, options.MinBackoff, options.MaxBackoff);
        Log.ShardRestarts(logger, options.Shard.Shard, wait, cause.Message, cause);
        board.ShowComponent(shardContext.PersistenceId, ComponentState.Restarting, cause.Message, options.Time.GetUtcNow());
        var self = Self;
        restart?.Dispose();
        restart = options.Time.CreateTimer(_ => self.Tell(new StartShard()), null, wait, Timeout.InfiniteTimeSpan);
    }

    private MeshNodeException? FatalFailure(Exception cause, TimeSpan down) => cause switch
    {
        LogCorruptException => new MeshNodeException(NodeFailure.LogCorrupt, cause.Message, cause),
        TopologyConflictException => new MeshNodeException(NodeFailure.TopologyConflict, cause.Message, cause),
        LogTakenOverException => new MeshNodeException(NodeFailure.Locked, cause.Message, cause),
        _ when down >= options.MaxShardDowntime => new MeshNodeException(NodeFailure.Storage,
            $"The shard ended {restartsInRow + 1} times in a row within {down:c}, the last time because of: {cause.Message} See to the journal, then start the node again; nothing that was acknowledged is lost.", cause),
        _ => null,
    };

    private void Fail(MeshNodeException problem)
    {
        failure = problem;
        Log.NodeFailed(logger, problem.Message, problem.InnerException);
        foreach (var (_, sender) in held) sender.Tell(new Status.Failure(problem));
        held.Clear();
        AskForIdle();
        if (shard is not null) Context.Stop(shard);
        board.ShowComponent(shardContext.PersistenceId, ComponentState.Down, problem.Message, options.Time.GetUtcNow());
        board.Fail(problem);
    }

    private void Close()
    {
        closeRequester = Sender;
        if (failure is null) board.ShowState(NodeState.Draining, null);
        CloseIntakes();
    }

    private void Drain()
    {
        drainRequester = Sender;
        if (shard is null) Drained();
        else shard.Tell(new DrainShard());
    }

    private void Drained()
    {
        drainRequester?.Tell(new NodeIsDrained());
    }
}
