using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Where the actor of an agent is; known only while the shard runs, not part of the log.</summary>
internal enum AgentPhase : byte
{
    Asleep,
    Waiting,
    Starting,
    Running,
}

/// <summary>What the shard knows of one agent. The first part follows from the log, the second is of the running process.</summary>
internal sealed class AgentEntry(int number, string name, string definitionName, string? key)
{
    public int Number => number;

    public string Name => name;

    public string DefinitionName => definitionName;

    public string? Key => key;

    public AgentDefinition Definition { get; set; } = null!;

    public int DefinitionIndex { get; set; }

    public int Incarnation { get; set; }

    public bool Stopped { get; set; }

    /// <summary>Offset of the event for turn 0 while that is to come, or -1.</summary>
    public long Init { get; set; } = Position.None;

    /// <summary>The record that begins a life was applied; its first event follows.</summary>
    public bool AwaitsStart { get; set; }

    /// <summary>Offset of the last event handled or put aside.</summary>
    public long Cursor { get; set; } = Position.None;

    public OffsetQueue Pending { get; } = new();

    /// <summary>From where on matching events are not in <see cref="Pending"/> and have to be looked up in the log, or -1.</summary>
    public long LagFrom { get; set; } = Position.None;

    public HashSet<long> Withdrawn { get; } = [];

    public Dictionary<long, long> FiredTimers { get; } = [];

    public int PendingTimers { get; set; }

    public int Attempts { get; set; }

    public GuestFault? LastFault { get; set; }

    public bool HealPending { get; set; }

    public long NotBeforeNs { get; set; }

    public FailureLedger Ledger { get; set; } = new();

    public long Turns { get; set; }

    public long Failures { get; set; }

    public long Healed { get; set; }

    public SortedDictionary<long, QuarantinedEvent> Quarantine { get; } = [];

    public long LastInput { get; set; } = Position.None;

    /// <summary>Successful turns since the saved image.</summary>
    public List<(long Input, ulong Digest)> Tail { get; } = [];

    public long ImageInput { get; set; } = Position.None;

    public StateHash? ImageHash { get; set; }

    public int RebuildFailures { get; set; }

    public AgentPhase Phase { get; set; }

    public int Token { get; set; }

    public int InFlight { get; set; }

    public bool Dirty { get; set; }

    public AgentImage? MemoryImage { get; set; }

    public bool HasWork => !Stopped && (Init >= 0 || Pending.Count > 0 || LagFrom >= 0 || HealPending);

    public AgentInfo Info => new(number, name, Incarnation, Definition);
}
