using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What is known of an agent where the log begins, of which the first rows were removed.</summary>
/// <param name="Agent">Its number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Definition">Name of its definition.</param>
/// <param name="Incarnation">Its incarnation there.</param>
/// <param name="Stopped">Whether it was stopped.</param>
/// <param name="Turns">All turns that it had made, failed ones included.</param>
/// <param name="Image">The image that its state began from, perhaps of another life, or null.</param>
/// <param name="Tail">The successful turns after it; their events may be gone.</param>
public sealed record AgentBeginning(int Agent, string Name, string Definition, int Incarnation, bool Stopped, long Turns, LineageImage? Image, ImmutableArray<LineageTurn> Tail)
{
    /// <summary>What its guest had said of its health last, or null if nothing.</summary>
    public HealthStatement? Reported { get; init; }

    /// <summary>The moves from one definition to the next among <see cref="Tail"/>, and the one that was to come.</summary>
    public ImmutableArray<LineageMove> Moves { get; init; } = [];

    /// <summary>An older definition that it ran under; null where it ran what its definition said.</summary>
    public AgentDefinition? RunsAs { get; init; }

    /// <summary>Whether <see cref="Tail"/> begins with a turn 0.</summary>
    public bool IsWhole => Image is null;

    /// <summary>Offset of the last event in its state there, or <see cref="Position.None"/> before turn 0.</summary>
    public long LastInput => Tail is [.., var last] ? last.Input : Image?.Input ?? Position.None;
}
