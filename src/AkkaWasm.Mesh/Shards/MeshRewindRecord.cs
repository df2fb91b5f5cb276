using System.Collections.Immutable;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>An agent at the cut that a mesh goes back to, as far as it is not in its <see cref="LineageRecord"/>.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Cursor">Offset of the last event handled or put aside.</param>
/// <param name="Quarantine">The events put aside.</param>
/// <param name="Waiting">Offsets of the events that wait for it, rising.</param>
/// <param name="Fired">Those of them that are fired timers on its private topic: handle and offset.</param>
public sealed record RewoundAgent(
    int Agent, long Cursor, ImmutableArray<QuarantinedEvent> Quarantine, ImmutableArray<long> Waiting, ImmutableArray<(long Timer, long Offset)> Fired);

/// <summary>
/// The mesh goes back to a cut of its log, in a new epoch; all that was recorded since stays in the log. Of every agent it says anew what waits for it,
/// which timers and requests are open and what is in quarantine; what becomes of the agents follows in records of their own.
/// </summary>
public sealed record MeshRewindRecord : LogRecord
{
    /// <summary>Offset of the last record that belongs to the cut.</summary>
    public required long To { get; init; }

    /// <summary>Whether the sources go back too: their cursors are those of the cut, and the events published since are no longer known.</summary>
    public bool Sources { get; init; }

    /// <summary>The agents that were there at the cut and are not <see cref="Unborn"/>, by number.</summary>
    public ImmutableArray<RewoundAgent> Agents { get; init; } = [];

    /// <summary>Numbers of agents of families that came to be since: they are stopped and come to be anew with their next event.</summary>
    public ImmutableArray<int> Unborn { get; init; } = [];

    /// <summary>Timers and time-outs, with the offsets at which they were recorded.</summary>
    public ImmutableArray<TimerRecord> Timers { get; init; } = [];

    /// <summary>Requests without an answer: correlation and number of the agent that waits.</summary>
    public ImmutableArray<(long Correlation, int Agent)> Requests { get; init; } = [];

    /// <summary>Cursors of the sources; used with <see cref="Sources"/> only.</summary>
    public ImmutableArray<(string Source, ReadOnlyMemory<byte> Cursor)> Cursors { get; init; } = [];

    /// <summary>Who is told of whose end: name of the watched agent, numbers of the watchers.</summary>
    public ImmutableArray<(string Watched, ImmutableArray<int> Watchers)> Watchers { get; init; } = [];

    /// <summary>The pools that were there at the cut and still are: who had which partition, and what waited for whom.</summary>
    public ImmutableArray<PoolMoment> Pools { get; init; } = [];
}

/// <summary>What becomes of an agent when the mesh goes back.</summary>
public enum MeshRewindAction : byte
{
    /// <summary>It goes on from the state that it had at the cut, in a new incarnation.</summary>
    Rewound = 0,

    /// <summary>It begins anew: it had made no turn yet.</summary>
    Reset = 1,

    /// <summary>It is stopped: it was stopped at the cut, or came to be by a fork or a spawn since.</summary>
    Stopped = 2,

    /// <summary>It sleeps until its next event and then begins anew: it is of a family and came to be since.</summary>
    Unborn = 3,

    /// <summary>Nothing: it was stopped and is, or the topology does not define it any more.</summary>
    None = 4,
}

/// <summary>What becomes of one agent when the mesh goes back.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Action">What happens.</param>
/// <param name="Incarnation">Its incarnation now.</param>
/// <param name="LastInput">Offset of the last event in its state now, or -1.</param>
/// <param name="ToLastInput">Offset of the last event in the state that it gets, or -1.</param>
/// <param name="UndoneTurns">Turns recorded since the cut.</param>
/// <param name="Pending">Events that wait for it afterwards.</param>
/// <param name="Quarantine">Events in quarantine afterwards.</param>
public sealed record MeshRewindStep(string Name, MeshRewindAction Action, int Incarnation, long LastInput, long ToLastInput, long UndoneTurns, int Pending, int Quarantine);

/// <summary>What happens when the mesh goes back to a cut.</summary>
/// <param name="To">Offset of the last record that belongs to the cut.</param>
/// <param name="Agents">Every agent, in the order of their births.</param>
/// <param name="Timers">Timers and time-outs that are open afterwards.</param>
/// <param name="UndoneRecords">Records since the cut.</param>
public sealed record MeshRewindOutlook(long To, ImmutableArray<MeshRewindStep> Agents, int Timers, long UndoneRecords);
