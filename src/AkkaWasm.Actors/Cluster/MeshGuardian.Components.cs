using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Sources;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Cluster;

/// <summary>To the guardian: a part that failed was begun again in its place and knows nothing yet.</summary>
internal sealed record ComponentIsBack;

/// <summary>To the guardian from its clock: begin a part again.</summary>
internal sealed record StartComponent(string Name);

/// <content>
/// The parts besides the shard: gateway, sources, and who looks after Akka's pub-sub. One that fails begins again at once and keeps its mailbox; one that fails
/// too often, or ends, begins again after a back-off.
/// </content>
internal sealed partial class MeshGuardian
{
    private const string PubSub = "pub-sub";
    private const string Gateways = "gateway";
    private const string Sources = "sources";

    /// <summary>So often within <see cref="FailuresCount"/> a part begins again at once.</summary>
    private const int RestartsAtOnce = 3;

    private static readonly TimeSpan FailuresCount = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Component> components = new(StringComparer.Ordinal);
    private readonly HashSet<string> intakesOpen = new(StringComparer.Ordinal);
    private bool areSourcesPaused;

    private void StartComponents()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        board.Mediator = DistributedPubSub.Get(Context.System).Mediator;
        Add(PubSub, Props.Create(() => new PubSubKeeper(board, options.Time)));
        Add(Gateways, Props.Create(() => new Gateway(gate)));
        Add(Sources, Props.Create(() => new SourcesActor(options, board)));
    }

    private void Add(string name, Props props) => Start(components[name] = new Component(name, props.WithDispatcher(NodeConfig.MeshDispatcher)));

    private void Start(Component component)
    {
        component.Actor = Context.Watch(Context.ActorOf(component.Props, component.Name));
        board.ShowComponent(component.Name, ComponentState.Running, null);
        TellOfShard(component.Actor);
    }

    private void TellOfShard(IActorRef part)
    {
        if (areSourcesPaused && part.Equals(components[Sources].Actor)) part.Tell(new PauseSources());
        if (isServing && closeRequester is null) part.Tell(new ShardIsUp(shard!));
        else if (closeRequester is not null) part.Tell(new StopIntake());
    }

    private void TellComponents(object message)
    {
        foreach (var component in components.Values) component.Actor?.Tell(message);
    }

    /// <summary>Decides about a failing child: the shard ends and recovers, a part begins again in its place unless it did so too often of late.</summary>
    private Directive Decide(IActorRef child, Exception cause)
    {
        if (components.Values.FirstOrDefault(c => child.Equals(c.Actor)) is not { } component)
        {
            lastCause = cause;
            return Directive.Stop;
        }
        component.LastCause = cause;
        Log.ComponentFailed(logger, component.Name, cause.Message, cause);
        if (component.CountFailure(options.Time, FailuresCount) > RestartsAtOnce) return Directive.Stop;
        board.ShowComponent(component.Name, ComponentState.Running, cause.Message, options.Time.GetUtcNow());
        return Directive.Restart;
    }

    /// <returns>Whether it was one of the parts.</returns>
    private bool ComponentEnded(IActorRef actor)
    {
        if (components.Values.FirstOrDefault(c => actor.Equals(c.Actor)) is not { } component) return false;
        component.Actor = null;
        if (failure is not null || closeRequester is not null || drainRequester is not null)
        {
            IntakeStopped(component.Name);
            return true;
        }
        var problem = component.LastCause?.Message ?? "its actor ended unexpectedly.";
        var wait = Backoff.After(++component.EndsInRow, options.MinBackoff, options.MaxBackoff);
        Log.ComponentRestarts(logger, component.Name, wait, problem);
        board.ShowComponent(component.Name, ComponentState.Restarting, problem, options.Time.GetUtcNow());
        var (self, start) = (Self, new StartComponent(component.Name));
        component.Timer?.Dispose();
        component.Timer = options.Time.CreateTimer(_ => self.Tell(start), null, wait, Timeout.InfiniteTimeSpan);
        return true;
    }

    private void Start(StartComponent start)
    {
        if (failure is null && closeRequester is null && components[start.Name] is { Actor: null } component) Start(component);
    }

    /// <summary>
    /// Sources that begin again while they are to wait are told so before they hear of the shard. What they said of their end counts no more: they may
    /// have been taken back, and say it again when they go on.
    /// </summary>
    private void ToSources(object message)
    {
        (areSourcesPaused, areSourcesDrained) = (message is PauseSources, false);
        if (components[Sources].Actor is { } sources) sources.Forward(message);
        else if (message is PauseSources) Sender.Tell(new Status.Failure(new MeshNodeException(NodeFailure.Ended, "The sources begin again after a failure; ask again.")));
    }

    /// <summary>Whoever asked a part that ended before it saw the question gets an answer.</summary>
    private static void Take(DeadLetter letter)
    {
        if (letter.Message is IShardQuestion) letter.Sender.Tell(ShardActor.NoAnswer);
    }

    private void CloseIntakes()
    {
        foreach (var component in components.Values.Where(c => c.Actor is not null)) intakesOpen.Add(component.Name);
        TellComponents(new StopIntake());
        if (intakesOpen.Count == 0) closeRequester!.Tell(new IntakeIsStopped());
    }

    private void IntakeStopped(string name)
    {
        if (intakesOpen.Remove(name) && intakesOpen.Count == 0) closeRequester?.Tell(new IntakeIsStopped());
    }

    /// <summary>Knows the child that fails, which a decider alone does not.</summary>
    private sealed class ComponentStrategy(MeshGuardian guardian) : OneForOneStrategy(static _ => Directive.Stop)
    {
        protected override Directive Handle(IActorRef child, Exception exception) => guardian.Decide(child, exception);
    }

    private sealed class Component(string name, Props props)
    {
        private readonly Queue<long> failures = [];

        public string Name => name;

        public Props Props => props;

        public IActorRef? Actor { get; set; }

        public Exception? LastCause { get; set; }

        public int EndsInRow { get; set; }

        public ITimer? Timer { get; set; }

        public int CountFailure(TimeProvider time, TimeSpan range)
        {
            var now = time.GetTimestamp();
            while (failures.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) > range) failures.Dequeue();
            if (failures.Count == 0) EndsInRow = 0;
            failures.Enqueue(now);
            return failures.Count;
        }
    }
}
