using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <summary>What a mesh shall become, with what its agents are made of.</summary>
/// <param name="Topology">The topology.</param>
public sealed record TopologyTarget(MeshTopology Topology)
{
    /// <summary>Modules by the SHA-256 of their bytes. Those that the data folder has already may be left out.</summary>
    public IReadOnlyDictionary<string, ModuleFile> Modules { get; init; } = ImmutableDictionary<string, ModuleFile>.Empty;

    /// <summary>How the definitions that change are watched; one that fails too often is set back. Null for not at all.</summary>
    public CanaryPolicy? Canary { get; init; }

    /// <summary>Packed content of folders that agents may read, by its SHA-256. Those that the data folder has already may be left out.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Folders { get; init; } = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>How the states of living agents are moved whose guests become others, by the names of definitions, <see cref="MoveChooser.All"/> for the rest; else the cheapest way.</summary>
    public IReadOnlyDictionary<string, MoveRequest> Moves { get; init; } = ImmutableDictionary<string, MoveRequest>.Empty;
}

/// <summary>The topology in force.</summary>
/// <param name="Topology">The topology.</param>
/// <param name="At">Where it came into force.</param>
/// <param name="Changes">The last changes, the newest last.</param>
public sealed record RunningTopology(MeshTopology Topology, Position At, IReadOnlyList<TopologyChangeInfo> Changes)
{
    /// <summary>The changed definitions that are watched.</summary>
    public IReadOnlyList<CanaryStatus> Canaries { get; init; } = [];
}

/// <summary>A plan and what it was made against.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="BasedOn">Where the topology came into force that it was made against.</param>
public sealed record PlannedTopology(TopologyPlan Plan, Position BasedOn);

/// <summary>What a node does about its topology. All members may be called by any thread; answers come after the commit of what they rest on.</summary>
public interface ITopologyNode
{
    /// <summary>The topology in force.</summary>
    Task<RunningTopology> TopologyAsync(CancellationToken cancellation = default);

    /// <summary>The topology that was in force at a position of the log.</summary>
    /// <param name="position">Offset of a record.</param>
    /// <param name="asTarget">Whether the mesh is to become it again: then definitions and groups that were renamed since say so, and get their names back with what is their own.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The topology and null; or null and what is wrong, one sentence.</returns>
    Task<(MeshTopology? Topology, string? Problem)> TopologyAtAsync(long position, bool asTarget = false, CancellationToken cancellation = default);

    /// <summary>Says what it takes to change the topology, every check done: modules load, names and patterns fit, histories stay repeatable. Changes nothing.</summary>
    /// <param name="target">What it shall be. Modules and folders that are given are kept in the data folder.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<PlannedTopology> PlanTopologyAsync(TopologyTarget target, CancellationToken cancellation = default);

    /// <summary>Changes the topology at one position of the log, all of it or nothing. Agents that it does not concern are not disturbed.</summary>
    /// <param name="target">What it shall be.</param>
    /// <param name="basedOn">Offset of the topology that the change was planned against; if another came meanwhile it is refused. Null for whichever is in force.</param>
    /// <param name="author">Who changes it: see <see cref="TopologyAuthor"/>.</param>
    /// <param name="reason">Why; may be empty.</param>
    /// <param name="drain">
    /// How long agents that go may take to handle what waits for them; then, or when they are through, they end by a change of their own. Null to stop them
    /// at the position of the change.
    /// </param>
    /// <param name="cancellation">Ends the wait, not the change.</param>
    /// <exception cref="ArgumentException">The policy by which changed definitions are to be watched has problems.</exception>
    Task<TopologyAnswer> ApplyTopologyAsync(TopologyTarget target, long? basedOn, string author, string reason, TimeSpan? drain = null, CancellationToken cancellation = default);

    /// <summary>Ends the watch of a changed definition, which stays as it is.</summary>
    /// <param name="definition">Its name.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Why it cannot be done, one sentence, or null.</returns>
    Task<string?> PromoteCanaryAsync(string definition, CancellationToken cancellation = default);

    /// <summary>Sets a changed definition that is watched back, and its agents to the states that they had at its change.</summary>
    /// <param name="definition">Its name.</param>
    /// <param name="cancellation">Ends the wait, not the way back.</param>
    /// <returns>Why it cannot be done, one sentence, or null.</returns>
    Task<string?> AbortCanaryAsync(string definition, CancellationToken cancellation = default);

    /// <summary>Whether the data folder has the module of a hash.</summary>
    bool HasModule(string hash);

    /// <summary>Keeps a module in the data folder, so that a topology may name it.</summary>
    /// <param name="module">The module.</param>
    /// <returns>The SHA-256 of its bytes, 64 lower-case hexadecimal digits.</returns>
    string KeepModule(ReadOnlyMemory<byte> module);

    /// <summary>Whether the data folder has the packed folder of a hash.</summary>
    bool HasFolder(string hash);

    /// <summary>Keeps the packed content of a folder in the data folder, so that a topology may name it.</summary>
    /// <param name="packed">The content as it is packed.</param>
    /// <returns>The SHA-256 of its bytes, 64 lower-case hexadecimal digits.</returns>
    string KeepFolder(ReadOnlyMemory<byte> packed);
}
