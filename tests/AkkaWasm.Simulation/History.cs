using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <summary>What a run left behind, for those who judge it: the records of the log, what the world outside saw, the mesh at rest.</summary>
internal sealed class History(TestMesh mesh, Observations seen, MeshTopology topology)
{
    public TestMesh Mesh => mesh;

    public Observations Seen => seen;

    /// <summary>What the mesh was asked to be.</summary>
    public MeshTopology Topology => topology;

    /// <summary>The records in order; a test may tamper with them.</summary>
    public List<LogRecord> Records { get; } = [.. mesh.Store.Records()];

    public IEnumerable<MeshEvent> Events => Records.OfType<EventRecord>().Select(r => r.Event);

    public IEnumerable<TurnRecord> Turns => Records.OfType<TurnRecord>();
}
