using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Topology;

/// <summary>What an agent asks for by <c>mesh_v1.integrate</c>, read against the topology in force. Modules are named by their content here.</summary>
/// <param name="Target">What the topology shall be.</param>
/// <param name="BasedOn">Offset of the topology that it was read against; where another is in force by now it has to be read again.</param>
public sealed record AskedChange(MeshTopology Target, long BasedOn)
{
    /// <summary>Most agents and groups that one change lets wait or go on.</summary>
    public const int MaxPaused = 1_000;

    /// <summary>Whether the agent only wants to know what the change would do.</summary>
    public bool OnlyPlans { get; init; }

    /// <summary>Offset of the topology that the agent means to change; where another is in force nothing is changed. Null for whichever is.</summary>
    public long? IfMatch { get; init; }

    /// <summary>Why, as the agent says.</summary>
    public string Reason { get; init; } = "";

    /// <summary>How states are to be moved: see <see cref="MoveChooser"/>.</summary>
    public IReadOnlyDictionary<string, MoveRequest> Moves { get; init; } = ImmutableDictionary<string, MoveRequest>.Empty;

    /// <summary>How long agents that go may take to handle what waits for them; null to stop them at once.</summary>
    public TimeSpan? Drain { get; init; }

    /// <summary>How definitions that change are watched; null for not at all.</summary>
    public CanaryPolicy? Canary { get; init; }

    /// <summary>Agents that are to wait; those that wait already may be among them.</summary>
    public ImmutableArray<string> Pause { get; init; } = [];

    /// <summary>Agents that are to go on; those that do not wait may be among them.</summary>
    public ImmutableArray<string> Resume { get; init; } = [];

    /// <summary>Groups that are to wait.</summary>
    public ImmutableArray<string> PauseGroups { get; init; } = [];

    /// <summary>Groups that are to go on.</summary>
    public ImmutableArray<string> ResumeGroups { get; init; } = [];

    /// <summary>What whoever read it found to stand against it: modules that are no agents.</summary>
    public ImmutableArray<TopologyProblem> Problems { get; init; } = [];

    /// <summary>How many agents and groups wait or go on.</summary>
    public int Paused => Pause.Length + Resume.Length + PauseGroups.Length + ResumeGroups.Length;
}
