using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>What a mesh has done.</summary>
/// <param name="Totals">Over all runs on the data folder.</param>
/// <param name="ThisRun">In this run.</param>
/// <param name="Agents">All agents in the order of their names, ordinal.</param>
/// <param name="Sources">The sources in the order of definition.</param>
public sealed record MeshSummary(
    ShardTotals Totals, ShardTotals ThisRun, ImmutableArray<AgentSummary> Agents, ImmutableArray<SourceStatus> Sources);

/// <summary>An agent in a summary.</summary>
/// <param name="Status">What is known of it.</param>
/// <param name="StateHash">Hash of its guest's state, or null where it has none: it was stopped, or its module cannot be had.</param>
public sealed record AgentSummary(AgentStatus Status, StateHash? StateHash);
