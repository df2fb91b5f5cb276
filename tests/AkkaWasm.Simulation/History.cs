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

    /// <summary>Where the mesh went back to.</summary>
    public HashSet<long> Cuts => field ??= [.. Records.OfType<MeshRewindRecord>().Select(r => r.To)];

    /// <summary>Whether the mesh went back to before a record later on.</summary>
    public bool IsUndone(long offset) => Records.OfType<MeshRewindRecord>().Any(r => r.To < offset && offset < r.Offset);

    /// <summary>Whether the mesh and its sources went back to before a record, between that and a later one.</summary>
    public bool IsForgotten(long offset, long by) => Records.OfType<MeshRewindRecord>().Any(r => r.Sources && r.To < offset && offset < r.Offset && r.Offset < by);

    public IEnumerable<TurnRecord> Turns => Records.OfType<TurnRecord>();
}
