using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// The members of pools change: partitions change hands by one record, agents that become members and did not live are born behind it, and the mesh says
/// so. What waits for a member that gives a partition away it handles still; one that has none left then rests, with its state, until it is taken up again.
/// </content>
public sealed partial class Shard
{
    /// <summary>Changes how many members a pool has, whatever waits for them. The mesh may change it again when its cool-down is over.</summary>
    /// <param name="pool">Its name.</param>
    /// <param name="members">How many, within its bounds.</param>
    /// <param name="reason">Why; may be empty.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <returns>One sentence that says why it cannot be done, or null.</returns>
    public string? ResizePool(string pool, int members, string reason, long now)
    {
        Advance(now);
        if (!state.Pools.TryGetValue(pool, out var found)) return $"There is no pool '{pool}'; there are {string.Join(", ", state.Pools.Keys.Select(name => $"'{name}'").DefaultIfEmpty("none"))}.";
        var definition = state.Definition(pool)!;
        if (members < definition.Pool!.Min || members > definition.Pool.Max)
            return $"The pool '{pool}' has {definition.Pool.Min} to {definition.Pool.Max} members (pool.min, pool.max), not {members}; change its bounds in the topology first.";
        if (state.IsDraining(pool)) return $"The pool '{pool}' is being drained.";
        if (WhyKept(found) is { } kept) return $"{kept}.";
        var (living, chosen) = (state.LivingIn(found).Count(), Choose(found, members, definition.Pool.Max));
        if (living == members) return $"The pool '{pool}' has {members} members already.";
        if (chosen.Length < members) return $"The pool '{pool}' cannot have {members} members: {string.Join(", ", StoppedIn(found))} stopped; reset what is to run again.";
        Reassign(definition, chosen, PoolCause.Operator, reason.Length > 0 ? reason : "an operator wants it");
        return null;
    }

    /// <summary>Why no partition may change hands, a clause, or null.</summary>
    private string? WhyKept(Pool pool) => options.KeepsWatchedPools && state.Canaries.ContainsKey(pool.Name) ? $"the pool {IsWatched(pool.Name)}"
        : IsSettling(pool) ? $"members of the pool '{pool.Name}' handle events again that they had handled; try again when that is done"
        : null;

    /// <summary>Whether a member handles events again: those that come later of the same keys must not be handled by another one before.</summary>
    private bool IsSettling(Pool pool) => state.EverIn(pool).Any(m => m.Entry is { Stopped: false, Pending.Count: > 0 } entry && entry.Pending[0] <= entry.SuppressedThrough);

    private IEnumerable<string> StoppedIn(Pool pool) => state.EverIn(pool).Where(m => m.Entry is { Stopped: true, Unborn: false }).Select(m => $"'{m.Entry.Name}'");

    /// <summary>Those who stay, the lowest first, then members that rest or are still to be born; nobody who was stopped.</summary>
    private ImmutableArray<int> Choose(Pool pool, int wanted, int highest)
    {
        var living = state.LivingIn(pool).ToArray();
        var others = Enumerable.Range(1, highest).Where(number => !living.Contains(number) && state.MemberOf(pool, number) is null or { Stopped: false } or { Unborn: true });
        return [.. living.Take(wanted).Concat(others.Take(wanted - Math.Min(wanted, living.Length))).Order()];
    }

    /// <summary>Makes what the topology says of pools true: those that are new come to be, others get the size that is new, or one within their bounds.</summary>
    private void FollowPools(IEnumerable<AgentDefinition> put, IReadOnlyDictionary<string, AgentDefinition> before)
    {
        foreach (var definition in put)
        {
            if (definition.Pool is not { } policy) continue;
            if (!state.Pools.TryGetValue(definition.Name, out var pool))
            {
                Form(definition);
                continue;
            }
            if (state.Canaries.ContainsKey(definition.Name)) continue;
            var living = state.LivingIn(pool).Count();
            var isNewSize = before.GetValueOrDefault(definition.Name)?.Pool is { } was && was.Size != policy.Size;
            var wanted = isNewSize ? policy.Size : Math.Clamp(living, policy.Min, policy.Max);
            var chosen = Choose(pool, wanted, policy.Max);
            if (living > 0 && (living != chosen.Length || living != pool.Members.Length)) Reassign(definition, chosen, PoolCause.Topology, isNewSize ? $"pool.size is {policy.Size}" : $"pool.min is {policy.Min} and pool.max {policy.Max}");
        }
    }

    /// <summary>A pool comes to be, or comes to be anew.</summary>
    private void Form(AgentDefinition definition) =>
        Reassign(definition, [.. Enumerable.Range(1, definition.Pool!.Size)], PoolCause.Defined, $"pool.size is {definition.Pool.Size}");

    /// <summary>Of a member that is stopped others take the partitions, one that rests if nobody else is left. What waited for it is gone, as of any agent that is stopped.</summary>
    private void ReplaceInPool(AgentEntry stopped, long dropped, MeshEvent? cause)
    {
        if (state.PoolOf(stopped, out var member) is not { } pool || !pool.Members.Contains(member)) return;
        if (state.WatchOf(stopped)?.Stopped.Contains(stopped.Number) == true) return; // it comes back with its version, and what comes for it until then waits for that
        ImmutableArray<int> left = [.. state.LivingIn(pool)];
        if (left.IsEmpty) left = [.. state.EverIn(pool).Where(m => !m.Entry.Stopped).Select(m => m.Member).Take(1)];
        if (!left.IsEmpty) Reassign(stopped.Definition, left, PoolCause.Stopped, $"'{stopped.Name}' was stopped; {dropped} events that waited for it are dropped", cause);
    }

    /// <summary>Members that were to come back and do not leave the pool.</summary>
    private void ReplaceStoppedInPool(string definition)
    {
        if (!state.Pools.TryGetValue(definition, out var pool)) return;
        foreach (var stopped in pool.Members.Select(member => state.MemberOf(pool, member)!).Where(entry => entry.Stopped).ToArray()) ReplaceInPool(stopped, 0, null);
    }

    /// <summary>A member that had been stopped is back, and takes its share unless the pool is full.</summary>
    private void ReturnToPool(AgentEntry entry)
    {
        if (state.PoolOf(entry, out var member) is not { } pool || pool.Members.Contains(member) || state.Canaries.ContainsKey(pool.Name)) return;
        var living = state.LivingIn(pool).ToArray();
        if (living.Length < entry.Definition.Pool!.Max) Reassign(entry.Definition, [.. living.Append(member).Order()], PoolCause.Returned, $"'{entry.Name}' was stopped and is back");
    }

    private void Reassign(AgentDefinition definition, ImmutableArray<int> members, PoolCause cause, string reason, MeshEvent? causedBy = null)
    {
        var before = state.Pools.GetValueOrDefault(definition.Name);
        var (owned, living) = (before?.Last.Owners ?? [], before is null ? 0 : state.LivingIn(before).Count());
        var owners = PoolAssignment.Over(owned, definition.Pool!.Partitions, members);
        var why = reason.Length <= PoolRecord.MaxReason ? reason : reason[..PoolRecord.MaxReason];
        Append(new PoolRecord(definition.Name, owners, cause, why, nowNs) { Handed = before is null || state.Canaries.ContainsKey(definition.Name) ? [] : Handovers(before, owners) });
        var pool = state.Pools[definition.Name];
        pool.QuietSinceNs = null;
        foreach (var begun in members.Select(member => TakeUp(definition, pool, member)).OfType<AgentEntry>().ToArray()) AppendStarted(begun, null);
        var moved = owned.IsEmpty ? 0 : owners.Where((owner, i) => owner != owned[i]).Count();
        var what = cause == PoolCause.Defined ? "formed" : members.Length > living ? "grown" : members.Length < living || cause == PoolCause.Stopped ? "shrunk" : "reassigned";
        AppendEvent(new MeshEvent
        {
            Topic = AgentName.Pool(definition.Name, what), Data = LifecycleData.Pool(pool.Last, living, moved), ContentType = LifecycleData.ContentType, Origin = EventOrigin.Lifecycle,
            Subject = definition.Name, Cause = causedBy?.Offset ?? Position.None, Depth = causedBy is null ? 0 : DeeperThan(causedBy), TraceParent = causedBy?.TraceParent,
        });
    }

    /// <summary>
    /// Of partitions that change hands what waits and was not given to a guest goes over, as far as it is later than all that the new member has seen: an
    /// agent handles its events in the order of the log.
    /// </summary>
    private ImmutableArray<PoolHandover> Handovers(Pool pool, ImmutableArray<int> owners)
    {
        var handed = ImmutableArray.CreateBuilder<PoolHandover>();
        var (kept, seen) = (new Dictionary<int, long>(), new Dictionary<int, long>());
        for (var partition = 0; partition < owners.Length; partition++)
        {
            var (from, to) = (pool.WaitedFor(partition).Where(member => member != owners[partition]).ToArray(), owners[partition]);
            if (pool.Last.Owners[partition] == to || from.Length == 0) continue;
            if (!seen.TryGetValue(to, out var after)) seen[to] = after = state.MemberOf(pool, to) is { } taker ? LastSeenBy(taker) : Position.None;
            foreach (var member in from)
            {
                if (!kept.TryGetValue(member, out var last)) kept[member] = last = state.MemberOf(pool, member) is { } giver ? LastKeptBy(giver) : Position.None;
                after = Math.Max(after, last);
            }
            handed.Add(new PoolHandover(partition, after));
        }
        return handed.ToImmutable();
    }

    /// <summary>The last event that stays with an agent because it was given to its guest, or was tried before.</summary>
    private static long LastKeptBy(AgentEntry entry)
    {
        var given = entry.Init < 0 && entry.InFlight.Count > 0 ? entry.InFlight.Last().Offset : Position.None;
        var tried = (entry.Attempts.Total > 0 || entry.HealPending) && entry.Pending.Count > 0 ? entry.Pending[0] : Position.None;
        return Math.Max(Math.Max(given, tried), Math.Max(entry.FailedBefore.Input, entry.CompactFor));
    }

    /// <summary>The last event that an agent has handled or was given, or of which nothing would leave it.</summary>
    private static long LastSeenBy(AgentEntry entry) => Math.Max(Math.Max(entry.LastInput, entry.Cursor), Math.Max(entry.SuppressedThrough, LastKeptBy(entry)));

    /// <summary>A member is born, or begins again if it does not live; one that rests goes on with its state.</summary>
    /// <returns>The agent if it begins, otherwise null.</returns>
    private AgentEntry? TakeUp(AgentDefinition definition, Pool pool, int member)
    {
        var entry = state.MemberOf(pool, member);
        if (entry is { Stopped: false }) return null;
        var key = Pool.KeyOf(member);
        var name = AgentName.OfKey(definition.Name, key);
        if (entry is null) Append(new AgentRecord(state.Agents.Count, AgentChange.Born, name, definition.Name, key, state.FirstIncarnation(name)));
        else
        {
            CatchUp(entry);
            Append(new AgentRecord(entry.Number, AgentChange.Reset, name, definition.Name, key, state.NextIncarnation(entry), entry.Parent));
        }
        return state.MemberOf(pool, member);
    }
}
