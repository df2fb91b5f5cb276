namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// What an agent may bring into being with <c>mesh_v1.spawn</c>, counted over itself and all that those started whom it started. The quotas of all agents above
/// hold, so nobody gets around one by having others start agents.
/// </summary>
public sealed record SpawnQuota
{
    /// <summary>The defaults.</summary>
    public static SpawnQuota Default { get; } = new();

    /// <summary>How many generations below it there may be, 1 or more; 8.</summary>
    public int MaxDepth { get; init; } = 8;

    /// <summary>How many living agents there may be below it, 0 or more; 10,000.</summary>
    public int MaxAgents { get; init; } = 10_000;

    /// <summary>
    /// How much memory those may use together at most, bytes: the sum of what their definitions allow each (<see cref="AgentLimits.MemoryBytes"/> and
    /// <see cref="AgentLimits.GcHeapBytes"/>); null, the default, for any.
    /// </summary>
    public long? MaxMemoryBytes { get; init; }
}
