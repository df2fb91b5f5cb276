using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Healing;

/// <summary>What a policy says to one failure.</summary>
/// <param name="Directive">What happens.</param>
/// <param name="Rung">Place on the ladder, from 0.</param>
/// <param name="Failures">Failures that count, this one included.</param>
internal readonly record struct LadderStep(HealingDirective Directive, int Rung, int Failures);

/// <summary>The rules of healing, without state: a policy and the failures so far lead to a directive and a wait.</summary>
internal static class HealingLadder
{
    /// <summary>
    /// The directive for one more failure. A directive serves <see cref="SupervisionPolicy.MaxNrOfRetries"/> failures within
    /// <see cref="SupervisionPolicy.WithinTimeRange"/>, then the next one of the ladder is in force, until for so long nothing failed;
    /// <c>resume</c> spends no budget.
    /// </summary>
    public static LadderStep Next(SupervisionPolicy policy, FailureLedger ledger, long nowNs)
    {
        var failures = ledger.CountSince(nowNs - ToNs(policy.WithinTimeRange)) + 1;
        var rung = failures == 1 ? 0 : Math.Min(ledger.Rung, policy.OnFailure.Length);
        var directive = At(policy, rung);
        if (directive == HealingDirective.Resume) return new LadderStep(directive, rung, 0);
        if (policy.MaxNrOfRetries < 0 || failures <= policy.MaxNrOfRetries || rung == policy.OnFailure.Length) return new LadderStep(directive, rung, failures);
        return new LadderStep(At(policy, rung + 1), rung + 1, 1);
    }

    /// <summary>The directive in place of one that cannot be done: the next that is another one; <c>restart</c> where there is none.</summary>
    public static LadderStep After(SupervisionPolicy policy, LadderStep step)
    {
        for (var rung = step.Rung + 1; rung <= policy.OnFailure.Length; rung++)
            if (At(policy, rung) is var directive && directive != step.Directive) return new LadderStep(directive, rung, directive == HealingDirective.Resume ? 0 : 1);
        return step with { Directive = HealingDirective.Restart };
    }

    /// <summary>Where on the ladder the failures so far have led to, and how many of them count.</summary>
    public static LadderStep Now(SupervisionPolicy policy, FailureLedger ledger, long nowNs)
    {
        var failures = ledger.CountSince(nowNs - ToNs(policy.WithinTimeRange));
        var rung = failures == 0 ? 0 : Math.Min(ledger.Rung, policy.OnFailure.Length);
        return new LadderStep(At(policy, rung), rung, failures);
    }

    /// <summary>Whether an event that failed once more is put aside. <c>resume</c> tries only that again which failed because of the host.</summary>
    public static bool Quarantines(SupervisionPolicy policy, HealingDirective directive, GuestFault fault, EventAttempts attempts) =>
        directive == HealingDirective.Stop || (directive == HealingDirective.Resume && !fault.DependsOnHost) || attempts.Exhausted(policy, fault);

    /// <summary>How long to wait before the restart after the n-th failure that counts: doubling from the least to the most, then lengthened by chance.</summary>
    public static long BackoffNs(SupervisionPolicy policy, int failures, TurnRandom random)
    {
        var doubled = ToNs(policy.MinBackoff) * Math.Pow(2, Math.Clamp(failures - 1, 0, 60));
        var wait = Math.Min(doubled, ToNs(policy.MaxBackoff));
        return (long)(wait * (1 + policy.RandomFactor * random.NextUnit()));
    }

    public static long ToNs(TimeSpan span) => span.Ticks > long.MaxValue / 100 ? long.MaxValue / 4 : span.Ticks * 100;

    private static HealingDirective At(SupervisionPolicy policy, int rung) => rung == 0 ? policy.Directive : policy.OnFailure[rung - 1];
}
