using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What a statement about the health of an agent rests on. The numbers are part of the log's format.</summary>
public enum HealthSignal : byte
{
    /// <summary>The guest says so, by <c>mesh_v1.health</c>.</summary>
    Guest = 0,

    /// <summary>The mesh sees nothing that is above its line.</summary>
    None = 1,

    /// <summary>How many events wait for it.</summary>
    Lag = 2,

    /// <summary>How long the oldest of them has waited.</summary>
    Age = 3,

    /// <summary>Which share of its last turns failed.</summary>
    Failures = 4,

    /// <summary>How many events are put aside for it.</summary>
    Quarantine = 5,

    /// <summary>How long its turns take.</summary>
    TurnTime = 6,

    /// <summary>How much memory its guest has.</summary>
    Memory = 7,
}

/// <summary>It was said how an agent is: by its guest, or by the mesh. Only what differs from what was said before is recorded, and published on <c>mesh.health.NAME</c>.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Signal">What it rests on; <see cref="HealthSignal.Guest"/> for what the guest said of itself.</param>
/// <param name="Level">How it is.</param>
/// <param name="Reason">Why, as text.</param>
/// <param name="AtNs">When, nanoseconds since the Unix epoch.</param>
public sealed record HealthRecord(int Agent, HealthSignal Signal, AgentHealthLevel Level, string Reason, long AtNs) : LogRecord;

/// <summary>What was last said of the health of an agent.</summary>
/// <param name="Signal">What it rests on.</param>
/// <param name="Level">How it is.</param>
/// <param name="Reason">Why, as text.</param>
/// <param name="Offset">Offset of the record.</param>
/// <param name="AtNs">When, nanoseconds since the Unix epoch.</param>
public sealed record HealthStatement(HealthSignal Signal, AgentHealthLevel Level, string Reason, long Offset, long AtNs);

/// <summary>What the turns of an agent take, as its actor measures it. Of the running process: no record says it.</summary>
/// <param name="Turns">How many turns were measured, 1 or more.</param>
/// <param name="TurnNs">How long they took on average, nanoseconds.</param>
/// <param name="MemoryBytes">Size of the guest's memories after them, bytes.</param>
/// <param name="GcHeapBytes">What its GC heap has taken, bytes.</param>
public readonly record struct AgentUse(int Turns, double TurnNs, long MemoryBytes, long GcHeapBytes);

/// <summary>The health of an agent: what was said, and what the mesh sees now.</summary>
public sealed record AgentHealthStatus
{
    /// <summary>Nothing was said, nothing is to be seen.</summary>
    internal static AgentHealthStatus Nothing { get; } = new();

    /// <summary>The worse of what the guest said last and what the mesh said last.</summary>
    public AgentHealthLevel Level { get; init; }

    /// <summary>What the guest said last in this life, or null if nothing.</summary>
    public HealthStatement? Reported { get; init; }

    /// <summary>What the mesh said last, or null if nothing.</summary>
    public HealthStatement? Observed { get; init; }

    /// <summary>How long the oldest event that waits has waited, nanoseconds, to the accuracy of a block of the log; 0 if none waits.</summary>
    public long AgeNs { get; init; }

    /// <summary>Share of the last 64 turns that failed; 0 when <see cref="HealthPolicy.FailureWindow"/> is over.</summary>
    public double FailureShare { get; init; }

    /// <summary>How long a turn takes on average, later ones counting more, nanoseconds; null while it sleeps or made no turn since it woke.</summary>
    public double? TurnNs { get; init; }

    /// <summary>Size of the guest's memories and its GC heap, bytes; null as for <see cref="TurnNs"/>.</summary>
    public long? MemoryBytes { get; init; }
}
