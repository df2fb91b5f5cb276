using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Pools grow and shrink by themselves, one member at a time: they grow as soon as a line is reached, shrink only when there was little to do for a while,
/// and neither before the cool-down of the last change is over.
/// </content>
public sealed partial class Shard
{
    /// <summary>Looks at all pools and changes the size of those that need it. To be called about once a second.</summary>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void ObservePools(long now)
    {
        if (state.Pools.Count == 0) return;
        Advance(now);
        foreach (var pool in state.Pools.Values)
        {
            Observe(pool, state.Definition(pool.Name)!);
            RestIdle(pool);
        }
    }

    private void Observe(Pool pool, AgentDefinition definition)
    {
        var policy = definition.Pool!;
        if (state.IsDraining(definition.Name) || IsFamilyHeld(definition) || WhyKept(pool) is not null || !state.LivingIn(pool).Any(m => IsAbleToWork(state.MemberOf(pool, m)!)))
        {
            pool.QuietSinceNs = null;
            return;
        }
        var signs = SignsOf(pool);
        if (signs.Members > policy.Max)
        {
            Resize(pool, definition, policy.Max, PoolCause.Bounds, $"it has {signs.Members} members of at most {policy.Max} (pool.max)");
            return;
        }
        pool.QuietSinceNs = signs.IsQuiet(policy) ? pool.QuietSinceNs ?? nowNs : null;
        if (nowNs - pool.Last.AtNs < HealingLadder.ToNs(policy.CoolDown)) return;
        if (signs.WhyGrow(policy) is var (cause, reason)) Resize(pool, definition, signs.Members + 1, cause, reason);
        else if (signs.Members > policy.Min && policy.ShrinkAfter is { } after && pool.QuietSinceNs is { } since && nowNs - since >= HealingLadder.ToNs(after))
            Resize(pool, definition, signs.Members - 1, PoolCause.Idle, signs.WhyShrink(policy, nowNs - since));
    }

    private void Resize(Pool pool, AgentDefinition definition, int wanted, PoolCause cause, string reason)
    {
        var chosen = Choose(pool, wanted, definition.Pool!.Max);
        if (chosen.Length == wanted) Reassign(definition, chosen, cause, reason);
    }

    private bool IsFamilyHeld(AgentDefinition definition) => definition.Circuit is not null && state.Circuits.TryGetValue(definition.Name, out var circuit) && circuit.State != CircuitState.Closed;

    /// <summary>What waits for an agent that waits itself would not be handled sooner by more of them.</summary>
    private static bool IsAbleToWork(AgentEntry entry) => entry is { Stopped: false, Paused: false, HealPending: false };

    private PoolSigns SignsOf(Pool pool)
    {
        var (lag, age, waiting) = (0L, 0L, 0L);
        foreach (var (_, entry) in state.EverIn(pool))
        {
            waiting += entry.Pending.Count;
            if (!IsAbleToWork(entry) || entry.Pending.Count == 0) continue;
            lag += entry.Pending.Count;
            age = Math.Max(age, new HealthSight(state, entry, nowNs).AgeNs);
        }
        return new PoolSigns(state.LivingIn(pool).Count(), lag, age, waiting);
    }

    /// <summary>A member without partitions that is through gives its guest back and keeps its state.</summary>
    private void RestIdle(Pool pool)
    {
        foreach (var (member, entry) in state.EverIn(pool))
            if (entry is { Phase: AgentPhase.Running, HasWork: false, IsLeaving: false, CannotBeSaved: false, InFlight.Count: 0 } && !pool.Members.Contains(member)) PutToSleep(entry);
    }
}
