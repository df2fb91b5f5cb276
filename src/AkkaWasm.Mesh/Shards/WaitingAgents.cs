namespace AkkaWasm.Mesh.Shards;

/// <summary>Agents whose back-off is not over, by the time when it is.</summary>
internal sealed class WaitingAgents
{
    private readonly SortedSet<(long UntilNs, int Agent)> byTime = [];
    private readonly Dictionary<int, long> until = [];

    public long? NextNs => byTime.Count == 0 ? null : byTime.Min.UntilNs;

    /// <summary>Until when an agent waits, or null.</summary>
    public long? UntilNs(int agent) => until.TryGetValue(agent, out var untilNs) ? untilNs : null;

    public void Add(int agent, long untilNs)
    {
        Remove(agent);
        until[agent] = untilNs;
        byTime.Add((untilNs, agent));
    }

    public void Remove(int agent)
    {
        if (until.Remove(agent, out var untilNs)) byTime.Remove((untilNs, agent));
    }

    /// <summary>Takes the agent that is due first, if its time has come.</summary>
    public bool TryTakeDue(long nowNs, out int agent)
    {
        agent = byTime.Min.Agent;
        if (byTime.Count == 0 || byTime.Min.UntilNs > nowNs) return false;
        Remove(agent);
        return true;
    }
}
