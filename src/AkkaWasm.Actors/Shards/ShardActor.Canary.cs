using Akka.Actor;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Shards;

/// <summary>The shard to itself: judge the changed definitions that are watched, as soon as no decision is underway.</summary>
internal sealed record JudgeCanaries : IShardQuestion
{
    public static JudgeCanaries Instance { get; } = new();
}

/// <summary>To the shard: end the watch of a definition, which stays; what is tried on a share of a family gets to all its agents. Answered with a sentence or null.</summary>
/// <param name="Definition">Its name.</param>
/// <param name="Author">Who wants it.</param>
internal sealed record PromoteCanary(string Definition, string Author) : TopologyOrder
{
    public override TopologyPlan? PlanOn(Shard shard) => shard.PlanPromotion(Definition);

    public override object? CarryOut(Shard shard, long now, IReadOnlyDictionary<int, int>? ready) => shard.PromoteCanary(Definition, now, Author, ready);

    public override object? Refuse(Shard shard, long now, TopologyPlan plan, TopologyProblem problem, bool isEnding)
    {
        if (Author == TopologyAuthor.Canary && !isEnding) shard.PostponePromotion(Definition, problem.Message, now);
        return problem.Message;
    }
}

/// <summary>To the shard: set a definition that is watched back. Answered with <see cref="ShardAnswer"/> that holds a sentence or null, after the commit.</summary>
/// <param name="Definition">Its name.</param>
internal sealed record AbortCanary(string Definition) : IShardQuestion;

/// <summary>To the shard from itself: what the log says of the agents of a definition that goes back, or why it cannot be read.</summary>
internal sealed record RollBackIsRead(PlanRollBack Request, RollBackSurvey? Survey, string? Problem);

/// <content>
/// Changed definitions that are watched, judged and set back: like other changes of the topology between the decisions of supervisors, and not while agents get
/// ready for another one.
/// </content>
internal sealed partial class ShardActor
{
    private readonly Queue<RollBackSurvey> surveys = [];
    private readonly Queue<(string Definition, IActorRef Asker)> aborts = [];
    private bool canariesAreDue;

    private bool CanariesWait => canariesAreDue || surveys.Count > 0 || aborts.Count > 0;

    private void AskForJudgement()
    {
        canariesAreDue = true;
        Self.Tell(JudgeCanaries.Instance);
    }

    /// <summary>What failed too often is held at once; it goes back like any other change: see <see cref="SetBack"/>.</summary>
    private void Judge()
    {
        if (decisions.Count > 0 || preparation is not null || draining is not null) return;
        if (canariesAreDue)
        {
            canariesAreDue = false;
            shard.DecideCanaries(NowNs);
            CarryOutEffects();
        }
        while (decisions.Count == 0 && aborts.TryDequeue(out var abort))
        {
            shard.AbortCanary(abort.Definition, abort.Asker, NowNs);
            CarryOutEffects();
        }
    }

    private void SetBack()
    {
        if (preparation is not null || draining is not null) return;
        while (decisions.Count == 0 && surveys.TryDequeue(out var survey))
        {
            shard.RollBack(survey, NowNs);
            CarryOutEffects();
        }
    }

    private void CarryOut(PromotionIsDue due)
    {
        changes.Enqueue((new PromoteCanary(due.Definition, TopologyAuthor.Canary), ActorRefs.Nobody));
        ChangeSoon();
    }

    private void Take(AbortCanary abort)
    {
        aborts.Enqueue((abort.Definition, Sender));
        Judge();
    }

    /// <summary>Reads the log off the shard's thread; the agents make no turn meanwhile.</summary>
    private void CarryOut(PlanRollBack request)
    {
        var (journal, options) = (context.Journal, context.Options);
        Task.Run(() => journal.SurveyOf(request, options))
            .PipeTo(Self, success: survey => new RollBackIsRead(request, survey, null), failure: e => new RollBackIsRead(request, null, e.Message));
    }

    private void Take(RollBackIsRead read)
    {
        if (read.Survey is null) shard.RollBackRefused(read.Request, read.Problem!, NowNs);
        else surveys.Enqueue(read.Survey);
        ChangeSoon();
    }
}
