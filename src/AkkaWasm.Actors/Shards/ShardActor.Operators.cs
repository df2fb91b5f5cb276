using Akka.Actor;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Shards;

/// <summary>To the shard: what an operator wants done. Answered with <see cref="ShardAnswer"/> that holds a sentence or null, after the commit.</summary>
/// <param name="Act">Runs in the shard's actor, with the ticket that stands for the operator and the time.</param>
internal sealed record OperateAgent(Action<Shard, object, long> Act);

/// <summary>To the shard from itself: how an agent comes back to an older state, or why it cannot.</summary>
internal sealed record RewindIsPlanned(PlanRewind Request, RewindPlan? Plan, string? Problem);

/// <content>What operators ask for, and rewinds, for which the log is read.</content>
internal sealed partial class ShardActor
{
    private void Take(OperateAgent operate) => operate.Act(shard, Sender, NowNs);

    private static void CarryOut(AnswerOperator answer) => ((IActorRef)answer.Ticket).Tell(new ShardAnswer(answer.Problem));

    /// <summary>Reads the log off the shard's thread; the agent makes no turn meanwhile.</summary>
    private void CarryOut(PlanRewind request)
    {
        var name = names[request.Agent];
        Task.Run(() => PlanAsync(request, name)).PipeTo(Self, success: plan => new RewindIsPlanned(request, plan, null), failure: e => new RewindIsPlanned(request, null, e.Message));
    }

    private async Task<RewindPlan> PlanAsync(PlanRewind request, string name)
    {
        var plan = context.Journal.Lives(request.Agent, name).Plan(request.Target, other => context.Journal.Turns(other, number => names[number]));
        foreach (var life in plan.Turns.Where(t => t.Agent == request.Agent).Reverse().DistinctBy(t => t.Incarnation))
        {
            if (await NewestImageAsync(name, life).ConfigureAwait(false) is { } image && plan.From(new LineageImage(request.Agent, image.Incarnation, image.Input, image.Hash)) is { } shorter)
                return shorter;
        }
        return plan.IsWhole ? plan : throw new RewindRefusedException($"The log does not reach back to the first turn of agent '{name}', and there is no snapshot of it at offset {plan.LastInput} or before.");
    }

    private async Task<Mesh.Turns.AgentImage?> NewestImageAsync(string name, LineageTurn upTo)
    {
        try
        {
            return await images.LoadAsync(name, upTo.Incarnation, upTo.Input).ConfigureAwait(false);
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
