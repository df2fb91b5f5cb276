using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What rules see of an agent: one row for each signal.</summary>
internal static class RuleSigns
{
    private static readonly Func<HealthSight, double>[] Table =
    [
        seen => seen.FailureShare,
        seen => seen.Entry.Pending.Count,
        seen => seen.AgeNs,
        seen => Math.Round(seen.Entry.Use?.TurnNs ?? 0),
        seen => seen.Entry.Use is { } use ? use.MemoryBytes + use.GcHeapBytes : 0,
        seen => seen.Entry.Quarantine.Count,
    ];

    /// <summary>The values of a rule's lines.</summary>
    public static ImmutableArray<RuleValue> Measure(RuleDefinition rule, HealthSight seen) => [.. rule.When.Select(line => new RuleValue(line.Signal, Table[(int)line.Signal](seen), line.Above))];

    /// <summary>Whether all lines are crossed.</summary>
    public static bool AreCrossed(ImmutableArray<RuleValue> values) => values.All(value => value.Value >= value.Line);

    /// <summary>Whether one of them is cleared.</summary>
    public static bool IsCleared(RuleDefinition rule, ImmutableArray<RuleValue> values) => rule.When.Zip(values).Any(pair => pair.Second.Value < pair.First.Clear);
}
