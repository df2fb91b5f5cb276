using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Shards;

/// <content>What can be said of pools.</content>
public sealed partial class Shard
{
    /// <summary>All pools, by name.</summary>
    public IReadOnlyList<PoolStatus> Pools => [.. state.Pools.Values.Select(StatusOf)];

    /// <summary>The pool with a name.</summary>
    /// <returns>The pool, or null.</returns>
    public PoolStatus? FindPool(string name) => state.Pools.TryGetValue(name, out var pool) ? StatusOf(pool) : null;

    private PoolStatus StatusOf(Pool pool)
    {
        var partitions = pool.Last.Owners.CountBy(owner => owner).ToDictionary();
        ImmutableArray<PoolMemberStatus> members = [.. state.EverIn(pool).Select(m => StatusOf(pool, m.Member, m.Entry, partitions.GetValueOrDefault(m.Member)))];
        return new PoolStatus
        {
            Name = pool.Name, Policy = state.Definition(pool.Name)!.Pool!, Members = members, Size = members.Count(m => m.Role == PoolMemberRole.Active),
            Pending = members.Sum(m => (long)m.Pending), Held = members.Sum(m => (long)m.Held), Moving = pool.Moving,
            AgeNs = state.EverIn(pool).Select(m => new HealthSight(state, m.Entry, Math.Max(nowNs, state.LastTimeNs)).AgeNs).DefaultIfEmpty(0).Max(),
            WhyKept = WhyKept(pool), ChangedNs = pool.Last.AtNs, Cause = pool.Last.Cause, Reason = pool.Last.Reason,
        };
    }

    /// <summary>An agent sees its events in order, so that what stands behind one that is held is held as well.</summary>
    private PoolMemberStatus StatusOf(Pool pool, int member, AgentEntry entry, int partitions)
    {
        var free = 0;
        while (free < entry.Pending.Count && !pool.IsHeld(entry.Pending[free])) free++;
        var role = entry.Stopped ? PoolMemberRole.Stopped : partitions > 0 ? PoolMemberRole.Active : PoolMemberRole.Resting;
        return new PoolMemberStatus(entry.Name, member, role, AgentReport.StateOf(state, entry), partitions, entry.Pending.Count, entry.Pending.Count - free, entry.Turns);
    }
}
