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

    /// <summary>What the mesh says of its agents when the records end; who is woken to be looked at may go on, and fail.</summary>
    public IReadOnlyDictionary<string, AgentStatus> AtRest { get; } = mesh.Shard.Agents.ToDictionary(a => a.Name, StringComparer.Ordinal);

    public IEnumerable<MeshEvent> Events => Records.OfType<EventRecord>().Select(r => r.Event);

    /// <summary>Where the mesh went back to.</summary>
    public HashSet<long> Cuts => field ??= [.. Records.OfType<MeshRewindRecord>().Select(r => r.To)];

    /// <summary>Whether the mesh went back to before a record later on.</summary>
    public bool IsUndone(long offset) => Records.OfType<MeshRewindRecord>().Any(r => r.To < offset && offset < r.Offset);

    /// <summary>Whether the mesh and its sources went back to before a record, between that and a later one.</summary>
    public bool IsForgotten(long offset, long by) => Records.OfType<MeshRewindRecord>().Any(r => r.Sources && r.To < offset && offset < r.Offset && r.Offset < by);

    /// <summary>Whether an agent goes back to an older version of its module alone, and not with its definition.</summary>
    public bool GoesBackAlone(LineageRecord lineage) => lineage.Offset >= 2 && Records[(int)lineage.Offset - 2] is AgentVersionRecord { Step: AgentVersionStep.WentBack } back && back.Agent == lineage.Agent;

    /// <summary>The topologies that were in force, each with the offset from which on.</summary>
    public List<(long From, MeshTopology Topology)> Topologies => field ??= FoldTopologies();

    /// <summary>A definition by its name: as it was first, if it was there more than once.</summary>
    public AgentDefinition DefinitionOf(string name) => Topologies.SelectMany(t => t.Topology.Agents).First(d => d.Name == name);

    /// <summary>Whether an agent was defined at an offset.</summary>
    public bool IsDefinedAt(string definition, long offset) => Topologies.Last(t => t.From <= offset).Topology.Agents.Any(d => d.Name == definition);

    private List<(long, MeshTopology)> FoldTopologies()
    {
        var all = new List<(long From, MeshTopology Topology)>();
        foreach (var record in Records)
        {
            if (record is TopologyRecord first) all.Add((first.Offset, first.Topology));
            else if (record is TopologyChangeRecord change) all.Add((change.Offset, change.Delta.On(all[^1].Topology)));
        }
        return all;
    }

    public IEnumerable<TurnRecord> Turns => Records.OfType<TurnRecord>();
}
