using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// A recorded turn that a state was made by. It is always repeated as the life that it was recorded in, because the ids and random numbers of a turn
/// derive from agent, incarnation and input.
/// </summary>
/// <param name="Agent">Number of the agent that made the turn.</param>
/// <param name="Incarnation">Incarnation that made it.</param>
/// <param name="Input">Offset of the event that was handled.</param>
/// <param name="Digest">Digest of the outputs.</param>
public readonly record struct LineageTurn(int Agent, int Incarnation, long Input, ulong Digest);

/// <summary>An image that a state begins from; it may be of another life, or of another agent, than the one that is rebuilt from it.</summary>
/// <param name="Agent">Number of the agent that it was taken of.</param>
/// <param name="Incarnation">Incarnation that it was taken of.</param>
/// <param name="Input">Offset of the last event that it contains.</param>
/// <param name="Hash">Hash of the state.</param>
public sealed record LineageImage(int Agent, int Incarnation, long Input, StateHash Hash);

/// <summary>
/// What the state of a life is made of that does not begin with a turn 0 of its own: follows the <see cref="AgentRecord"/> of an agent that was rewound
/// or forked. The turns of the life itself come after these.
/// </summary>
public sealed record LineageRecord : LogRecord
{
    /// <summary>Number of the agent whose life it is.</summary>
    public required int Agent { get; init; }

    /// <summary>The image that it begins from; null to begin with the first of <see cref="Turns"/>, a turn 0.</summary>
    public LineageImage? Image { get; init; }

    /// <summary>The turns after the image, in the order they were made.</summary>
    public ImmutableArray<LineageTurn> Turns { get; init; } = [];

    /// <summary>Offsets of events that the agent handles again, rising: before all that waits for it.</summary>
    public ImmutableArray<long> Again { get; init; } = [];

    /// <summary>Those of <see cref="Again"/> that are fired timers on the agent's private topic, so that they can be taken back: handle and offset.</summary>
    public ImmutableArray<(long Timer, long Offset)> FiredAgain { get; init; } = [];

    /// <summary>Whether of what the agent does while it handles <see cref="Again"/> nothing leaves it: see <see cref="Topology.RewindInputs.Suppressed"/>.</summary>
    public bool Suppressed { get; init; }

    /// <summary>
    /// Whether the agent goes back with its definition: what had failed meanwhile is among <see cref="Again"/> and is put aside no more, and failures so far
    /// count no more. Without an image and turns the life begins anew, with a turn 0 whose event is the next record.
    /// </summary>
    public bool RollsBack { get; init; }

    /// <summary>Those of <see cref="Again"/> that were not handled yet: what the agent does while it handles them leaves it in any case.</summary>
    public ImmutableArray<long> Fresh { get; init; } = [];

    /// <summary>Whether the life begins with a turn 0.</summary>
    public bool BeginsAnew => RollsBack && Image is null && Turns.IsEmpty;

    /// <summary>Offsets of events that wait for the agent and are taken from it.</summary>
    public ImmutableArray<long> TakenBack { get; init; } = [];

    /// <summary>Timers and requests that were recorded from this offset on are forgotten; <see cref="long.MaxValue"/> for none.</summary>
    public long ForgetFrom { get; init; } = long.MaxValue;

    /// <summary>
    /// The moves from one definition to the next among <see cref="Turns"/>; for a life that begins by <see cref="AgentChange.Replaced"/>, or goes back to where
    /// a move was to come, also the one that it begins with, the event of which is the next record.
    /// </summary>
    public ImmutableArray<LineageMove> Moves { get; init; } = [];

    /// <summary>The move that the life begins with, or null.</summary>
    public LineageMove? Begins => Moves is [.., var last] && last.Input == Offset + 1 ? last : null;

    /// <summary>Offset of the last event in the state, or <see cref="Position.None"/>.</summary>
    public long LastInput => Turns is [.., var last] ? last.Input : Image?.Input ?? Position.None;
}
