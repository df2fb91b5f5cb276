namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Who is of which kind, so that a change of the topology need not look at all agents that are known to find the few that it asks for. It follows from the agents.
/// </content>
internal sealed partial class ShardState
{
    private readonly SortedDictionary<int, AgentEntry> ofOlderVersions = [];

    /// <summary>Agents that are not stopped.</summary>
    public int Living { get; private set; }

    /// <summary>The same by the names of their definitions; those without are not in it.</summary>
    public Dictionary<string, int> LivingOf { get; } = new(StringComparer.Ordinal);

    /// <summary>Agents that were forked from others and have a name of their own, by that name.</summary>
    public Dictionary<string, AgentEntry> Forks { get; } = new(StringComparer.Ordinal);

    /// <summary>Agents that live and run another version than their definition says, in the order in which they came to be.</summary>
    public IEnumerable<AgentEntry> OfOlderVersions => ofOlderVersions.Values.Where(e => !e.Stopped);

    private void NoteKind(AgentEntry entry)
    {
        if (entry.RunsAs is null) ofOlderVersions.Remove(entry.Number);
        else ofOlderVersions[entry.Number] = entry;
        if (entry.IsFork) Forks[entry.Name] = entry;
    }

    private void CountLiving(AgentEntry entry, int more)
    {
        Living += more;
        var living = LivingOf.GetValueOrDefault(entry.DefinitionName) + more;
        if (living == 0) LivingOf.Remove(entry.DefinitionName);
        else LivingOf[entry.DefinitionName] = living;
    }
}
