using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>
/// Looks at any moment of a log, by running recorded turns again with the modules that the data folder keeps. Nothing is changed, and a node may be
/// running. A position of an agent means: all events up to there that it handled; a cut of the mesh means: all records up to there. The members throw
/// <see cref="LogCorruptException"/> where the log is damaged, <see cref="MeshNodeException"/> where a module cannot be had, and
/// <see cref="Mesh.Turns.ReplayDivergedException"/> where an agent does not repeat itself.
/// </summary>
public interface ITimeTravel
{
    /// <summary>An agent as it was after an event. Begins from the nearest saved image where there is one that proves to be sound.</summary>
    /// <param name="agent">Its name.</param>
    /// <param name="at">Offset of the last event to be handled, or null for now.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What it was, or null if there is no such agent.</returns>
    AgentMoment? AgentAt(string agent, long? at = null, CancellationToken cancellation = default);

    /// <summary>Runs turns of an agent again, one by one, as they are asked for.</summary>
    /// <param name="agent">Its name.</param>
    /// <param name="from">Offset of the first event.</param>
    /// <param name="to">Offset of the last event.</param>
    /// <param name="maxDetails">How many pages of a memory, elements, objects and fields each step lists at most; all are counted.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The steps, or null if there is no such agent. After a divergence none follow.</returns>
    IEnumerable<ReplayStep>? Steps(string agent, long from = 0, long to = long.MaxValue, int maxDetails = 64, CancellationToken cancellation = default);

    /// <summary>What an agent's state after one event and after another differ in.</summary>
    /// <param name="agent">Its name.</param>
    /// <param name="first">Offset of the last event to be handled for the first state.</param>
    /// <param name="second">The same for the second.</param>
    /// <param name="maxDetails">How much is listed at most, as for <see cref="Steps"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Both and what differs, or null if there is no such agent.</returns>
    MomentComparison? Compare(string agent, long first, long second, int maxDetails = 64, CancellationToken cancellation = default);

    /// <summary>
    /// What an agent would have done with another module or configuration: every event that it was handed is given to the other version too, turn by
    /// turn, in lives that begin where the recorded ones did. What the other version would emit goes nowhere.
    /// </summary>
    /// <param name="agent">Its name.</param>
    /// <param name="version">What is tried.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What came of it, or null if there is no such agent.</returns>
    TrialReport? Try(string agent, TrialVersion version, CancellationToken cancellation = default);

    /// <summary>
    /// What the living agents that a change of the topology concerns would have done under their new definitions: turns that they made lately are run
    /// again as the other version in throw-away instances, which begin with the state that the agents had, and compared. Nothing is changed.
    /// </summary>
    /// <param name="target">What the topology would become. Modules and folders that the data folder has may be left out.</param>
    /// <param name="scope">Of which agents which turns.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MeshNodeException">The log has no topology, the target has problems, or an agent of the scope is not concerned.</exception>
    TopologyTrial TryTopology(TopologyTarget target, TrialScope scope, CancellationToken cancellation = default);

    /// <summary>Replays all agents from their first turns on and compares, several at a time; see <see cref="IOfflineLog.ReplayAgent"/>.</summary>
    /// <param name="parallel">How many at a time; 0 for one per processor.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>A report for each agent, in the order of their births.</returns>
    IReadOnlyList<ReplayReport> ReplayAll(int parallel = 0, CancellationToken cancellation = default);

    /// <summary>The mesh as it was at a cut.</summary>
    /// <param name="cut">Offset of the last record that belongs to it, or null for now.</param>
    /// <param name="hashes">Whether every agent's state is rebuilt and hashed.</param>
    /// <param name="parallel">How many agents are rebuilt at a time; 0 for one per processor.</param>
    /// <param name="cancellation">Ends it.</param>
    MeshMoment MeshAt(long? cut = null, bool hashes = true, int parallel = 0, CancellationToken cancellation = default);

    /// <summary>What caused a record, back to the first event, and what it led to.</summary>
    /// <param name="position">Offset of the record.</param>
    /// <param name="forward">Whether effects are looked for.</param>
    /// <param name="maxDepth">How many effects of effects are followed.</param>
    /// <param name="maxEffects">How many effects are given at most.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Causes and effects, or null if there is no such record.</returns>
    CauseReport? Why(long position, bool forward = false, int maxDepth = 16, int maxEffects = 200, CancellationToken cancellation = default);
}

/// <summary>A version of an agent to be tried.</summary>
/// <param name="Module">The bytes of its module, binary or text; null for the recorded one.</param>
/// <param name="ModuleFile">Where they are from, for messages.</param>
/// <param name="Config">What <c>config_read</c> gives it; null for the recorded one.</param>
/// <param name="MaxDetails">How many differing turns are listed at most; all are counted.</param>
public sealed record TrialVersion(ReadOnlyMemory<byte>? Module, string ModuleFile, ReadOnlyMemory<byte>? Config, int MaxDetails = 1_000);

/// <summary>A record and its place among causes or effects.</summary>
/// <param name="Entry">The record.</param>
/// <param name="Effects">What it led to directly.</param>
public sealed record CauseNode(LogEntry Entry, ImmutableArray<CauseNode> Effects);

/// <summary>Why something happened, and what came of it.</summary>
/// <param name="Causes">The record that was asked for, then what caused it, and so on; the last one is the first event.</param>
/// <param name="Effects">The record with its effects, or null if they were not asked for.</param>
/// <param name="IsCut">Whether there are more effects than were to be given.</param>
public sealed record CauseReport(ImmutableArray<LogEntry> Causes, CauseNode? Effects, bool IsCut);
