using Akka.Actor;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Shards;

/// <content>Hashes of states on request, and the orderly end.</content>
internal sealed partial class ShardActor
{
    private readonly Dictionary<int, List<IActorRef>> hashWaiters = [];
    private Drain? draining;

    private void HashState(GetStateHash request)
    {
        if (shard.FindAgent(request.Agent) is not { } status)
        {
            Sender.Tell(new StateHashIs(null));
            return;
        }
        if (!hashWaiters.TryGetValue(status.Number, out var waiters)) hashWaiters[status.Number] = waiters = [];
        waiters.Add(Sender);
        ServeHashes(status.Number);
    }

    /// <summary>Whatever happens to an agent whose hash is wanted, somebody is asked for it again or the answer is known.</summary>
    private void ServeHashes(int agent)
    {
        if (!hashWaiters.ContainsKey(agent) || shard.FindAgent(names[agent]) is not { } status) return;
        if (status.State == AgentState.Stopped) AnswerHashes(agent, null);
        else if (status.State is AgentState.Running or AgentState.Paused or AgentState.Held && live.TryGetValue(agent, out var actor)) actor.Tell(new HashState(agent));
        else if (status.State is not (AgentState.Asleep or AgentState.Paused or AgentState.Held)) return;
        else if (status is { ImageHash: { } hash, TurnsSinceImage: 0 }) AnswerHashes(agent, hash);
        else shard.Wake(status.Name);
    }

    /// <summary>No hash means that the guest failed in the meantime; the question is put again when it is back.</summary>
    private void Take(StateIsHashed hashed)
    {
        if (hashed.Hash is { } hash) AnswerHashes(hashed.Agent, hash);
    }

    private void AnswerHashes(int agent, Mesh.StateHash? hash)
    {
        if (!hashWaiters.Remove(agent, out var waiters)) return;
        foreach (var waiter in waiters) ReplyCommitted(waiter, new StateHashIs(hash));
    }

    /// <summary>No more is handed out; every agent that is awake saves itself after what it has got.</summary>
    private void BeginDrain(IActorRef replyTo)
    {
        if (draining is not null) return;
        draining = new Drain(replyTo, [.. live.Keys]);
        BeginImageGroup();
        foreach (var (number, actor) in live) actor.Tell(new Finish(number));
    }

    private void ContinueDrain()
    {
        if (draining!.IsSavingState || draining.Waiting.Count > 0 || imagesInFlight > 0 || imageQueue.Count > 0 || isDropping || isWriting || !isReady) return;
        draining.IsSavingState = true;
        SaveLastState();
    }

    private void EndDrain()
    {
        draining!.ReplyTo.Tell(new ShardIsDrained());
        Context.Stop(Self);
    }

    private sealed record Drain(IActorRef ReplyTo, HashSet<int> Waiting)
    {
        public bool IsSavingState { get; set; }
    }
}
