using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <content>Changed definitions are watched, and set back with their agents.</content>
internal sealed partial class TestMesh
{
    private readonly Queue<Action> surveys = [];
    private bool canariesAreDue;

    /// <summary>Whether changed definitions are to be judged now: not while a decision is underway, or agents get ready for another change.</summary>
    private bool CanDecideCanaries => canariesAreDue && decisions.Count == 0 && replacing is null;

    /// <summary>Whether what was read for a way back can be used now.</summary>
    private bool CanRollBack => surveys.Count > 0 && decisions.Count == 0 && replacing is null;

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

    /// <summary>Reads the log, which takes time; the shard goes on meanwhile.</summary>
    private void Survey(PlanRollBack request)
    {
        try
        {
            var survey = SurveyOf(request);
            surveys.Enqueue(() => Shard.RollBack(survey, NowNs));
        }
        catch (LogCorruptException e)
        {
            surveys.Enqueue(() => Shard.RollBackRefused(request, e.Message, NowNs));
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
