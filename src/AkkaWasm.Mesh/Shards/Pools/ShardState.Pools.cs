using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>Pools: who has which partition, and what waits for whom.</content>
internal sealed partial class ShardState
{
    /// <summary>The pools, by name.</summary>
    public SortedDictionary<string, Pool> Pools { get; } = new(StringComparer.Ordinal);

    /// <summary>All of them as they are saved.</summary>
    public ImmutableArray<PoolMoment> PoolMoments => [.. Pools.Values.Select(pool => new PoolMoment(pool.Last, [.. pool.Waits()]))];

    /// <summary>The pool that an agent is or was a member of, or null.</summary>
    public Pool? PoolOf(AgentEntry entry) => PoolOf(entry, out _);

    /// <summary>The pool that an agent is or was a member of, with its number in it; null for none.</summary>
    public Pool? PoolOf(AgentEntry entry, out int member)
    {
        member = 0;
        return Pools.Count > 0 && entry.Definition?.Pool is not null && Pool.TryNumber(entry.Key, out member) ? Pools.GetValueOrDefault(entry.DefinitionName) : null;
    }

    /// <summary>The agent with a number in a pool, or null if it is not born.</summary>
    public AgentEntry? MemberOf(Pool pool, int member) => pool.Entry(member, Find, number => AgentName.OfKey(pool.Name, Pool.KeyOf(number)));

    /// <summary>All agents that are or were members of a pool, with their numbers, rising.</summary>
    public IEnumerable<(int Member, AgentEntry Entry)> EverIn(Pool pool)
    {
        for (var member = 1; MemberOf(pool, member) is { } entry; member++) yield return (member, entry);
    }

    /// <summary>The members of a pool that have partitions and live, by their numbers, rising.</summary>
    public IEnumerable<int> LivingIn(Pool pool) => pool.Members.Where(member => MemberOf(pool, member) is { Stopped: false });

    /// <summary>Whether an agent of a pool has no partition, so that nothing new comes for it by its keys.</summary>
    public bool IsResting(AgentEntry entry) => PoolOf(entry, out var member) is { } pool && !pool.Members.Contains(member);

    /// <summary>Whether an agent gets nothing for now because another member of its pool has older events of the same keys to handle.</summary>
    public bool IsHeldByPool(AgentEntry entry) =>
        entry is { Init: < 0, HealPending: false, Pending.Count: > 0, InFlight.Count: 0 } && PoolOf(entry) is { } pool && Holds(pool, entry.Pending[0]);

    /// <summary>Whether an event has to wait until another member of the pool has handled older ones.</summary>
    public bool Holds(Pool pool, long offset) => options.HoldsMovedPartitions && pool.IsHeld(offset);

    /// <summary>Takes over what was saved; agents and topology are there.</summary>
    public void InstallPools(IEnumerable<PoolMoment> pools)
    {
        Pools.Clear();
        foreach (var moment in pools)
        {
            if (Definition(moment.Last.Definition)?.Pool is null) continue;
            var pool = Pools[moment.Last.Definition] = new Pool(moment.Last);
            foreach (var wait in moment.Waiting) pool.Add(wait);
        }
    }

    private void ApplyPool(PoolRecord r)
    {
        LastTimeNs = Math.Max(LastTimeNs, r.AtNs);
        if (Pools.TryGetValue(r.Definition, out var pool)) pool.Assign(r);
        else pool = Pools[r.Definition] = new Pool(r);
        HandOver(pool, r);
    }

    /// <summary>What goes over to members that are born behind the record waits in the pool until they are.</summary>
    private void HandOver(Pool pool, PoolRecord r)
    {
        var handed = r.Handed.SelectMany(h => pool.Hand(h, r.Owners[h.Partition]).Select(wait => (wait.Offset, From: wait.Member, To: r.Owners[h.Partition]))).ToArray();
        foreach (var from in handed.GroupBy(h => h.From))
        {
            if (MemberOf(pool, from.Key) is not { } giver) continue;
            Backlog -= giver.Pending.RemoveAll([.. from.Select(h => h.Offset)]);
            Touch(giver);
        }
        foreach (var to in handed.GroupBy(h => h.To))
        {
            if (MemberOf(pool, to.Key) is { } taker) Take(taker, [.. to.Select(h => h.Offset)]);
            else pool.ForUnborn[to.Key] = [.. to.Select(h => h.Offset)];
        }
    }

    /// <summary>A member is born, and what was handed over to it is its own.</summary>
    private void TakeHanded(AgentEntry born)
    {
        if (PoolOf(born, out var member) is { } pool && pool.ForUnborn.Remove(member, out var offsets)) Take(born, offsets);
    }

    private void Take(AgentEntry taker, IReadOnlyList<long> offsets)
    {
        Backlog += taker.Pending.Prepend(offsets);
        Touch(taker);
    }

    /// <summary>What a topology does not have any more, or not as a pool, is none.</summary>
    private void ForgetPools()
    {
        foreach (var name in Pools.Keys.Where(name => Definition(name)?.Pool is null).ToArray()) Pools.Remove(name);
    }

    /// <summary>An event of a pool's topics, or of its private one, goes to the member that has the partition of its key.</summary>
    private void EnqueueIn(AgentDefinition definition, MeshEvent e)
    {
        if (!Pools.TryGetValue(definition.Name, out var pool) || pool.Has(e.Offset)) return;
        var partition = definition.Pool!.PartitionOf(e);
        var member = pool.Last.Owners[partition];
        if (MemberOf(pool, member) is { } entry && Enqueue(entry, e.Offset)) pool.Add(new PoolWait(e.Offset, partition, member));
    }

    /// <summary>An event waits no more for an agent; if it is a member of a pool, another one may go on.</summary>
    private void Leave(AgentEntry entry, long offset)
    {
        if (PoolOf(entry, out var member) is { } pool && pool.Remove(offset, member) is { } next && MemberOf(pool, next) is { } freed) Touch(freed);
    }

    /// <summary>Members that are not paused, and yet can go no further until one goes on that is.</summary>
    private IEnumerable<AgentEntry> BehindPaused()
    {
        foreach (var pool in Pools.Values)
            foreach (var (_, entry) in EverIn(pool))
                if (!entry.Paused && IsBehindPaused(pool, entry)) yield return entry;
    }

    /// <summary>Who waits for whom leads to ever older events, so that it ends.</summary>
    private bool IsBehindPaused(Pool pool, AgentEntry entry)
    {
        while (!entry.Paused)
        {
            if (entry is not { Init: < 0, HealPending: false, Stopped: false, Pending.Count: > 0 }) return false;
            if (!Holds(pool, entry.Pending[0]) || pool.BlockerOf(entry.Pending[0]) is not { } blocker || MemberOf(pool, blocker) is not { } before || before == entry) return false;
            entry = before;
        }
        return true;
    }
}
