using Akka.Actor;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Shards;

/// <content>Rules that give a definition another module: like other changes of the topology between the decisions of supervisors, one after the other.</content>
internal sealed partial class ShardActor
{
    private readonly Queue<RuleIsDue> rulesDue = [];

    private void AskForRule(RuleIsDue due)
    {
        rulesDue.Enqueue(due);
        ChangeSoon();
    }

    private void CarryOutRules()
    {
        while (preparation is null && decisions.Count == 0 && draining is null && rulesDue.TryDequeue(out var due))
        {
            if (shard.PlanRule(due) is { IsPossible: true } plan
                && BeginPreparation(new Preparation(plan, ready => Act(due, ready), problem => shard.RefuseRule(due, problem.Message, NowNs), ActorRefs.Nobody))) continue;
            Act(due, null);
        }
    }

    private void Act(RuleIsDue due, IReadOnlyDictionary<int, int>? ready)
    {
        shard.CarryOutRule(due, ready, NowNs);
        CarryOutEffects();
    }
}
