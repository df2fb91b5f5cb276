using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What an agent is doing.</summary>
public enum AgentState : byte
{
    /// <summary>It sleeps; the next event wakes it.</summary>
    Asleep = 0,

    /// <summary>Its guest is being rebuilt.</summary>
    Starting = 1,

    /// <summary>It handles events.</summary>
    Running = 2,

    /// <summary>It failed and is being healed, or waits for its back-off.</summary>
    Healing = 3,

    /// <summary>It was stopped.</summary>
    Stopped = 4,

    /// <summary>An operator lets it wait.</summary>
    Paused = 5,

    /// <summary>It waits because the circuit of its family is not closed, or because another member of its pool has older events of the same keys to handle.</summary>
    Held = 6,

    /// <summary>It goes back to an older state, which is being looked up in the log.</summary>
    Rewinding = 7,
}

/// <summary>What is known of an agent.</summary>
public sealed record AgentStatus
{
    /// <summary>Its number in the shard.</summary>
    public required int Number { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Name of its definition.</summary>
    public required string Definition { get; init; }

    /// <summary>SHA-256 of the module that it is made of, 64 hexadecimal digits; empty for one that was stopped and is not defined any more.</summary>
    public string ModuleHash { get; init; } = "";

    /// <summary>The share of its family that is under a version of its own while that is tried, if it belongs to it; null if not.</summary>
    public KeyShare? TriedIn { get; init; }

    /// <summary>Its key in a family, or null.</summary>
    public string? Key { get; init; }

    /// <summary>Its incarnation, from 1.</summary>
    public int Incarnation { get; init; }

    /// <summary>What it is doing.</summary>
    public AgentState State { get; init; }

    /// <summary>Turns recorded, failed ones and turn 0 included.</summary>
    public long Turns { get; init; }

    /// <summary>Failed turns.</summary>
    public long Failures { get; init; }

    /// <summary>How often it came back after a failure.</summary>
    public long Healed { get; init; }

    /// <summary>Events put aside for it now.</summary>
    public int Quarantined { get; init; }

    /// <summary>Events that wait for it, as far as they are noted.</summary>
    public int Pending { get; init; }

    /// <summary>Offset of the last event it handled with success, or <see cref="Position.None"/>.</summary>
    public long LastInput { get; init; }

    /// <summary>Offset of the last event in its saved image, or <see cref="Position.None"/>.</summary>
    public long ImageInput { get; init; }

    /// <summary>Hash of the state in its saved image.</summary>
    public StateHash? ImageHash { get; init; }

    /// <summary>Successful turns after its saved image.</summary>
    public int TurnsSinceImage { get; init; }

    /// <summary>Its last failure, or null.</summary>
    public GuestFault? LastFault { get; init; }

    /// <summary>Offset of the event of its last failure, or <see cref="Position.None"/>.</summary>
    public long LastFailedInput { get; init; } = Position.None;

    /// <summary>Until when it waits before it comes back, nanoseconds since the Unix epoch, or null if it does not.</summary>
    public long? BackoffUntilNs { get; init; }

    /// <summary>The directive that answers its next failure, as far as the ladder of its own group goes.</summary>
    public HealingDirective Directive { get; init; }

    /// <summary>Place of that directive on the ladder, from 0.</summary>
    public int Rung { get; init; }

    /// <summary>Failures that count against the budget of that directive now.</summary>
    public int BudgetSpent { get; init; }

    /// <summary>How many failures the directive serves, or -1 for any number.</summary>
    public int Budget { get; init; } = -1;

    /// <summary>How it is: what it said, and what the mesh sees.</summary>
    public AgentHealthStatus Health { get; init; } = AgentHealthStatus.Nothing;

    /// <summary>SHA-256 of the older module that it went back to, where that is not its definition's; null for most agents.</summary>
    public string? RunsModule { get; init; }

    /// <summary>Offset of the record with which it went back; <see cref="Position.None"/> where <see cref="RunsModule"/> is null.</summary>
    public long RunsSince { get; init; } = Position.None;

    /// <summary>Why it is in its state, a clause; null where there is nothing to say.</summary>
    public string? Why { get; init; }
}

/// <summary>Counts over the whole log of a shard.</summary>
public sealed record ShardTotals
{
    /// <summary>Events published from outside.</summary>
    public long EventsIn { get; init; }

    /// <summary>All events.</summary>
    public long Events { get; init; }

    /// <summary>Turns recorded, failed ones included.</summary>
    public long Turns { get; init; }

    /// <summary>Agents that came to be.</summary>
    public long Born { get; init; }

    /// <summary>Agents that came back after a failure.</summary>
    public long Healed { get; init; }

    /// <summary>Events put aside.</summary>
    public long Quarantined { get; init; }

    /// <summary>Time from the begin of each epoch to its last event, added up.</summary>
    public TimeSpan Active { get; init; }

    /// <summary>Failed turns by kind.</summary>
    public IReadOnlyDictionary<FaultKind, long> Failures { get; init; } = new Dictionary<FaultKind, long>();

    /// <summary>Events by the first token of their topic.</summary>
    public IReadOnlyDictionary<string, long> EventsByFirstToken { get; init; } = new Dictionary<string, long>();
}

/// <summary>Who is awake in a running shard and who is not.</summary>
/// <param name="Awake">Agents that have a guest, or one that is being rebuilt.</param>
/// <param name="Asleep">Agents without a guest that the next event wakes, or that wait for a back-off.</param>
/// <param name="Queued">Agents that have something to do and wait for room (<see cref="ShardOptions.MaxAwake"/>).</param>
/// <param name="Sleeps">How often an agent was put to sleep since the shard was opened.</param>
public readonly record struct AwakeCounts(int Awake, int Asleep, int Queued, long Sleeps);

/// <summary>An event that was put aside.</summary>
/// <param name="Agent">Name of the agent that failed on it.</param>
/// <param name="Input">Its offset.</param>
/// <param name="Fault">Why the last attempt failed.</param>
/// <param name="AtNs">When it was put aside, nanoseconds since the Unix epoch.</param>
public sealed record QuarantinedEvent(string Agent, long Input, GuestFault Fault, long AtNs);
