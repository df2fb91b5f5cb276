using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Reads what follows a change of the topology in the same append: whoever is defined no more stops, whoever is defined comes to be, nobody else is
/// touched. What the recovered mesh has for its topology is what the changes made of the first.
/// </summary>
internal sealed class TopologyChecker : Checker
{
    public override string Promise => "a change of the topology is made as a whole, and disturbs nobody whom it does not concern";

    public override void Check(History history)
    {
        var living = new Dictionary<int, (string Name, string Definition)>();
        for (var i = 0; i < history.Records.Count; i++)
        {
            if (history.Records[i] is AgentRecord agent) Note(living, agent);
            else if (history.Records[i] is TopologyChangeRecord change) i = Follow(history.Records, i, change, living);
        }
        var last = history.Topologies[^1];
        Require(TopologyDelta.Between(history.Mesh.Shard.Topology!, last.Topology).IsEmpty, $"The mesh has another topology than the changes up to {last.From} make.");
    }

    /// <returns>The last record that belongs to the change.</returns>
    private int Follow(List<LogRecord> records, int at, TopologyChangeRecord change, Dictionary<int, (string Name, string Definition)> living)
    {
        HashSet<string> removed = [.. change.Delta.Removed], put = [.. change.Delta.Put.Select(d => d.Name)];
        var i = at + 1;
        for (; i < records.Count && records[i] is AgentRecord or LineageRecord or AgentVersionRecord or PoolRecord or CanaryRecord or EventRecord { Event.Origin: EventOrigin.Lifecycle }; i++)
        {
            if (records[i] is AgentRecord agent)
            {
                Require(removed.Contains(agent.Definition) || put.Contains(agent.Definition) || agent.Change == AgentChange.Born || agent.Key is not null, $"The change at {change.Offset} touches '{agent.Name}', which it does not concern.");
                Note(living, agent);
            }
            if (records[i] is EventRecord { Event.Topic: Shard.TopologyTopic }) break;
        }
        foreach (var (name, definition) in living.Values) Require(!removed.Contains(definition), $"'{name}' goes on though the change at {change.Offset} took its definition away.");
        foreach (var definition in change.Delta.Put.Where(d => d.IsSingle))
            Require(records.Take(i + 1).OfType<AgentRecord>().Any(a => a.Name == definition.Name), $"'{definition.Name}' did not come to be with the change at {change.Offset}.");
        return i;
    }

    private static void Note(Dictionary<int, (string Name, string Definition)> living, AgentRecord agent)
    {
        if (agent.Stops(!living.ContainsKey(agent.Agent))) living.Remove(agent.Agent);
        else living[agent.Agent] = (agent.Name, agent.Definition);
    }
}
