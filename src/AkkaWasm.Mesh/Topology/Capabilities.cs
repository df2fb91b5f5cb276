using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Topology;

/// <summary>What a guest may do. Nothing is allowed that is not named.</summary>
public sealed record Capabilities
{
    /// <summary>Nothing but handling events.</summary>
    public static Capabilities None { get; } = new();

    /// <summary>Topic patterns it may publish to, by itself or by a timer.</summary>
    public ImmutableArray<string> Publish { get; init; } = [];

    /// <summary>Topic patterns it may send requests to.</summary>
    public ImmutableArray<string> Request { get; init; } = [];

    /// <summary>Names of agents it may send to, as patterns over their topic form; <c>&gt;</c> for all.</summary>
    public ImmutableArray<string> Send { get; init; } = [];

    /// <summary>Whether it may set timers.</summary>
    public bool Schedule { get; init; }

    /// <summary>Whether it may start agents of definitions that exist, and stop those it started.</summary>
    public bool Spawn { get; init; }

    /// <summary>Names of agents whose end it may watch, as patterns over their topic form.</summary>
    public ImmutableArray<string> Watch { get; init; } = [];

    /// <summary>
    /// What of the topology it may change, as patterns over places: the groups that a definition or group is in and its own name, joined by dots; agents that name
    /// no group are in <c>default</c>.
    /// </summary>
    public ImmutableArray<string> Integrate { get; init; } = [];

    /// <summary>Topic patterns that definitions which it makes may subscribe to, besides those that it subscribes to itself.</summary>
    public ImmutableArray<string> Subscribe { get; init; } = [];
}

/// <summary>What an agent may use, per turn or in all. Every limit has its unit in its name.</summary>
public sealed record AgentLimits
{
    /// <summary>The defaults.</summary>
    public static AgentLimits Default { get; } = new();

    /// <summary>All linear memories together, bytes; 64 MiB.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;

    /// <summary>The GC heap, bytes; 64 MiB.</summary>
    public long GcHeapBytes { get; init; } = 64L << 20;

    /// <summary>Share of <see cref="GcHeapBytes"/> at which an agent is compacted between turns, above 0 and up to 1; 0.7.</summary>
    public double GcCompactAt { get; init; } = 0.7;

    /// <summary>Elements of each table; 100,000.</summary>
    public long TableElements { get; init; } = 100_000;

    /// <summary>How long a turn may take; 1 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Fuel of a turn; 0 where it is not counted.</summary>
    public long FuelPerTurn { get; init; }

    /// <summary>Events, messages, requests and timers that a turn may emit; 1,000.</summary>
    public int EmittedEventsPerTurn { get; init; } = 1_000;

    /// <summary>Bytes of data that a turn may emit in all; 4 MiB.</summary>
    public long EmittedBytesPerTurn { get; init; } = 4L << 20;

    /// <summary>Timers that an agent may have pending; 1,000.</summary>
    public int PendingTimers { get; init; } = 1_000;

    /// <summary>Lines a guest may log in a turn; further ones are dropped and counted; 100.</summary>
    public int LogLinesPerTurn { get; init; } = 100;

    /// <summary>Longest text by which a guest asks for a change of the topology, bytes; 64 KiB.</summary>
    public int ChangeBytes { get; init; } = 64 << 10;

    /// <summary>Changes of the topology that an agent may wait for the answers to; 4.</summary>
    public int PendingChanges { get; init; } = 4;
}
