namespace AkkaWasm.Simulation;

/// <content>How the mesh looks after its pools.</content>
internal sealed partial class TestMesh
{
    /// <summary>Looks at the pools, as a node does once a second while it does not end.</summary>
    public void ObservePools()
    {
        if (IsDraining) return;
        Shard.ObservePools(NowNs);
        TakeEffects();
    }
}
