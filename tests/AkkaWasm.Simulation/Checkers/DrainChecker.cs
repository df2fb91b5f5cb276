using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// From the record of a drain on, subscriptions bring the agents that it names nothing more, until a change of the topology takes them away; that one comes
/// while there is time only when they had handled all that had come to them before.
/// </summary>
internal sealed class DrainChecker : Checker
{
    public override string Promise => "agents that are drained get nothing more, and handle what they had got";

    public override void Check(History history)
    {
        var drains = new Dictionary<string, AgentDrainRecord>(StringComparer.Ordinal);
        var definitions = new Dictionary<int, string>();
        var events = new Dictionary<long, MeshEvent>();
        var now = 0L;
        foreach (var record in history.Records)
        {
            switch (record)
            {
                case EventRecord { Event: var e }:
                    events[record.Offset] = e;
                    now = Math.Max(now, e.AppendedAtNs);
                    break;
                case AgentRecord agent:
                    definitions[agent.Agent] = agent.Definition;
                    break;
                case AgentDrainRecord drain:
                    foreach (var name in drain.Definitions) drains[name] = drain;
                    break;
                case TopologyChangeRecord change:
                    foreach (var (from, to) in change.Delta.Renamed)
                        if (drains.Remove(from, out var renamed)) drains[to] = renamed;
                    foreach (var name in change.Delta.Removed) drains.Remove(name);
                    break;
                case TurnRecord turn when definitions.TryGetValue(turn.Agent, out var definition) && drains.TryGetValue(definition, out var drain) && turn.Input > drain.Offset:
                    Require(IsItsOwn(events.GetValueOrDefault(turn.Input), turn.Agent), $"a turn of '{definition}' handled the event at {turn.Input} that came after its drain at {drain.Offset} began.");
                    break;
            }
        }
        foreach (var (name, drain) in drains) Require(history.Mesh.Shard.Drains.Any(d => d.Definitions.Contains(name)), $"the drain of '{name}' at {drain.Offset} is forgotten.");
        Require(history.Mesh.Shard.Drains.All(d => d.DeadlineNs >= now), "agents drain though their time is over.");
    }

    /// <summary>What an agent gets by its private topic, and what the mesh itself tells it.</summary>
    private static bool IsItsOwn(MeshEvent? e, int agent) => e is null || e.Topic.StartsWith("mesh.", StringComparison.Ordinal) || e.Agent == agent;
}
