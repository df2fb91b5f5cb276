using Akka.Actor;

namespace AkkaWasm.Actors;

/// <summary>
/// Published on the actor system's <see cref="ActorSystem.EventStream"/>: Akka's pub-sub was begun again and knows no subscribers any more. Whoever wants
/// <see cref="CommittedEvents"/> subscribes again, and takes what it missed from the log: it ends before the <see cref="CommittedEvents.FirstOffset"/> of the next
/// commit that comes. To subscribe twice does no harm.
/// </summary>
/// <param name="Mediator">Whom to send <c>Subscribe</c> to; what is sent to the mediator that <c>DistributedPubSub.Get(system)</c> gives comes to it too.</param>
public sealed record PubSubRestarted(IActorRef Mediator);
