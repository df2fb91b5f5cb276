using System.Collections.Immutable;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors;

/// <summary>What one version did with an event.</summary>
/// <param name="Fault">Why it failed, or null.</param>
/// <param name="Outputs">What it did; empty if it failed.</param>
/// <param name="Fuel">Fuel, or 0 where it is not counted.</param>
/// <param name="MemoryBytes">Size of its memories afterwards, bytes; of a failed turn, before.</param>
public sealed record TrialOutcome(GuestFault? Fault, ImmutableArray<TurnOutput> Outputs, long Fuel, long MemoryBytes)
{
    /// <summary>How long it took in the trial; zero where it was not run, as a turn of the recorded version that had failed.</summary>
    public TimeSpan Elapsed { get; init; }
}

/// <summary>In what a turn of two versions differs.</summary>
public enum TrialChange
{
    /// <summary>Both succeed and do different things.</summary>
    OtherOutputs,

    /// <summary>The other version fails where the recorded one did not.</summary>
    NewFailure,

    /// <summary>The other version succeeds where the recorded one had failed.</summary>
    Mended,

    /// <summary>Both fail, for different reasons.</summary>
    OtherFailure,
}

/// <summary>An event with which two versions did different things.</summary>
/// <param name="Input">The event.</param>
/// <param name="Incarnation">The life in which it was handled.</param>
/// <param name="Recorded">What the recorded version did at last, after all attempts.</param>
/// <param name="Other">What the other version does.</param>
public sealed record TrialTurn(CommittedEvent Input, int Incarnation, TrialOutcome Recorded, TrialOutcome Other)
{
    /// <summary>Whether the event is in quarantine.</summary>
    public bool IsQuarantined { get; init; }

    /// <summary>In what they differ.</summary>
    public TrialChange Change => ChangeOf(Recorded, Other) ?? TrialChange.OtherOutputs;

    /// <summary>In what two outcomes differ; null if they do not. Log lines, fuel and memory may differ.</summary>
    internal static TrialChange? ChangeOf(TrialOutcome was, TrialOutcome becomes) => (was.Fault, becomes.Fault) switch
    {
        (null, null) => TurnResult.DigestOf(was.Outputs) == TurnResult.DigestOf(becomes.Outputs) ? null : TrialChange.OtherOutputs,
        (null, _) => TrialChange.NewFailure,
        (_, null) => TrialChange.Mended,
        ({ } a, { } b) => a.Kind == b.Kind && a.Code == b.Code ? null : TrialChange.OtherFailure,
    };
}

/// <summary>What one version did in all.</summary>
/// <param name="Successes">Events handled with success.</param>
/// <param name="Failures">Events failed on.</param>
/// <param name="Outputs">Outputs of all turns, log lines excepted.</param>
/// <param name="Fuel">Fuel of all turns, or 0 where it is not counted.</param>
/// <param name="MemoryBytes">Size of the memories at the end, bytes.</param>
public sealed record TrialTotals(long Successes, long Failures, long Outputs, long Fuel, long MemoryBytes)
{
    /// <summary>How long the turns took in the trial, those that both versions handled with success: so that the two can be compared.</summary>
    public TimeSpan Elapsed { get; init; }
}

/// <summary>How the other version got the state that it begins a trial with.</summary>
public enum TrialStart
{
    /// <summary>From its own first turn, with which the trial begins.</summary>
    FirstTurn,

    /// <summary>It took over the state that the recorded version had, as it was: it is the same module, or lays its state out alike.</summary>
    TakenOver,

    /// <summary>It ran the turns before, which had led to the state of the recorded version; what it did is not compared.</summary>
    Replayed,

    /// <summary>It took over the state that the recorded version had, and changed it by <c>mesh_migrate</c>.</summary>
    Migrated,

    /// <summary>It read what the recorded version wrote down of its state: <c>mesh_save</c>, <c>mesh_load</c>.</summary>
    Loaded,

    /// <summary>It began anew, as was asked for: a turn 0 that is not compared.</summary>
    BegunAnew,
}

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

    /// <summary>How the other version got the state that it began with.</summary>
    public TrialStart Start { get; init; }

    /// <summary>How many turns it ran for that and that were not compared.</summary>
    public long TurnsBefore { get; init; }

    /// <summary>Turns that fail and did not.</summary>
    public long NewFailures { get; init; }

    /// <summary>Turns that failed and do not any more.</summary>
    public long Mended { get; init; }

    /// <summary>How many of <see cref="Mended"/> have their event in quarantine.</summary>
    public long QuarantinedMended { get; init; }

    /// <summary>Events in quarantine among those that both were given.</summary>
    public long Quarantined { get; init; }

    /// <summary>Why it could not be tried, or not to the end, one sentence; otherwise null.</summary>
    public string? Problem { get; init; }
}
