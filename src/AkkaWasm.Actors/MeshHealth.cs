using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>How well a mesh is, in one word.</summary>
public enum HealthLevel
{
    /// <summary>Everything works.</summary>
    Ok,

    /// <summary>It serves, but not all of it: <see cref="MeshHealth.Reasons"/> says what.</summary>
    Degraded,

    /// <summary>It does not serve.</summary>
    Failing,
}

/// <summary>How a mesh is, and why.</summary>
public sealed record MeshHealth
{
    /// <summary>In one word.</summary>
    public required HealthLevel Level { get; init; }

    /// <summary>Why it is not better, a sentence each; empty if all is well.</summary>
    public ImmutableArray<string> Reasons { get; init; } = [];

    /// <summary>How many agents are in each state; null where the shard did not answer in time.</summary>
    public IReadOnlyDictionary<AgentState, int>? Agents { get; init; }

    /// <summary>Agents with events put aside.</summary>
    public int AgentsWithQuarantine { get; init; }

    /// <summary>Events put aside.</summary>
    public long Quarantined { get; init; }

    /// <summary>Circuits that are not closed.</summary>
    public ImmutableArray<(string Family, CircuitState State, long UntilNs)> Circuits { get; init; } = [];

    /// <summary>The part of the node that looks for damage.</summary>
    internal const string Scrub = "scrub";

    internal static MeshHealth Of(NodeStatus status, MeshHealth? ofShard)
    {
        var reasons = ImmutableArray.CreateBuilder<string>();
        if (!status.IsReady) reasons.Add(status.Problem ?? $"The node is {status.State.ToString().ToLowerInvariant()}.");
        foreach (var part in status.Components.Where(c => c.State != ComponentState.Running))
            reasons.Add($"The {part.Name} {(part.State == ComponentState.Down ? "is down" : "begins again after a wait")}: {part.Problem}");
        foreach (var found in status.Components.Where(c => c is { Name: Scrub, Problem: not null })) reasons.Add($"What is stored is damaged: {found.Problem}");
        foreach (var source in status.Sources.Where(s => s.State is SourceState.Failed or SourceState.Restarting))
            reasons.Add($"The source '{source.Name}' {(source.State == SourceState.Failed ? "failed for good" : "begins again after a wait")}: {source.Problem}");
        foreach (var circuit in ofShard?.Circuits ?? []) reasons.Add($"The circuit of the family '{circuit.Family}' is {(circuit.State == CircuitState.Open ? "open" : "half open")}.");
        if (status.IsReady && ofShard is null) reasons.Add("The shard did not answer in time.");
        return (ofShard ?? new MeshHealth { Level = HealthLevel.Ok }) with
        {
            Level = !status.IsReady ? HealthLevel.Failing : reasons.Count > 0 ? HealthLevel.Degraded : HealthLevel.Ok, Reasons = reasons.ToImmutable(),
        };
    }
}
