using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <summary>What a run left behind, for those who judge it: the records of the log, what publishers were told, the mesh at rest.</summary>
internal sealed class History(TestMesh mesh, IReadOnlyDictionary<string, long> acknowledged)
{
    public TestMesh Mesh => mesh;

    public IReadOnlyDictionary<string, long> Acknowledged => acknowledged;

    public MeshTopology Topology => mesh.Topology;

    /// <summary>The records in order; a test may tamper with them.</summary>
    public List<LogRecord> Records { get; } = [.. mesh.Store.Records()];

    public IEnumerable<MeshEvent> Events => Records.OfType<EventRecord>().Select(r => r.Event);

    public IEnumerable<TurnRecord> Turns => Records.OfType<TurnRecord>();
}
