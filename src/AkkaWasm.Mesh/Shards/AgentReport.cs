using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Says how an agent is, and why.</summary>
internal static class AgentReport
{
    /// <summary>What is known of an agent.</summary>
    /// <param name="state">What the shard knows.</param>
    /// <param name="entry">The agent.</param>
    /// <param name="nowNs">Nanoseconds since the Unix epoch.</param>
    /// <param name="backoffUntilNs">Until when it waits before it comes back, or null.</param>
    public static AgentStatus Of(ShardState state, AgentEntry entry, long nowNs, long? backoffUntilNs)
    {
        var policy = Policies.Of(state.Topology!, entry.Definition.Group);
        var ladder = HealingLadder.Now(policy, entry.Ledger, nowNs);
        return new AgentStatus
        {
            Number = entry.Number, Name = entry.Name, Definition = entry.DefinitionName, Key = entry.Key, Incarnation = entry.Incarnation, State = StateOf(state, entry),
            Turns = entry.Turns, Failures = entry.Failures, Healed = entry.Healed, Quarantined = entry.Quarantine.Count, Pending = entry.Pending.Count,
            LastInput = entry.LastInput, ImageInput = entry.ImageInput, ImageHash = entry.ImageHash, TurnsSinceImage = entry.Tail.Count, LastFault = entry.LastFault,
            LastFailedInput = entry.LastFailedInput, BackoffUntilNs = backoffUntilNs,
            Directive = ladder.Directive, Rung = ladder.Rung, BudgetSpent = ladder.Failures, Budget = policy.MaxNrOfRetries, Why = WhyOf(state, entry, backoffUntilNs),
            Health = HealthSigns.StatusOf(state, entry, nowNs), ModuleHash = entry.Definition.ModuleHash,
            TriedIn = state.Definition(entry.DefinitionName)?.Canary is { Share: var share } && share.Includes(entry.Name) ? share : null,
            RunsModule = entry.RunsAs?.ModuleHash, RunsSince = entry.RunsAs is null ? Position.None : entry.RunsAsSince,
        };
    }

    public static AgentState StateOf(ShardState state, AgentEntry entry) => entry switch
    {
        { Stopped: true } => AgentState.Stopped,
        { Paused: true } => AgentState.Paused,
        { Phase: AgentPhase.Planning } => AgentState.Rewinding,
        { HealPending: true } => AgentState.Healing,
        _ when IsWaitingForCircuit(state, entry) || state.IsHeldByPool(entry) || state.IsHeldByPast(entry) => AgentState.Held,
        { Phase: AgentPhase.Running } => AgentState.Running,
        { Phase: AgentPhase.Asleep } => AgentState.Asleep,
        _ => AgentState.Starting,
    };

    private static bool IsWaitingForCircuit(ShardState state, AgentEntry entry) => entry.HasWork && entry.InFlight.Count == 0 && CircuitOf(state, entry) is { State: not CircuitState.Closed };

    private static Circuit? CircuitOf(ShardState state, AgentEntry entry) => entry.Definition.Circuit is null ? null : state.Circuits.GetValueOrDefault(entry.DefinitionName);

    private static string? WhyOf(ShardState state, AgentEntry entry, long? backoffUntilNs) => entry switch
    {
        { Stopped: true } => entry.LastFault is { } fault ? $"stopped; its last failure was {Name(fault)}" : "stopped",
        { IsPausedAlone: true } => "an operator paused it",
        { IsPausedByGroup: true } => $"an operator paused the group '{state.PausedGroupOf(entry)}'",
        { Phase: AgentPhase.Planning } => "it goes back to an older state",
        { Phase: AgentPhase.Waiting, RebuildFailures: > 0 } => $"its guest could not be made {entry.RebuildFailures} times in a row; it is tried again at {Time(backoffUntilNs)}",
        { Phase: AgentPhase.Waiting, LastFault: { } fault } => $"it failed at {entry.LastFailedInput} ({Name(fault)}) and comes back at {Time(backoffUntilNs)}",
        { HealPending: true, LastFault: { } fault } => $"it failed at {entry.LastFailedInput} ({Name(fault)}) and is being rebuilt",
        _ when IsWaitingForCircuit(state, entry) => CircuitOf(state, entry) is { State: CircuitState.Open } open
            ? $"the circuit of its family is open until {Time(open.UntilNs)}" : "of its family a few agents are tried whether they still fail",
        _ when state.IsHeldByPool(entry) => $"older events of the same keys wait for {BlockerOf(state, entry)}",
        _ when state.IsHeldByPast(entry) => $"it is brought events from before its subscription; the log is looked through up to {state.PastOf(entry)!.ReadThrough}",
        { Phase: AgentPhase.Queued } => "it has something to do and waits for room (max-awake)",
        { Phase: AgentPhase.Starting } => "its guest is being rebuilt",
        _ => null,
    };

    private static string BlockerOf(ShardState state, AgentEntry entry) =>
        state.PoolOf(entry) is { } pool && pool.BlockerOf(entry.Pending[0]) is { } member && state.MemberOf(pool, member) is { } blocker ? $"'{blocker.Name}'" : "another member of its pool";

    private static string Name(GuestFault fault) => $"{FaultNames.Of(fault.Kind)}/{fault.Code}";

    private static string Time(long? ns) => ns is { } at ? DateTime.UnixEpoch.AddTicks(at / 100).ToString("O", CultureInfo.InvariantCulture) : "once";
}
