using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>How an agent comes back to an older state, as it follows from the committed log; see <see cref="AgentLives"/>.</summary>
public sealed record RewindPlan
{
    /// <summary>How many of the emitted events are listed by their offsets; the others are counted.</summary>
    public const int MaxListed = 100;

    /// <summary>Number of the agent, or -1 where that is not known.</summary>
    public int Agent { get; init; } = -1;

    /// <summary>The incarnation that goes back.</summary>
    public required int Incarnation { get; init; }

    /// <summary>All turns of the agent that the log has, failed ones included: the agent must have made none since.</summary>
    public required long TurnsRecorded { get; init; }

    /// <summary>The image that the state begins from, or null for turn 0.</summary>
    public LineageImage? Image { get; init; }

    /// <summary>The turns after it.</summary>
    public required ImmutableArray<LineageTurn> Turns { get; init; }

    /// <summary>Offset of the last event in the state.</summary>
    public required long LastInput { get; init; }

    /// <summary>Offsets of the events handled since, rising, without those that only answer what is undone.</summary>
    public ImmutableArray<long> Since { get; init; } = [];

    /// <summary>Those of <see cref="Since"/> that are fired timers on the agent's private topic: handle and offset.</summary>
    public ImmutableArray<(long Timer, long Offset)> Fired { get; init; } = [];

    /// <summary>The moves from one definition to the next on the way to the state.</summary>
    public ImmutableArray<LineageMove> Moves { get; init; } = [];

    /// <summary>Those of them that are among <see cref="Turns"/>.</summary>
    internal ImmutableArray<LineageMove> MovesAmongTurns => Moves.IsEmpty ? Moves : [.. Moves.Where(move => Turns.Any(turn => turn.Input == move.Input))];

    /// <summary>The move that was to come there, and is to come again, or null.</summary>
    internal LineageMove? Due { get; init; }

    /// <summary>The life that the state was in last.</summary>
    internal (int Agent, int Incarnation)? LastLife => Turns is [.., var last] ? (last.Agent, last.Incarnation) : Image is { } image ? (image.Agent, image.Incarnation) : null;

    /// <summary>Whether <see cref="Turns"/> begin with a turn 0 or an image; false where the log does not reach back so far.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The image that stands before <see cref="Turns"/> where the log does not reach back to the first of them; null where that is not known.</summary>
    public LineageImage? Before { get; init; }

    /// <summary>Offsets of events that wait for the agent and only answer what is undone: fired timers, replies, time-outs.</summary>
    public ImmutableArray<long> TakenBack { get; init; } = [];

    /// <summary>What the agent was defined as when it had the state, where it goes back to that: see <see cref="RewindTarget.PreviousVersion"/>; otherwise null.</summary>
    public AgentDefinition? Version { get; init; }

    /// <summary>Offsets of the events on which it failed since; those of them that are put aside are tried again with an older version.</summary>
    public ImmutableArray<long> FailedSince { get; init; } = [];

    /// <summary>Offset of the first record of what is undone.</summary>
    public long ForgetFrom { get; init; } = long.MaxValue;

    /// <summary>Whether a turn 0 is among what is undone.</summary>
    internal bool HasStarted { get; init; }

    /// <summary>What the guest had said of its health last in the state that it goes back to, or null if nothing.</summary>
    public HealthStatement? Reported { get; init; }

    /// <summary>How many events the agent had emitted since. They stand.</summary>
    public int EmittedSince { get; init; }

    /// <summary>Offsets of the first <see cref="MaxListed"/> of them.</summary>
    public ImmutableArray<long> Emitted { get; init; } = [];

    /// <summary>The same plan from an image on, if that is one of the state's way.</summary>
    /// <returns>The plan, or null if the image is no image of these turns.</returns>
    public RewindPlan? From(LineageImage image)
    {
        for (var i = Turns.Length - 1; i >= 0; i--)
            if (Turns[i].Agent == image.Agent && Turns[i].Incarnation == image.Incarnation && Turns[i].Input == image.Input)
                return this with { Image = image, Turns = Turns[(i + 1)..], IsWhole = true };
        return IsBefore(image) ? this with { Image = image, IsWhole = true } : null;
    }

    private bool IsBefore(LineageImage image) => !IsWhole && Before is { } before && before.Agent == image.Agent && before.Incarnation == image.Incarnation && before.Input == image.Input;
}

/// <summary>It cannot be said how an agent comes back to an older state.</summary>
/// <param name="message">One sentence: what, and what to do.</param>
public sealed class RewindRefusedException(string message) : Exception(message);
