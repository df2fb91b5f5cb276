using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <content>The topology changes while the mesh runs.</content>
internal sealed partial class TestMesh
{
    /// <summary>Changes the topology; a node waits with that until no decision is underway, and so does this.</summary>
    public TopologyAnswer Apply(MeshTopology target, long? basedOn = null, string author = TopologyAuthor.Operator, string reason = "")
    {
        while (decisions.Count > 0) Take(new(StepKind.Decide));
        var answer = Shard.ApplyTopology(target, basedOn, author, reason, NowNs);
        TakeEffects();
        return answer;
    }
}
