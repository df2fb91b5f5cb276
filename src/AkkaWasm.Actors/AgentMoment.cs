using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors;

/// <summary>An agent as it was at a position.</summary>
public sealed record AgentMoment
{
    /// <summary>Its name.</summary>
    public required string Agent { get; init; }

    /// <summary>Name of its definition.</summary>
    public required string Definition { get; init; }

    /// <summary>Its incarnation.</summary>
    public required int Incarnation { get; init; }

    /// <summary>Offset of the last event that it had handled with success, or -1.</summary>
    public required long LastInput { get; init; }

    /// <summary>Offset of the record of its last turn, failed or not, or -1.</summary>
    public required long LastTurn { get; init; }

    /// <summary>Successful turns of this incarnation.</summary>
    public required long Turns { get; init; }

    /// <summary>Failed turns of this incarnation.</summary>
    public required long Failures { get; init; }

    /// <summary>Offset of the last event in the image that it was rebuilt from; -1 if it was from turn 0 on.</summary>
    public long FromImage { get; init; } = -1;

    /// <summary>Hash of the state; null if nothing was handled.</summary>
    public StateHash? Hash { get; init; }

    /// <summary>What the state consists of; null if nothing was handled, or the engine does not tell.</summary>
    public StateSummary? State { get; init; }

    /// <summary>The state as an image, to be kept; null if nothing was handled, or the guest cannot be saved.</summary>
    public AgentImage? Image { get; init; }
}

/// <summary>Two moments of an agent.</summary>
/// <param name="First">The first.</param>
/// <param name="Second">The second.</param>
/// <param name="Difference">What they differ in; null if one of them has no state, or the engine does not tell.</param>
public sealed record MomentComparison(AgentMoment First, AgentMoment Second, StateDifference? Difference);

/// <summary>A recorded turn that was run again.</summary>
public sealed record ReplayStep
{
    /// <summary>Which of the agent's turns it is, from 1, over all its lives.</summary>
    public required long Number { get; init; }

    /// <summary>Offset of its record.</summary>
    public required long Turn { get; init; }

    /// <summary>The incarnation.</summary>
    public required int Incarnation { get; init; }

    /// <summary>How often the event had been tried, this time included.</summary>
    public required int Attempt { get; init; }

    /// <summary>The event.</summary>
    public required CommittedEvent Input { get; init; }

    /// <summary>Why it failed when it was recorded, or null.</summary>
    public GuestFault? Fault { get; init; }

    /// <summary>What it did, in order, log lines included; empty if it failed or was not run.</summary>
    public ImmutableArray<TurnOutput> Outputs { get; init; } = [];

    /// <summary>Fuel that it took when it was recorded, or 0 where it was not counted.</summary>
    public long Fuel { get; init; }

    /// <summary>Hash of the state after it; null if it failed.</summary>
    public StateHash? Hash { get; init; }

    /// <summary>What of the state it changed; null if it failed, was not run, or the engine does not tell.</summary>
    public StateDifference? Changes { get; init; }

    /// <summary>Why it was not run again, one sentence, or null.</summary>
    public string? NotRun { get; init; }

    /// <summary>What it did otherwise than the record says, or null.</summary>
    public string? Divergence { get; init; }
}
