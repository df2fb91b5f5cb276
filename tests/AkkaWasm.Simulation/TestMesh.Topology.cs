using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <content>The topology changes while the mesh runs.</content>
internal sealed partial class TestMesh
{
    /// <summary>Changes the topology; a node waits with that until no decision is underway, and so does this.</summary>
    public TopologyAnswer Apply(MeshTopology target, long? basedOn = null, string author = TopologyAuthor.Operator, string reason = "", TimeSpan? drain = null, CanaryPolicy? canary = null)
    {
        while (decisions.Count > 0) Take(new(StepKind.Decide));
        var answer = Shard.ApplyTopology(target, basedOn, author, reason, NowNs, drain: drain, canary: canary);
        TakeEffects();
        return answer;
    }

    /// <summary>A topology that was in force, as what the mesh is to become again; null where the log does not say.</summary>
    public MeshTopology? TopologyOfOld(long at)
    {
        try
        {
            return CutAt(at) is { Topology: not null } cut ? Shard.BackTo(cut) : null;
        }
        catch (LogCorruptException)
        {
            return null;
        }
    }

    /// <summary>Agents that were to end when they are through; a node does that in the same way.</summary>
    private void FinishDrains()
    {
        if (!Shard.IsDrainOver || replacing is not null) return;
        while (decisions.Count > 0) Take(new(StepKind.Decide));
        Shard.FinishDrains(NowNs);
        TakeEffects();
    }
}
