using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// The first agents in an order. Only those are compared that have something to do, are awake, failed lately or are not well: of all others every signal is
/// nothing, so that they stand behind, in the order of their births. It costs a step for each of these, and not for each agent that is known.
/// </content>
public sealed partial class Shard
{
    private static readonly Dictionary<AgentOrder, Func<HealthSight, (double First, double Second)>> Orders = new()
    {
        [AgentOrder.Lag] = s => (s.Entry.Pending.Count, 0),
        [AgentOrder.Age] = s => (s.AgeNs, s.Entry.Pending.Count),
        [AgentOrder.Failures] = s => (s.FailureShare, s.Entry.Failures),
        [AgentOrder.Time] = s => (s.Entry.Use?.TurnNs ?? 0, 0),
        [AgentOrder.Memory] = s => (s.Entry.Use is { } use ? use.MemoryBytes + use.GcHeapBytes : 0, 0),
        [AgentOrder.Health] = s => ((int)(s.Entry.Health?.Level ?? default), s.Entry.Pending.Count),
    };

    /// <summary>The most agents that <see cref="Top"/> gives.</summary>
    public int MaxTopAgents => options.MaxTopAgents;

    /// <summary>The first agents in an order, without those that were stopped.</summary>
    /// <param name="order">By what.</param>
    /// <param name="limit">How many, 1 to <see cref="ShardOptions.MaxTopAgents"/>.</param>
    /// <param name="names">Which: a pattern over their names with dots for slashes, as in topics; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is out of its bounds.</exception>
    public TopAgents Top(AgentOrder order, int limit, TopicPattern? names = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, options.MaxTopAgents);
        var (of, at) = (Orders[order], Math.Max(nowNs, state.LastTimeNs));
        var best = new PriorityQueue<AgentEntry, (double First, double Second, int Born)>();
        var active = 0;
        foreach (var entry in Active())
        {
            if (entry.Stopped || !IsMeant(entry)) continue;
            active++;
            var (first, second) = of(new HealthSight(state, entry, at));
            if (best.Count < limit) best.Enqueue(entry, (first, second, -entry.Number));
            else best.EnqueueDequeue(entry, (first, second, -entry.Number));
        }
        var top = new AgentEntry[best.Count];
        for (var i = top.Length - 1; i >= 0; i--) top[i] = best.Dequeue();
        return new TopAgents([.. top.Concat(Others(limit - top.Length)).Select(StatusOf)], active, state.Agents.Count);

        bool IsMeant(AgentEntry entry) => names is null || names.Matches(AgentName.ToTopic(entry.Name));

        IEnumerable<AgentEntry> Others(int wanted) =>
            wanted == 0 ? [] : state.Agents.Take(options.MaxTopScan).Where(e => e is { IsNoticed: false, Use: null, Stopped: false } && IsMeant(e)).Take(wanted);
    }

    private IEnumerable<AgentEntry> Active()
    {
        foreach (var entry in noticed) yield return entry;
        foreach (var entry in measured)
            if (!entry.IsNoticed) yield return entry;
    }
}
