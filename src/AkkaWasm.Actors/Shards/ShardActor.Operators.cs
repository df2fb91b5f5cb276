using Akka.Actor;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard: what an operator wants done. Answered with <see cref="ShardAnswer"/> that holds a sentence or null, after the commit.</summary>
/// <param name="Act">Runs in the shard's actor, with the ticket that stands for the operator and the time.</param>
internal sealed record OperateAgent(Action<Shard, object, long> Act) : IShardQuestion
{
    /// <summary>What is done at once and says in a sentence why it cannot be.</summary>
    public static OperateAgent At(Func<Shard, long, string?> act) => new((shard, ticket, now) => shard.Answer(ticket, act(shard, now)));
}

/// <summary>To the shard: kill the actor of an agent. Answered like <see cref="OperateAgent"/>.</summary>
internal sealed record KillAgent(string Name) : IShardQuestion;

/// <summary>To the shard from itself: how an agent comes back to an older state, or why it cannot.</summary>
internal sealed record RewindIsPlanned(PlanRewind Request, RewindPlan? Plan, string? Problem);

/// <content>What operators ask for, and rewinds, for which the log is read.</content>
internal sealed partial class ShardActor
{
    private void Answer(AskShard question)
    {
        shard.NoteTime(NowNs);
        ReplyCommitted(Sender, new ShardAnswer(question.Answer(shard)));
    }

    private void Take(OperateAgent operate) => operate.Act(shard, Sender, NowNs);

    /// <summary>The answer to whoever asked a shard that ended before it could say anything.</summary>
    public static Status.Failure NoAnswer => new(new MeshNodeException(NodeFailure.Ended, "The mesh recovers from its log, and whether what was asked for is done is not known; look, and ask again."));

    /// <summary>Nothing failed but the actor: no turn, no record, no budget. Its supervisor begins it again, and the core rebuilds it after a back-off.</summary>
    private void Take(KillAgent kill)
    {
        var status = shard.FindAgent(kill.Name);
        if (status is null) Sender.Tell(new ShardAnswer($"There is no agent '{kill.Name}'."));
        else if (!live.TryGetValue(status.Number, out var actor)) Sender.Tell(new ShardAnswer($"The agent '{kill.Name}' has no actor now: it is {status.State.ToString().ToLowerInvariant()}."));
        else
        {
            actor.Tell(Kill.Instance);
            Sender.Tell(new ShardAnswer(null));
        }
    }

    /// <summary>Nobody waits for an answer that will not come.</summary>
    private void DisappointThoseWhoWait()
    {
        foreach (var (_, to, _) in replies) to.Tell(NoAnswer);
        foreach (var waiter in hashWaiters.Values.SelectMany(w => w)) waiter.Tell(NoAnswer);
        foreach (var (_, sender) in early) sender.Tell(NoAnswer);
        foreach (var (_, asker) in changes) asker.Tell(NoAnswer);
        foreach (var (_, asker) in aborts) asker.Tell(NoAnswer);
        preparation?.Asker.Tell(NoAnswer);
        foreach (var ticket in shard.OpenRequests) ((IActorRef)ticket).Tell(NoAnswer);
    }

    private static void CarryOut(AnswerOperator answer) => ((IActorRef)answer.Ticket).Tell(new ShardAnswer(answer.Problem));

    /// <summary>Reads the log off the shard's thread; the agent makes no turn meanwhile.</summary>
    private void CarryOut(PlanRewind request)
    {
        var name = names[request.Agent];
        Task.Run(() => PlanAsync(request, name)).PipeTo(Self, success: plan => new RewindIsPlanned(request, plan, null), failure: e => new RewindIsPlanned(request, null, e.Message));
    }

    private async Task<RewindPlan> PlanAsync(PlanRewind request, string name)
    {
        var plan = context.Journal.PlanRewind(request.Agent, request.Target, names.AllOf);
        foreach (var life in plan.Turns.Where(t => t.Agent == request.Agent).Reverse().DistinctBy(t => t.Incarnation))
        {
            if (await NewestImageAsync(life).ConfigureAwait(false) is { } image && plan.From(new LineageImage(request.Agent, image.Incarnation, image.Input, image.Hash)) is { } shorter)
                return shorter;
        }
        if (!plan.IsWhole && plan.Before is { } before && await images.LoadAsync(names.In(before.Agent, before.Incarnation), before.Incarnation, before.Input).ConfigureAwait(false) is { } first
            && first.Input == before.Input && plan.From(before) is { } whole) return whole;
        return plan.IsWhole ? plan : throw new RewindRefusedException($"The log does not reach back to the first turn of agent '{name}' ({LogBeginningText.Of(context.Journal.Beginning)}), and there is no snapshot of it at offset {plan.LastInput} or before.");
    }

    private async Task<Mesh.Turns.AgentImage?> NewestImageAsync(LineageTurn upTo)
    {
        try
        {
            return await images.LoadAsync(names.In(upTo.Agent, upTo.Incarnation), upTo.Incarnation, upTo.Input).ConfigureAwait(false);
        }
        catch (ImageCorruptException)
        {
            return null; // the turns before it serve as well
        }
    }

    private void Take(RewindIsPlanned planned)
    {
        var (agent, token) = (planned.Request.Agent, planned.Request.Token);
        if (planned.Plan is { } plan) shard.RewindPlanned(agent, token, plan, NowNs);
        else shard.RewindRefused(agent, token, planned.Problem!, NowNs);
    }
}
