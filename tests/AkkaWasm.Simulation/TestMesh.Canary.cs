using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <content>Changed definitions are watched, and set back with their agents.</content>
internal sealed partial class TestMesh
{
    private readonly Queue<Action> verdicts = [];
    private bool canariesAreDue;

    /// <summary>Whether changed definitions are to be judged now: not while a decision is underway, or agents get ready for another change.</summary>
    private bool CanDecideCanaries => canariesAreDue && decisions.Count == 0 && replacing is null;

    /// <summary>Whether what was read for a way back can be used now, or a share be promoted.</summary>
    private bool CanFollowVerdict => verdicts.Count > 0 && decisions.Count == 0 && replacing is null;

    /// <summary>An operator ends a watch, or takes what is watched back; a node waits with that until no decision is underway.</summary>
    public void Abort(OperatorRequest request, string definition)
    {
        while (decisions.Count > 0) Take(new(StepKind.Decide));
        Shard.AbortCanary(definition, request, NowNs);
        TakeEffects();
    }

    private void DecideCanaries()
    {
        canariesAreDue = false;
        if (sabotage == Sabotage.ForgetsCanaries) return;
        Shard.DecideCanaries(NowNs + (sabotage == Sabotage.PromotesCanariesTooEarly ? TimeSpan.FromHours(1).Ticks * 100 : 0));
    }

    /// <summary>A share of a family held its budget: the others are made ready for its version, then they get it, or it is watched on.</summary>
    private void Promote(string definition)
    {
        if (Shard.PlanPromotion(definition) is not { } plan)
        {
            Shard.PromoteCanary(definition, NowNs, TopologyAuthor.Canary);
            return;
        }
        IsPromoting = true;
        Prepare(new ReplaceUnderway(plan, ready => Shard.PromoteCanary(definition, NowNs, TopologyAuthor.Canary, ready), fault =>
        {
            Shard.EndPreparation();
            Shard.PostponePromotion(definition, fault.Message, NowNs);
        }));
    }

    /// <summary>Who is to be made again; one that goes wrong makes all agents of a family under the version that is tried on a share of them.</summary>
    private RebuildPlan PlanRebuild(int agent, int token)
    {
        var plan = Shard.PlanRebuild(agent, token);
        return sabotage == Sabotage.TriesOnEveryone && plan.Agent.Definition.Canary is { } canary ? plan with { Agent = plan.Agent with { Definition = canary.Definition } } : plan;
    }

    /// <summary>Reads the log, which takes time; the shard goes on meanwhile.</summary>
    private void Survey(PlanRollBack request)
    {
        try
        {
            var survey = SurveyOf(request);
            verdicts.Enqueue(() => Shard.RollBack(survey, NowNs));
        }
        catch (LogCorruptException e)
        {
            verdicts.Enqueue(() => Shard.RollBackRefused(request, e.Message, NowNs));
        }
    }

    /// <summary>The shard as it was before the change, from where the log begins, and the committed records since.</summary>
    private RollBackSurvey SurveyOf(PlanRollBack request)
    {
        var before = new ShardCut(Options);
        if (Store.Base is { } known) before.Restore(known.State);
        var survey = default(RollBackSurvey);
        foreach (var record in Store.KeptRecords())
        {
            if (survey is null && record.Offset >= before.NextOffset && before.Take(record, request.Since - 1)) continue;
            if (record.Offset < request.Since) continue;
            survey ??= new RollBackSurvey(request, before);
            survey.Take(record);
        }
        return survey!;
    }
}
