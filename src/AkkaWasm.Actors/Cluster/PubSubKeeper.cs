using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using AkkaWasm.Actors.Sources;

namespace AkkaWasm.Actors.Cluster;

/// <summary>
/// Looks after Akka's pub-sub, whose mediator is no child of the guardian: Akka starts it beside its own actors, restarts it without its subscribers when it
/// throws, and leaves it when it ends. The keeper fails when that happened, and so is supervised in its place; when it begins again it begins a new mediator where
/// the old one ended, at the same path, and has everybody subscribe again (<see cref="PubSubRestarted"/>).
/// </summary>
internal sealed class PubSubKeeper : UntypedActor
{
    /// <summary>A topic that only the keeper subscribes to: as long as the mediator knows it, the mediator has lost nobody.</summary>
    private const string Own = "mesh-pub-sub";

    /// <summary>Where Akka runs its own actors.</summary>
    private const string InternalDispatcher = "akka.actor.internal-dispatcher";

    /// <summary>How often the mediator is asked; it restarts in its place without telling anybody.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly NodeBoard board;
    private readonly TimeProvider time;
    private IActorRef mediator = ActorRefs.Nobody;
    private ITimer? timer;
    private bool isSubscribed;
    private bool isEnding;

    public PubSubKeeper(NodeBoard board, TimeProvider time)
    {
        this.board = board;
        this.time = time;
    }

    protected override void PreStart()
    {
        if (board.Mediator.IsNobody()) board.Mediator = Begin((ExtendedActorSystem)Context.System);
        mediator = Context.Watch(board.Mediator);
        mediator.Tell(new Subscribe(Own, Self));
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        if (board.SubscribersAreLost) Context.System.EventStream.Publish(new PubSubRestarted(mediator));
        board.SubscribersAreLost = false;
        var self = Self;
        timer = time.CreateTimer(_ => self.Tell(Look.Now), null, LookEvery, Timeout.InfiniteTimeSpan);
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.Parent.Tell(new ComponentIsBack());
    }

    protected override void PostStop() => timer?.Dispose();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SubscribeAck: isSubscribed = true; break;
            case Look: Ask(); break;
            case CurrentTopics current when isSubscribed && !current.Topics.Contains(Own): Fail("Akka's pub-sub was restarted without its subscribers."); break;
            case Terminated ended when ended.ActorRef.Equals(mediator): BeginAnew(); break;
            case DeadLetter letter: PassOn(letter); break;
            case StopIntake: End(); break;
        }
    }

    private void Ask()
    {
        mediator.Tell(GetTopics.Instance);
        timer!.Change(LookEvery, Timeout.InfiniteTimeSpan);
    }

    private void BeginAnew()
    {
        board.Mediator = ActorRefs.Nobody;
        Fail("Akka's pub-sub ended.");
    }

    /// <summary>It ends with the membership of its node, too, and then is not wanted any more.</summary>
    private void Fail(string problem)
    {
        if (isEnding || CoordinatedShutdown.Get(Context.System).ShutdownReason is not null) return;
        board.SubscribersAreLost = true;
        throw new InvalidOperationException(problem);
    }

    /// <summary>Akka's extension goes on handing out the mediator that it started: what is sent to that one is meant for the one in its place.</summary>
    private void PassOn(DeadLetter letter)
    {
        if (letter.Recipient.Path.Equals(mediator.Path) && !letter.Recipient.Equals(mediator) && letter.Message is not IPossiblyHarmful) mediator.Tell(letter.Message, letter.Sender);
    }

    private void End()
    {
        isEnding = true;
        Sender.Tell(new IntakeIsStopped());
    }

    /// <summary>As Akka's extension begins one.</summary>
    private static IActorRef Begin(ExtendedActorSystem system)
    {
        var section = system.Settings.Config.GetConfig("akka.cluster.pub-sub");
        var dispatcher = section.GetString("use-dispatcher") is { Length: > 0 } wanted ? wanted : InternalDispatcher;
        var props = DistributedPubSubMediator.Props(DistributedPubSubSettings.Create(section)).WithDeploy(Deploy.Local).WithDispatcher(dispatcher);
        return system.SystemActorOf(props, section.GetString("name"));
    }

    private sealed record Look
    {
        public static Look Now { get; } = new();
    }
}
