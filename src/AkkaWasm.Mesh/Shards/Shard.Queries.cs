namespace AkkaWasm.Mesh.Shards;

public sealed partial class Shard
{
    /// <summary>Says what time it is, for what is asked next: budgets are spent or not as of now.</summary>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void NoteTime(long now) => nowNs = Math.Max(now, state.LastTimeNs);

    /// <summary>All agents that ever came to be, in the order of their birth.</summary>
    public IEnumerable<AgentStatus> Agents => state.Agents.Select(StatusOf);

    /// <summary>Who has a number.</summary>
    /// <returns>The agent, or null.</returns>
    public AgentInfo? Agent(int number) => number >= 0 && number < state.Agents.Count ? state.Agents[number].Info : null;

    /// <summary>The agent with a name.</summary>
    /// <returns>The agent, or null.</returns>
    public AgentStatus? FindAgent(string name) => state.Find(name) is { } entry ? StatusOf(entry) : null;

    /// <summary>How many agents are in each state, and how many of them have events put aside.</summary>
    public (IReadOnlyDictionary<AgentState, int> ByState, int WithQuarantine, long Quarantined) CountAgents()
    {
        var byState = new Dictionary<AgentState, int>();
        var (with, quarantined) = (0, 0L);
        foreach (var entry in state.Agents)
        {
            var its = AgentReport.StateOf(state, entry);
            byState[its] = byState.GetValueOrDefault(its) + 1;
            with += entry.Quarantine.Count > 0 ? 1 : 0;
            quarantined += entry.Quarantine.Count;
        }
        return (byState, with, quarantined);
    }

    private AgentStatus StatusOf(AgentEntry entry) => AgentReport.Of(state, entry, Math.Max(nowNs, state.LastTimeNs), entry.Phase == AgentPhase.Waiting ? waiting.UntilNs(entry.Number) : null);
}
