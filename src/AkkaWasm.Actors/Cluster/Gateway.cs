using Akka.Actor;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Sources;

namespace AkkaWasm.Actors.Cluster;

/// <summary>Opens the gate between publishers and the shard while the shard serves, and closes it when it does not, or when the node ends.</summary>
internal sealed class Gateway(PublishGate gate) : UntypedActor
{
    private const string Recovers = "The mesh recovers from its log";

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ShardIsUp up: Open(up.Shard); break;
            case ShardIsDown: gate.Empty(Recovers); break;
            case StopIntake: Stop(); break;
        }
    }

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.Parent.Tell(new ComponentIsBack());
    }

    /// <summary>Nobody watches over those who wait any more; what was appended for them is found by the same ids.</summary>
    protected override void PostStop() => gate.Empty(Recovers);

    private void Open(IActorRef shard)
    {
        gate.Open(shard);
        Context.Parent.Tell(new IntakeIsOpen());
    }

    private void Stop()
    {
        gate.Close("The node is ending");
        Sender.Tell(new IntakeIsStopped());
    }
}
