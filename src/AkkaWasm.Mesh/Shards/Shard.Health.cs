using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// How agents are. What guests say of themselves, and what the mesh says of them, becomes a record and an event on <c>mesh.health.NAME</c>, and only where
/// it differs from what was said before: so an agent that listens to that and says something of its own makes no storm. The mesh looks at those that got
/// something to do, and goes on looking as long as they have or are not well.
/// </content>
public sealed partial class Shard
{
    private readonly Queue<AgentEntry> noticed = [];
    private readonly HashSet<AgentEntry> measured = [];

    /// <summary>
    /// Looks at the health of agents that have something to do, failed lately or are not well: of so many at a time as
    /// <see cref="ShardOptions.MaxHealthLooks"/> says, with it at the rules that are about them; and ends as many that nobody needs any more, as <see cref="ApoptosisPolicy"/> says. To be called about once a second.
    /// </summary>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void ObserveHealth(long now)
    {
        Advance(now);
        for (var looks = Math.Min(noticed.Count, options.MaxHealthLooks); looks > 0; looks--)
        {
            var entry = noticed.Dequeue();
            if (Observe(entry) | ObserveRules(entry)) noticed.Enqueue(entry);
            else entry.IsNoticed = false;
        }
        RetireIdle();
    }

    /// <summary>Notes what the turns of an agent take, as its actor measured it. One of an older life of the actor is dropped.</summary>
    /// <param name="agent">Number of the agent.</param>
    /// <param name="token">The life of the agent's actor.</param>
    /// <param name="use">What they take.</param>
    public void NoteUse(int agent, int token, AgentUse use)
    {
        var entry = state.Agents[agent];
        if (entry.Token != token || entry.Phase != AgentPhase.Running || use.Turns < 1) return;
        if (entry.Use is null) measured.Add(entry);
        (entry.Use ??= new MeasuredUse()).Note(use);
    }

    private void ForgetUse(AgentEntry entry)
    {
        if (entry.Use is null) return;
        entry.Use = null;
        measured.Remove(entry);
    }

    private void Notice(AgentEntry entry)
    {
        if (entry.IsNoticed) return;
        entry.IsNoticed = true;
        noticed.Enqueue(entry);
    }

    /// <summary>What was said before the shard was opened, and may be over now.</summary>
    private void NoticeIfNotWell(AgentEntry entry)
    {
        if (!entry.Stopped && (entry.Health is not null || entry.HasWork || entry.Quarantine.Count > 0 || state.HoldsAnyRule(entry))) Notice(entry);
    }

    /// <returns>Whether the agent is to be looked at again though nothing happens to it.</returns>
    private bool Observe(AgentEntry entry)
    {
        if (entry.Stopped) return false;
        var policy = entry.Definition.Health;
        var said = entry.Health?.Observed;
        var seen = new HealthSight(state, entry, nowNs);
        var (level, signal) = HealthSigns.Judge(seen, said);
        if ((level, signal) != (said?.Level ?? AgentHealthLevel.Well, said?.Signal ?? HealthSignal.None))
        {
            if (said is not null && nowNs - said.AtNs < HealingLadder.ToNs(policy.PublishAtMostEvery)) return true;
            Say(entry, seen, level, signal);
        }
        return level > AgentHealthLevel.Well || entry.HasWork || entry.Health?.FailuresCounted(policy, nowNs) > 0;
    }

    /// <summary>The mesh says how an agent is. Nothing caused it but time.</summary>
    private void Say(AgentEntry entry, HealthSight seen, AgentHealthLevel level, HealthSignal signal)
    {
        var said = new HealthRecord(entry.Number, signal, level, HealthSigns.ReasonOf(seen, level, signal), nowNs);
        Append(said);
        var data = LifecycleData.Observed(entry.Name, entry.Incarnation, said, entry.Health!.Level, json => WriteSigns(json, entry, seen));
        AppendEvent(About(entry, AgentName.Health(entry.Name), data, EventOrigin.Lifecycle));
    }

    private static void WriteSigns(Utf8JsonWriter json, AgentEntry entry, HealthSight seen)
    {
        json.WriteNumber("lag", entry.Pending.Count);
        json.WriteNumber("age_ms", seen.AgeNs / 1_000_000);
        json.WriteNumber("failure_share", Math.Round(seen.FailureShare, 4));
        json.WriteNumber("quarantined", entry.Quarantine.Count);
        json.WriteNumber("healed", entry.Healed);
        json.WriteBoolean("asleep", entry.Phase == AgentPhase.Asleep);
        if (entry.Use is not { } use) return;
        json.WriteNumber("turn_ms", Math.Round(use.TurnNs / 1e6, 3));
        json.WriteNumber("memory_bytes", use.MemoryBytes + use.GcHeapBytes);
    }

    /// <summary>A life that goes back has said what had been said in the state that it goes back to. That was published then.</summary>
    private void Restate(AgentEntry entry, HealthStatement? said)
    {
        if (said is not null) Append(new HealthRecord(entry.Number, HealthSignal.Guest, said.Level, said.Reason, nowNs));
    }

    /// <summary>The guest says how it is. While it handles events again of which nothing is to leave it, that is noted and not published.</summary>
    private void Report(AgentEntry entry, MeshEvent input, HealthReported report)
    {
        if (entry.Health?.Reported is { } said && said.Level == report.Level && said.Reason == report.Reason) return;
        Append(new HealthRecord(entry.Number, HealthSignal.Guest, report.Level, report.Reason, nowNs));
        if (!entry.IsSuppressed(input.Offset)) AppendEmitted(entry, input, new EventEmitted(report.Event));
    }
}
