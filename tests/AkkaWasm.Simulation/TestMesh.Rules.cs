using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <content>Rules that are to give a definition another module: like a change by an operator, one after the other and not while a decision is underway.</content>
internal sealed partial class TestMesh
{
    private readonly Queue<RuleIsDue> rulesDue = [];

    private bool CanCarryOutRule => rulesDue.Count > 0 && decisions.Count == 0 && replacing is null;

    private void BeginRule()
    {
        var due = rulesDue.Dequeue();
        if (Shard.PlanRule(due) is not { IsPossible: true } plan)
        {
            Shard.CarryOutRule(due, null, NowNs);
            return;
        }
        Prepare(new ReplaceUnderway(plan, ready => Shard.CarryOutRule(due, ready, NowNs), fault => Shard.RefuseRule(due, fault.Message, NowNs)));
    }
}
