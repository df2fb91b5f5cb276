using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>An agent at a cut of the mesh.</summary>
/// <param name="Status">What was known of it; nobody knows of a past cut who was awake, so an agent is asleep, healing or stopped.</param>
/// <param name="Quarantine">The events that were put aside for it.</param>
/// <param name="Hash">Hash of its state; null if it was not asked for, if it had handled nothing, or with a problem.</param>
/// <param name="Problem">Why the state could not be rebuilt, one sentence, or null.</param>
public sealed record AgentAtCut(AgentStatus Status, ImmutableArray<QuarantinedEvent> Quarantine, StateHash? Hash, string? Problem);

/// <summary>The mesh at a cut.</summary>
/// <param name="Mesh">Its name.</param>
/// <param name="Cut">Position of the last record that belongs to it.</param>
/// <param name="AtNs">Time of that record, nanoseconds since the Unix epoch.</param>
/// <param name="TopologyHash">Digest of the topology, 32 hexadecimal digits: equal topologies have equal ones.</param>
/// <param name="Agents">All agents, in the order of their births.</param>
/// <param name="Timers">Timers that were set and had not fired, in the order in which they would.</param>
/// <param name="Cursors">How far the sources had been read.</param>
/// <param name="Totals">Counts over the log up to there.</param>
public sealed record MeshMoment(
    string Mesh, Position Cut, long AtNs, string TopologyHash, ImmutableArray<AgentAtCut> Agents, ImmutableArray<TimerAtCut> Timers,
    ImmutableArray<KeyValuePair<string, ReadOnlyMemory<byte>>> Cursors, ShardTotals Totals);

/// <summary>A timer at a cut.</summary>
/// <param name="Agent">Name of the agent that set it.</param>
/// <param name="Record">The timer.</param>
public sealed record TimerAtCut(string Agent, TimerRecord Record);
