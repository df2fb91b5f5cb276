using Akka.Actor;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard: make an agent with the state that another one had. Answered with <see cref="ShardAnswer"/> that holds a sentence or null, after the commit.</summary>
/// <param name="Origin">Name of the other.</param>
/// <param name="At">Offset of the last event in the state, or null for all that is committed.</param>
/// <param name="Name">Name of the new one.</param>
internal sealed record ForkAgent(string Origin, long? At, string Name) : IShardQuestion;

/// <summary>To the shard: take the mesh back to a cut. Answered with <see cref="ShardAnswer"/> that holds a <see cref="MeshRewindAnswer"/>, after the commit.</summary>
/// <param name="To">Offset of the last record that belongs to the cut.</param>
/// <param name="Sources">Whether the sources go back too.</param>
/// <param name="DryRun">Whether it is only to be said what would happen.</param>
internal sealed record RewindMeshTo(long To, bool Sources, bool DryRun) : IShardQuestion;

/// <summary>To the shard: say what would happen if an agent went back. Answered with <see cref="ShardAnswer"/> that holds an <see cref="AgentRewindAnswer"/>.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Target">How far.</param>
internal sealed record LookAtAgentRewind(string Agent, RewindTarget Target) : IShardQuestion;

/// <summary>What would happen, or why it cannot.</summary>
internal sealed record AgentRewindAnswer(AgentRewindOutlook? Outlook, string? Problem);

/// <summary>What happens, or why it does not.</summary>
internal sealed record MeshRewindAnswer(MeshRewindOutlook? Outlook, string? Problem);

/// <summary>To the shard from itself: the log was read for somebody who wants to go back in it.</summary>
/// <param name="Go">What is to be done with what was read, in the shard's actor.</param>
internal sealed record PastIsRead(Action Go);

/// <content>Forks, and the mesh taken back: the log is read off the shard's thread, then the core decides.</content>
internal sealed partial class ShardActor
{
    private void Take(ForkAgent fork)
    {
        var (asker, origin) = (Sender, shard.FindAgent(fork.Origin));
        if (origin is null) asker.Tell(new ShardAnswer($"There is no agent '{fork.Origin}'."));
        else ReadPast(() => PlanAsync(new PlanRewind(origin.Number, 0, new RewindTarget { To = fork.At ?? long.MaxValue }), fork.Origin),
            plan => shard.Fork(fork.Origin, fork.Name, plan, asker, NowNs), problem => asker.Tell(new ShardAnswer(problem)));
    }

    private void Take(LookAtAgentRewind look)
    {
        var asker = Sender;
        if (shard.FindAgent(look.Agent) is not { } agent) Answer(null, $"There is no agent '{look.Agent}'.");
        else ReadPast(() => PlanAsync(new PlanRewind(agent.Number, 0, look.Target), look.Agent), plan =>
        {
            var (outlook, problem) = shard.LookAtRewind(look.Agent, look.Target, plan);
            Answer(outlook, problem);
        }, problem => Answer(null, problem));

        void Answer(AgentRewindOutlook? outlook, string? problem) => ReplyCommitted(asker, new ShardAnswer(new AgentRewindAnswer(outlook, problem)));
    }

    private void Take(RewindMeshTo rewind)
    {
        var asker = Sender;
        ReadPast(() => Task.FromResult(context.Journal.CutAt(rewind.To, context.Options)), cut =>
        {
            var outlook = shard.LookAtRewind(cut);
            if (rewind.DryRun) asker.Tell(new ShardAnswer(new MeshRewindAnswer(outlook, null)));
            else shard.RewindMesh(cut, rewind.Sources, Context.ActorOf(Akka.Actor.Props.Create(() => new RewindAsker(asker, outlook))), NowNs);
        }, problem => asker.Tell(new ShardAnswer(new MeshRewindAnswer(null, problem))));
    }

    private void ReadPast<T>(Func<Task<T>> read, Action<T> then, Action<string> otherwise) =>
        Task.Run(read).PipeTo(Self, success: past => new PastIsRead(() => then(past)), failure: e => new PastIsRead(() => otherwise(e.Message)));

    /// <summary>Adds to the core's answer what happened.</summary>
    private sealed class RewindAsker(IActorRef asker, MeshRewindOutlook outlook) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is not ShardAnswer answer) return;
            asker.Tell(new ShardAnswer(new MeshRewindAnswer(outlook, (string?)answer.Value)));
            Context.Stop(Self);
        }
    }
}
