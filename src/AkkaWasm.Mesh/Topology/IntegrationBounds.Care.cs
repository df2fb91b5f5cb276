namespace AkkaWasm.Mesh.Topology;

/// <content>
/// How often an agent that it defines is saved, hashed and spoken of, from where on the mesh calls that agent not well, and for how long its circuit holds events up: within what it has itself. For
/// what it leaves as it was it need not answer.
/// </content>
internal sealed partial class IntegrationBounds
{
    private void CheckCare(string path, AgentDefinition agent, AgentDefinition? old)
    {
        var mine = by;
        if (mine.SnapshotAtMostEvery == TimeSpan.Zero) AtLeast(path, "snapshot-every-turns", agent.SnapshotEveryTurns, mine.SnapshotEveryTurns, old?.SnapshotEveryTurns);
        CheckHeldTurns(path, agent, old);
        AtLeast(path, "snapshot-every-bytes", agent.SnapshotEveryBytes, mine.SnapshotEveryBytes, old?.SnapshotEveryBytes);
        AtLeast(path, "snapshot-at-most-every", agent.SnapshotAtMostEvery, mine.SnapshotAtMostEvery, old?.SnapshotAtMostEvery);
        AtLeast(path, "snapshot-every", agent.SnapshotEvery, Shorter(mine.SnapshotEvery, mine.SnapshotAtMostEvery), old?.SnapshotEvery);
        AtLeast(path, "passivate-idle-after", agent.PassivateIdleAfter, Shorter(mine.PassivateIdleAfter, mine.SnapshotAtMostEvery), old?.PassivateIdleAfter); // it is saved before it sleeps
        AtLeast(path, "hash-every-turns", agent.HashEveryTurns, mine.HashEveryTurns, old?.HashEveryTurns);
        if (agent.KeepSnapshots != old?.KeepSnapshots) AtMost(path, "keep-snapshots", agent.KeepSnapshots, mine.KeepSnapshots);
        if (agent.KeepOlderSnapshots != old?.KeepOlderSnapshots) AtMost(path, "keep-older-snapshots", agent.KeepOlderSnapshots, mine.KeepOlderSnapshots);
        CheckHealth($"{path}.health", agent.Health, mine.Health, old?.Health);
        if (agent.Circuit is { } circuit && circuit != old?.Circuit) CheckCircuit($"{path}.circuit", circuit, mine.Circuit ?? new CircuitPolicy());
    }

    /// <summary>Turns since the last snapshot are memory of the shard, whoever wants them there.</summary>
    private void CheckHeldTurns(string path, AgentDefinition agent, AgentDefinition? old)
    {
        var most = Math.Max(by.SnapshotEveryTurns, maxHeldTurns);
        if (agent.SnapshotEveryTurns > most && agent.SnapshotEveryTurns != old?.SnapshotEveryTurns)
            Add($"{path}.snapshot-every-turns", $"It is more than may be held without a snapshot ({most}: max-held-turns, or what the agent '{by.Name}' has itself); set at most that.");
    }

    private void CheckHealth(string path, HealthPolicy its, HealthPolicy mine, HealthPolicy? old)
    {
        if (its.MaxReasonBytes != old?.MaxReasonBytes) AtMost(path, "max-reason", its.MaxReasonBytes, mine.MaxReasonBytes);
        AtLeast(path, "publish-at-most-every", its.PublishAtMostEvery, mine.PublishAtMostEvery, old?.PublishAtMostEvery);
        AtLeast(path, "failure-window", its.FailureWindow, mine.FailureWindow, old?.FailureWindow);
        NoLater("degraded-lag", h => h.DegradedLag);
        NoLater("overloaded-lag", h => h.OverloadedLag);
        NoLater("degraded-age", h => h.DegradedAge?.TotalSeconds, " s");
        NoLater("overloaded-age", h => h.OverloadedAge?.TotalSeconds, " s");
        NoLater("degraded-failures", h => h.DegradedFailures);
        NoLater("min-failures", h => h.MinFailures);
        NoLater("degraded-quarantine", h => h.DegradedQuarantine);
        NoLater("degraded-turn-time", h => h.DegradedTurnTime);
        NoLater("degraded-memory", h => h.DegradedMemory);

        void NoLater(string name, Func<HealthPolicy, double?> line, string unit = "")
        {
            if (line(mine) is not { } most || line(its) <= most || (old is not null && line(its) == line(old))) return;
            Add($"{path}.{name}", FormattableString.Invariant($"The line is {(line(its) is null ? "left out" : "later")} where the agent '{by.Name}' has one itself ({most}{unit}); set at most that."));
        }
    }

    private void CheckCircuit(string path, CircuitPolicy its, CircuitPolicy mine)
    {
        AtMost(path, "window", its.Window.Ticks, mine.Window.Ticks);
        AtMost(path, "open-for", its.OpenFor.Ticks, mine.OpenFor.Ticks);
    }

    private void AtLeast(string path, string name, TimeSpan? its, TimeSpan mine, TimeSpan? old)
    {
        if (its is { } time) AtLeast(path, name, time.Ticks, mine.Ticks, old?.Ticks);
    }

    private void AtLeast(string path, string name, long its, long mine, long? old)
    {
        if (its < mine && its != old) Add($"{path}.{name}", $"It is less than the agent '{by.Name}' may ask for ({Text(name, mine)}); set at least that.");
    }

    private static TimeSpan Shorter(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;
}
