using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>One record of the log. What a shard knows follows from its records alone; see <c>RecordCodec</c> for their binary form.</summary>
public abstract record LogRecord
{
    /// <summary>Its place in the log.</summary>
    public long Offset { get; internal set; } = Position.None;
}

/// <summary>A new owner took the shard over. It is committed before anything is served.</summary>
/// <param name="Epoch">Number of the owner, from 1.</param>
/// <param name="AtNs">When, nanoseconds since the Unix epoch.</param>
/// <param name="Writer">What wrote it: engine with version and options, processor architecture, node.</param>
public sealed record EpochRecord(int Epoch, long AtNs, string Writer) : LogRecord;

/// <summary>What the mesh consists of from here on.</summary>
/// <param name="Topology">All of it.</param>
public sealed record TopologyRecord(MeshTopology Topology) : LogRecord;

/// <summary>An event.</summary>
/// <param name="Event">The event; its offset is that of the record.</param>
public sealed record EventRecord(MeshEvent Event) : LogRecord;

/// <summary>A turn; the events that it emitted and the other things it did follow in the same append.</summary>
public sealed record TurnRecord : LogRecord
{
    /// <summary>Boxed, because few turns have one and it would be a third of the object.</summary>
    private readonly object? hash;

    /// <summary>Number of the agent.</summary>
    public required int Agent { get; init; }

    /// <summary>Incarnation of the agent.</summary>
    public required int Incarnation { get; init; }

    /// <summary>Offset of the event it handled.</summary>
    public required long Input { get; init; }

    /// <summary>How often the event had been tried, this time included.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Digest of the outputs; 0 if it failed.</summary>
    public ulong Digest { get; init; }

    /// <summary>How many outputs it had.</summary>
    public int Outputs { get; init; }

    /// <summary>Fuel, or 0 where it is not counted.</summary>
    public long Fuel { get; init; }

    /// <summary>State after it, where it was hashed.</summary>
    public StateHash? Hash
    {
        get => (StateHash?)hash;
        init => hash = value;
    }

    /// <summary>Why it failed, or null.</summary>
    public GuestFault? Fault { get; init; }
}

/// <summary>What a change did to an agent. The numbers are part of the log's format.</summary>
public enum AgentChange : byte
{
    /// <summary>It came to be.</summary>
    Born = 0,

    /// <summary>It began again with a fresh instance. Events that wait stay, timers and requests of the life before do not.</summary>
    Reset = 1,

    /// <summary>It was stopped.</summary>
    Stopped = 2,

    /// <summary>It went back to an older state; a <see cref="LineageRecord"/> follows and there is no turn 0.</summary>
    Rewound = 3,

    /// <summary>It came to be with the state of another agent; a <see cref="LineageRecord"/> follows and there is no turn 0.</summary>
    Forked = 4,

    /// <summary>
    /// It goes on under another definition; a <see cref="LineageRecord"/> follows, and the event of the turn that moves its state. Events that wait stay, and
    /// so do timers and requests.
    /// </summary>
    Replaced = 5,

    /// <summary>
    /// It goes on under another name, or as one of a definition that has another name; a <see cref="LineageRecord"/> follows unless it has made no turn. Nothing of its state, and
    /// nothing that waits for it, changes; one that is stopped stays so.
    /// </summary>
    Renamed = 6,
}

/// <summary>An agent came to be or changed. For <see cref="AgentChange.Born"/> and <see cref="AgentChange.Reset"/> the event that it handles in turn 0 follows.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Change">What happened.</param>
/// <param name="Name">Its name.</param>
/// <param name="Definition">Name of its definition.</param>
/// <param name="Key">Its key in a family, as it was given, or null.</param>
/// <param name="Incarnation">Its incarnation from here on.</param>
/// <param name="Parent">Number of the agent that started it and may stop it, or -1.</param>
public sealed record AgentRecord(int Agent, AgentChange Change, string Name, string Definition, string? Key, int Incarnation, int Parent = -1) : LogRecord;

/// <summary>How a failed turn is healed; decided once and then followed, also after a crash.</summary>
/// <param name="Agent">Number of the agent that failed.</param>
/// <param name="Input">Offset of the event that it failed on.</param>
/// <param name="Directive">What happens.</param>
/// <param name="Group">Name of the group that decided, or empty for the root.</param>
/// <param name="Escalations">How often the failure was handed one level up.</param>
/// <param name="Affected">Numbers of all agents touched, the failed one first.</param>
/// <param name="Quarantine">Whether the event is put aside.</param>
/// <param name="NotBeforeNs">When the agents come back, nanoseconds since the Unix epoch.</param>
/// <param name="Rung">Place of the directive on the ladder of the deciding group, from 0.</param>
/// <param name="Depth">Causal depth of the events that tell of it.</param>
public sealed record HealingRecord(
    int Agent, long Input, HealingDirective Directive, string Group, int Escalations, ImmutableArray<int> Affected, bool Quarantine, long NotBeforeNs, int Rung, int Depth) : LogRecord;

/// <summary>The agent is back after a failure.</summary>
/// <param name="Agent">Number of the agent.</param>
public sealed record HealedRecord(int Agent) : LogRecord;

/// <summary>A timer was set. It becomes an event of <see cref="EventOrigin.Timer"/> with its handle as correlation.</summary>
/// <param name="Timer">Its handle.</param>
/// <param name="Agent">Number of the agent that set it.</param>
/// <param name="DueNs">When it is due, nanoseconds since the Unix epoch.</param>
/// <param name="Cause">Offset of the event in whose turn it was set.</param>
/// <param name="Depth">Causal depth of the event that it becomes.</param>
/// <param name="Topic">Topic of that event.</param>
/// <param name="Data">Payload of that event.</param>
/// <param name="IsTimeout">Whether it ends a request that has no answer by then.</param>
public sealed record TimerRecord(long Timer, int Agent, long DueNs, long Cause, int Depth, string Topic, ReadOnlyMemory<byte> Data, bool IsTimeout) : LogRecord;

/// <summary>A timer was taken back.</summary>
/// <param name="Timer">Its handle.</param>
/// <param name="Agent">Number of the agent that set it.</param>
public sealed record TimerCancelledRecord(long Timer, int Agent) : LogRecord;

/// <summary>How far a source has been read; moves in the same append as the events it stands for.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Cursor">What the source wants to be given back; opaque to the mesh.</param>
public sealed record CursorRecord(string Source, ReadOnlyMemory<byte> Cursor) : LogRecord;

/// <summary>An image of an agent was saved; healing starts from it.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Incarnation">Incarnation of the agent.</param>
/// <param name="Input">Offset of the last event that it contains.</param>
/// <param name="Hash">Hash of the state.</param>
public sealed record ImageRecord(int Agent, int Incarnation, long Input, StateHash Hash) : LogRecord;

/// <summary>An event left quarantine. If it was released, the event that takes its place follows.</summary>
/// <param name="Agent">Number of the agent that it was put aside for.</param>
/// <param name="Input">Offset of the quarantined event.</param>
/// <param name="Released">Whether it was released; otherwise it was dropped.</param>
public sealed record QuarantineRecord(int Agent, long Input, bool Released) : LogRecord;

/// <summary>An agent wants to be told of the end of another.</summary>
/// <param name="Watcher">Number of the agent that is told.</param>
/// <param name="Watched">Name of the agent that is watched.</param>
public sealed record WatchRecord(int Watcher, string Watched) : LogRecord;

/// <summary>
/// The beginning of the log was given up: the rows of the journal before the new beginning may be removed once this is committed. The state of the shard
/// after the last of them is saved before.
/// </summary>
/// <param name="Beginning">Where the log begins from here on.</param>
/// <param name="Images">How many of an agent's newest images were kept in any case; older ones from which the log does not lead on are given up with it.</param>
public sealed record RetentionRecord(LogBeginning Beginning, int Images) : LogRecord;

/// <summary>Where a log begins of which the first rows were removed; the default value for one that has them all.</summary>
/// <param name="Offset">Offset of the first record that is kept.</param>
/// <param name="AtNs">Its time, nanoseconds since the Unix epoch.</param>
/// <param name="Row">The last row of the journal that was given up, 0 for none.</param>
/// <param name="Checksum">Checksum of the block in that row, which the first block that is kept names as its predecessor.</param>
public readonly record struct LogBeginning(long Offset, long AtNs, long Row, ulong Checksum);
