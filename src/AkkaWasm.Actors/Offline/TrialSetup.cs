using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Offline;

/// <summary>What of an agent is tried.</summary>
/// <param name="Change">Makes the definition of the other version of the recorded one.</param>
/// <param name="Guests">Makes guests of the other version, for the writer that a block names.</param>
/// <param name="MaxDetails">How many differing turns are told.</param>
internal sealed record TrialSetup(Func<AgentDefinition, AgentDefinition> Change, Func<string, IGuestFactory> Guests, int MaxDetails)
{
    /// <summary>How many of the last turns are compared; null for all.</summary>
    public int? Turns { get; init; }

    /// <summary>Only turns that were recorded from this offset on.</summary>
    public long Since { get; init; }

    /// <summary>Whether the state of the recorded version is moved to the other one as a change of the topology would move it; otherwise it is always made by the other one's own turns.</summary>
    public bool TakesStateOver { get; init; }

    /// <summary>How states are to be moved, by the names of definitions: see <see cref="MoveChooser"/>.</summary>
    public IReadOnlyDictionary<string, MoveRequest> Moves { get; init; } = ImmutableDictionary<string, MoveRequest>.Empty;

    /// <summary>Whether an event is in quarantine.</summary>
    public Func<long, bool> IsQuarantined { get; init; } = _ => false;

    /// <summary>Whether the time for it is over.</summary>
    public Func<bool> IsOver { get; init; } = () => false;
}
