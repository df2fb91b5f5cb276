using System.Collections.Immutable;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Counts what two versions did.</summary>
/// <param name="maxDetails">How many differing turns are kept.</param>
internal sealed class TrialTally(int maxDetails)
{
    private readonly ImmutableArray<TrialTurn>.Builder details = ImmutableArray.CreateBuilder<TrialTurn>();
    private readonly Dictionary<TrialChange, long> changes = [];
    private TrialTotals recorded = new(0, 0, 0, 0, 0);
    private TrialTotals other = new(0, 0, 0, 0, 0);
    private long turns;
    private long quarantined;
    private long quarantinedMended;

    /// <summary>Takes a turn in.</summary>
    /// <param name="was">What the recorded version did.</param>
    /// <param name="becomes">What the other one does.</param>
    /// <param name="isQuarantined">Whether the event is in quarantine.</param>
    /// <param name="input">The event; asked for only if the turn is told.</param>
    /// <param name="incarnation">The life.</param>
    public void Add(TrialOutcome was, TrialOutcome becomes, bool isQuarantined, Func<CommittedEvent> input, int incarnation)
    {
        turns++;
        if (isQuarantined) quarantined++;
        var areComparable = was.Fault is null && becomes.Fault is null;
        recorded = Sum(recorded, was, areComparable);
        other = Sum(other, becomes, areComparable);
        if (TrialTurn.ChangeOf(was, becomes) is not { } change) return;
        changes[change] = changes.GetValueOrDefault(change) + 1;
        if (isQuarantined && change == TrialChange.Mended) quarantinedMended++;
        if (details.Count < maxDetails) details.Add(new TrialTurn(input(), incarnation, was, becomes) { IsQuarantined = isQuarantined });
    }

    /// <summary>What came of it.</summary>
    public TrialReport Report(string agent, string moduleHash, string recordedModuleHash) => new(
        agent, moduleHash, recordedModuleHash, turns, changes.Values.Sum(), details.ToImmutable(), recorded, other)
    {
        NewFailures = changes.GetValueOrDefault(TrialChange.NewFailure), Mended = changes.GetValueOrDefault(TrialChange.Mended),
        Quarantined = quarantined, QuarantinedMended = quarantinedMended,
    };

    private static TrialTotals Sum(TrialTotals totals, TrialOutcome outcome, bool isTimed) => new(
        totals.Successes + (outcome.Fault is null ? 1 : 0), totals.Failures + (outcome.Fault is null ? 0 : 1), totals.Outputs + outcome.Outputs.Count(o => o is not LineLogged),
        totals.Fuel + outcome.Fuel, outcome.MemoryBytes)
    {
        Elapsed = isTimed ? totals.Elapsed + outcome.Elapsed : totals.Elapsed,
    };
}
