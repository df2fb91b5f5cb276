using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;

namespace AkkaWasm.Mesh.Shards;

/// <content>Agents of families end by themselves when nobody needs them any more, as their definition says.</content>
public sealed partial class Shard
{
    /// <summary>The agent that is looked at next, by number.</summary>
    private int idleFrom;

    /// <summary>Looks at some agents, all of them in turn.</summary>
    private void RetireIdle()
    {
        if (!state.SomeRetireIdle) return;
        for (var looks = Math.Min(options.MaxHealthLooks, state.Agents.Count); looks > 0; looks--)
        {
            if (idleFrom >= state.Agents.Count) idleFrom = 0;
            var entry = state.Agents[idleFrom++];
            if (entry.Definition.Apoptosis.IdleAfter is { } after && IsUnneeded(entry) && nowNs - entry.ActiveAtNs >= HealingLadder.ToNs(after))
                Retire(entry, RetirementReason.Idle, $"it had nothing to do for {after:c} (apoptosis.idle-after)", endActor: true);
        }
    }

    private bool IsUnneeded(AgentEntry entry) =>
        entry is
        {
            Stopped: false, Key: not null, Paused: false, HasWork: false, DueMove: null, Init: < 0, PendingTimers: 0, Quarantine.Count: 0, AskedRewind: null, IsPreparing: false, IsLeaving: false,
            InFlight.Count: 0, Phase: AgentPhase.Asleep or AgentPhase.Running,
        }
        && !state.Requests.ContainsValue(entry.Number);

    /// <summary>Those that a stopped agent had started, and whose definition says so; they take theirs with them.</summary>
    private void RetireOrphans(AgentEntry parent, bool endActor)
    {
        foreach (var child in state.ChildrenOf(parent).ToArray())
            if (child is { Stopped: false, Definition.Apoptosis.Orphaned: true })
                Retire(child, RetirementReason.Orphaned, $"'{parent.Name}', which had started it, was stopped (apoptosis.orphaned)", endActor);
    }

    /// <summary>After quotas or limits became others: the youngest below whoever has too many go, as far as their definitions let them.</summary>
    private void RetireOverBudget()
    {
        foreach (var above in state.Parents.Order().Select(number => state.Agents[number]).Where(a => !a.Stopped).ToArray())
        {
            var quota = above.Definition.Spawn;
            if (!IsOver(above)) continue;
            foreach (var entry in Below(above).OrderByDescending(e => e.Number))
            {
                if (!IsOver(above)) break;
                if (entry is { Stopped: false, Definition.Apoptosis.OverBudget: true })
                    Retire(entry, RetirementReason.OverBudget, $"'{above.Name}' has more agents or memory below it than spawn.max-agents and spawn.max-memory allow (apoptosis.over-budget)", !recovering);
            }

            bool IsOver(AgentEntry one) => state.OffspringOf(one) is var (agents, bytes) && (agents > quota.MaxAgents || bytes > quota.MaxMemoryBytes);
        }
    }

    private List<AgentEntry> Below(AgentEntry above)
    {
        var all = new List<AgentEntry>();
        var next = new Stack<AgentEntry>(state.ChildrenOf(above));
        while (next.TryPop(out var entry))
        {
            all.Add(entry);
            foreach (var child in state.ChildrenOf(entry)) next.Push(child);
        }
        return all;
    }

    private void Retire(AgentEntry entry, RetirementReason reason, string why, bool endActor)
    {
        Stop(entry, $"ended by itself: {why}", null, endActor);
        Append(new RetirementRecord(entry.Number, reason));
    }
}
