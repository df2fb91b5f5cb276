using System.Globalization;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What the mesh sees of an agent and from where on that is too much: one row for each signal.</summary>
internal static class HealthSigns
{
    /// <summary>In the order in which they are told where several lead to the same level.</summary>
    private static readonly Sign[] Table =
    [
        new(HealthSignal.Age, s => s.AgeNs, a => Ns(a.Health.DegradedAge), a => Ns(a.Health.OverloadedAge), (s, line) => $"The oldest event that waits has waited {Seconds(s.AgeNs)}; the line is at {Seconds(line)} (health.{{0}}-age)."),
        new(HealthSignal.Lag, s => s.Entry.Pending.Count, a => a.Health.DegradedLag, a => a.Health.OverloadedLag, (s, line) => $"{Number(s.Entry.Pending.Count)} events wait; the line is at {Number(line)} (health.{{0}}-lag)."),
        new(HealthSignal.Failures, s => s.FailureShare, a => a.Health.DegradedFailures, _ => null, (s, line) => $"{Percent(s.FailureShare)} of its last turns failed; the line is at {Percent(line)} (health.{{0}}-failures)."),
        new(HealthSignal.TurnTime, s => s.Entry.Use?.TurnNs ?? 0, a => a.Health.DegradedTurnTime * Ns(a.Limits.Deadline), _ => null, (s, line) => $"A turn takes {Seconds(s.Entry.Use!.TurnNs)} on average; the line is at {Seconds(line)} (health.{{0}}-turn-time)."),
        new(HealthSignal.Memory, s => s.Entry.Use?.MemoryBytes ?? 0, a => a.Health.DegradedMemory * a.Limits.MemoryBytes, _ => null, (s, line) => $"Its memories have {Number(s.Entry.Use!.MemoryBytes)} bytes; the line is at {Number(line)} (health.{{0}}-memory)."),
        new(HealthSignal.Quarantine, s => s.Entry.Quarantine.Count, a => a.Health.DegradedQuarantine, _ => null, (s, line) => $"{Number(s.Entry.Quarantine.Count)} events are in quarantine; the line is at {Number(line)} (health.{{0}}-quarantine)."),
    ];

    /// <summary>What the mesh would say of an agent now.</summary>
    /// <param name="seen">What is to be seen.</param>
    /// <param name="said">What it said last, or null.</param>
    public static (AgentHealthLevel Level, HealthSignal Signal) Judge(HealthSight seen, HealthStatement? said)
    {
        var worst = (Level: AgentHealthLevel.Well, Signal: HealthSignal.None);
        foreach (var sign in Table)
        {
            var level = LevelOf(sign, seen, said?.Signal == sign.Signal ? said.Level : AgentHealthLevel.Well);
            if (level > worst.Level) worst = (level, sign.Signal);
        }
        return worst;
    }

    /// <summary>Why an agent is at a level.</summary>
    public static string ReasonOf(HealthSight seen, AgentHealthLevel level, HealthSignal signal)
    {
        if (signal == HealthSignal.None) return "Nothing is above its line any more.";
        var sign = Array.Find(Table, s => s.Signal == signal)!;
        var line = (level == AgentHealthLevel.Overloaded ? sign.Overloaded : sign.Degraded)(seen.Entry.Definition)!.Value;
        return string.Format(CultureInfo.InvariantCulture, sign.Text(seen, line), level == AgentHealthLevel.Overloaded ? "overloaded" : "degraded");
    }

    /// <summary>What is known of the health of an agent.</summary>
    public static AgentHealthStatus StatusOf(ShardState state, AgentEntry entry, long nowNs)
    {
        if (entry is { Health: null, Use: null, Pending.Count: 0 }) return AgentHealthStatus.Nothing;
        var seen = new HealthSight(state, entry, nowNs);
        return new AgentHealthStatus
        {
            Level = entry.Health?.Level ?? AgentHealthLevel.Well, Reported = entry.Health?.Reported, Observed = entry.Health?.Observed,
            AgeNs = seen.AgeNs, FailureShare = seen.FailureShare, TurnNs = entry.Use?.TurnNs, MemoryBytes = entry.Use is { } use ? use.MemoryBytes + use.GcHeapBytes : null,
        };
    }

    private static AgentHealthLevel LevelOf(Sign sign, HealthSight seen, AgentHealthLevel held)
    {
        var definition = seen.Entry.Definition;
        var value = sign.Value(seen);
        if (IsAbove(value, sign.Overloaded(definition), held == AgentHealthLevel.Overloaded, definition.Health)) return AgentHealthLevel.Overloaded;
        return IsAbove(value, sign.Degraded(definition), held >= AgentHealthLevel.Degraded, definition.Health) ? AgentHealthLevel.Degraded : AgentHealthLevel.Well;
    }

    private static bool IsAbove(double value, double? line, bool held, HealthPolicy policy) => line is { } at && value >= (held ? at * policy.RecoverAt : at);

    private static double? Ns(TimeSpan? span) => span is { } time ? HealingLadder.ToNs(time) : null;

    private static string Seconds(double ns) => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e9:0.###} s");

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %");

    private sealed record Sign(
        HealthSignal Signal, Func<HealthSight, double> Value, Func<AgentDefinition, double?> Degraded, Func<AgentDefinition, double?> Overloaded, Func<HealthSight, double, string> Text);
}

/// <summary>An agent as it is to be seen at a time.</summary>
/// <param name="State">What the shard knows.</param>
/// <param name="Entry">The agent.</param>
/// <param name="NowNs">Nanoseconds since the Unix epoch.</param>
internal readonly record struct HealthSight(ShardState State, AgentEntry Entry, long NowNs)
{
    /// <summary>How long the oldest event that waits has waited, nanoseconds.</summary>
    public long AgeNs => Entry.Pending.Count == 0 ? 0 : Math.Max(0, NowNs - State.Window.TimeOf(Entry.Pending[0], NowNs));

    /// <summary>Share of the last turns that failed, as long as that counts and so many did that it is one.</summary>
    public double FailureShare => Entry.Health?.FailuresCounted(Entry.Definition.Health, NowNs) is { } failed && failed >= Entry.Definition.Health.MinFailures
        ? (double)failed / Math.Min(AgentHealth.TurnsKept, Math.Max(1, Entry.Turns))
        : 0;
}
