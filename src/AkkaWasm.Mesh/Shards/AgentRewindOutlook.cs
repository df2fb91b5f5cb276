using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What happens when an agent goes back to an older state.</summary>
public sealed record AgentRewindOutlook
{
    /// <summary>How many of the undone inputs are listed by their offsets; the others are counted.</summary>
    public const int MaxListed = RewindPlan.MaxListed;

    /// <summary>Name of the agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Its incarnation now; it goes on in the next.</summary>
    public required int Incarnation { get; init; }

    /// <summary>Offset of the last event in its state now.</summary>
    public required long LastInput { get; init; }

    /// <summary>Offset of the last event in the state that it gets.</summary>
    public required long ToLastInput { get; init; }

    /// <summary>SHA-256 of the older module that it runs then; null where that stays.</summary>
    public string? Module { get; init; }

    /// <summary>What becomes of the events handled since.</summary>
    public required RewindInputs Inputs { get; init; }

    /// <summary>How many events it has handled since.</summary>
    public required int UndoneTurns { get; init; }

    /// <summary>Offsets of the first <see cref="MaxListed"/> of them, rising.</summary>
    public ImmutableArray<long> Undone { get; init; } = [];

    /// <summary>How many events it has emitted since. They stand.</summary>
    public required int EmittedSince { get; init; }

    /// <summary>Offsets of the first <see cref="MaxListed"/> of them, rising.</summary>
    public ImmutableArray<long> Emitted { get; init; } = [];

    /// <summary>How many events that wait for it only answer what is undone, and are taken from it.</summary>
    public required int TakenBack { get; init; }

    /// <summary>How many turns are repeated to come to that state.</summary>
    public required int Repeated { get; init; }
}
