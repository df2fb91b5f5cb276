using System.Collections.Immutable;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors;

/// <summary>What one version did with an event.</summary>
/// <param name="Fault">Why it failed, or null.</param>
/// <param name="Outputs">What it did; empty if it failed.</param>
/// <param name="Fuel">Fuel, or 0 where it is not counted.</param>
/// <param name="MemoryBytes">Size of its memories afterwards, bytes; of a failed turn, before.</param>
public sealed record TrialOutcome(GuestFault? Fault, ImmutableArray<TurnOutput> Outputs, long Fuel, long MemoryBytes);

/// <summary>An event with which two versions did different things.</summary>
/// <param name="Input">The event.</param>
/// <param name="Incarnation">The life in which it was handled.</param>
/// <param name="Recorded">What the recorded version did at last, after all attempts.</param>
/// <param name="Other">What the other version does.</param>
public sealed record TrialTurn(CommittedEvent Input, int Incarnation, TrialOutcome Recorded, TrialOutcome Other);

/// <summary>What one version did in all.</summary>
/// <param name="Successes">Events handled with success.</param>
/// <param name="Failures">Events failed on.</param>
/// <param name="Outputs">Outputs of all turns, log lines excepted.</param>
/// <param name="Fuel">Fuel of all turns, or 0 where it is not counted.</param>
/// <param name="MemoryBytes">Size of the memories at the end, bytes.</param>
public sealed record TrialTotals(long Successes, long Failures, long Outputs, long Fuel, long MemoryBytes);

/// <summary>What came of a trial: a turn differs if only one version fails, if they fail otherwise, or if they do other things. Fuel and state may differ.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="ModuleHash">SHA-256 of the module that was tried.</param>
/// <param name="RecordedModuleHash">SHA-256 of the recorded module, that of the last turn.</param>
/// <param name="Turns">Events that both were given.</param>
/// <param name="Differing">How many of them they did different things with.</param>
/// <param name="Details">The first of these.</param>
/// <param name="Recorded">The recorded version in all.</param>
/// <param name="Other">The other version in all.</param>
public sealed record TrialReport(
    string Agent, string ModuleHash, string RecordedModuleHash, long Turns, long Differing, ImmutableArray<TrialTurn> Details, TrialTotals Recorded, TrialTotals Other)
{
    /// <summary>Whether both did the same with every event.</summary>
    public bool IsIdentical => Differing == 0;
}
