namespace AkkaWasm.Mesh.Topology;

/// <summary>How an agent is.</summary>
public enum AgentHealthLevel : byte
{
    /// <summary>It does its work.</summary>
    Well = 0,

    /// <summary>It does its work late, in part, or with failures.</summary>
    Degraded = 1,

    /// <summary>It cannot keep up.</summary>
    Overloaded = 2,
}

/// <summary>
/// From where on the mesh itself calls an agent degraded or overloaded, whatever the agent says of itself. A line of null is none. A level that was
/// reached is left when what led to it falls below <see cref="RecoverAt"/> of its line.
/// </summary>
public sealed record HealthPolicy
{
    /// <summary>The defaults.</summary>
    public static HealthPolicy Default { get; } = new();

    /// <summary>Most that <see cref="MaxReasonBytes"/> may be: 64 KiB.</summary>
    public const int LongestReasonBytes = 64 << 10;

    /// <summary>Longest reason that a guest may give with its level, bytes of UTF-8, 0 to <see cref="LongestReasonBytes"/>; 1 KiB.</summary>
    public int MaxReasonBytes { get; init; } = 1 << 10;

    /// <summary>Events that wait; 10,000.</summary>
    public int? DegradedLag { get; init; } = 10_000;

    /// <summary>Events that wait; 100,000.</summary>
    public int? OverloadedLag { get; init; } = 100_000;

    /// <summary>How long the oldest event that waits has waited; 10 s.</summary>
    public TimeSpan? DegradedAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the oldest event that waits has waited; one minute.</summary>
    public TimeSpan? OverloadedAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Share of the last 64 turns that failed, above 0 and at most 1; 0.1.</summary>
    public double? DegradedFailures { get; init; } = 0.1;

    /// <summary>How many of them must have failed, 1 to 64, so that the first failure of a young agent is no such share; 3.</summary>
    public int MinFailures { get; init; } = 3;

    /// <summary>How long after its last failure the failures of an agent count, longer than 0; one minute.</summary>
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Events in quarantine; 100.</summary>
    public int? DegradedQuarantine { get; init; } = 100;

    /// <summary>Share of <see cref="AgentLimits.Deadline"/> that a turn takes on average, above 0 and at most 1; 0.5.</summary>
    public double? DegradedTurnTime { get; init; } = 0.5;

    /// <summary>Share of <see cref="AgentLimits.MemoryBytes"/> that the guest's memories have, above 0 and at most 1; 0.9.</summary>
    public double? DegradedMemory { get; init; } = 0.9;

    /// <summary>Below which share of a line a level that was reached is left again, above 0 and at most 1; 0.8.</summary>
    public double RecoverAt { get; init; } = 0.8;

    /// <summary>Shortest time between two events in which the mesh says how an agent is, 0 or more; 1 s.</summary>
    public TimeSpan PublishAtMostEvery { get; init; } = TimeSpan.FromSeconds(1);
}
