using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Knows who is called what, by the log alone: with a change that renames a definition each of its agents begins a life under its new name in the same append, and nobody has
/// another name for any other reason; no two have the same; and what an agent emits is told under the name that it had.
/// </summary>
internal sealed class RenameChecker : Checker
{
    public override string Promise => "who is renamed is who it was";

    public override void Check(History history)
    {
        var walk = new Walk(this, history);
        foreach (var record in history.Records) walk.Take(record);
        walk.End();
    }

    private sealed class Walk(RenameChecker checker, History history)
    {
        private readonly List<(string Name, string Definition, int Incarnation)> agents = [];
        private readonly Dictionary<string, int> holders = new(StringComparer.Ordinal);
        private readonly Dictionary<int, (string Name, string Definition)> due = [];
        private readonly EventIdentity identity = history.Mesh.Shard.Identity;

        public void Take(LogRecord record)
        {
            switch (record)
            {
                case TopologyChangeRecord change: Begin(change); break;
                case AgentRecord agent: Take(agent); break;
                case EventRecord { Event.Topic: Shard.TopologyTopic }: End(); break;
                case EventRecord { Event: { Agent: >= 0, Origin: EventOrigin.Emitted or EventOrigin.Direct or EventOrigin.Request or EventOrigin.Reply } e }:
                    checker.Require(e.Incarnation != agents[e.Agent].Incarnation || identity.SourceOf(e).EndsWith("/agents/" + agents[e.Agent].Name, StringComparison.Ordinal),
                        $"the event at {e.Offset} of '{agents[e.Agent].Name}' says that it comes from {identity.SourceOf(e)}.");
                    break;
            }
        }

        public void End() => checker.Require(due.Count == 0, $"'{due.Values.FirstOrDefault().Name}' did not get its name with its definition.");

        private void Begin(TopologyChangeRecord change)
        {
            End();
            foreach (var (from, to) in change.Delta.Renamed)
                for (var i = 0; i < agents.Count; i++)
                    if (agents[i].Definition == from) due[i] = (agents[i].Name == from ? to : agents[i].Name.StartsWith(from + "/", StringComparison.Ordinal) ? to + agents[i].Name[from.Length..] : agents[i].Name, to);
        }

        private void Take(AgentRecord agent)
        {
            if (agent.Agent == agents.Count) agents.Add((agent.Name, agent.Definition, 0));
            var (name, definition, incarnation) = agents[agent.Agent];
            if (due.Remove(agent.Agent, out var next))
            {
                checker.Require(agent.Change is AgentChange.Renamed or AgentChange.Reset && (agent.Name, agent.Definition) == next, $"'{name}' is {agent.Change} as '{agent.Name}' at {agent.Offset}, and was to be renamed to '{next.Name}'.");
                (name, definition) = next;
                if (holders.TryGetValue(agents[agent.Agent].Name, out var holder) && holder == agent.Agent) holders.Remove(agents[agent.Agent].Name);
            }
            else checker.Require(agent.Change != AgentChange.Renamed, $"'{agent.Name}' is renamed at {agent.Offset}, and nothing says so.");
            checker.Require((agent.Name, agent.Definition) == (name, definition), $"'{name}' of '{definition}' is called '{agent.Name}' of '{agent.Definition}' at {agent.Offset}.");
            checker.Require(agent.Change == AgentChange.Stopped ? agent.Incarnation == incarnation : agent.Incarnation > incarnation, $"'{name}' begins incarnation {agent.Incarnation} at {agent.Offset} after {incarnation}.");
            agents[agent.Agent] = (name, definition, agent.Incarnation);
            checker.Require(!holders.TryGetValue(name, out var other) || other == agent.Agent, $"agents {other} and {agent.Agent} are both called '{name}' at {agent.Offset}.");
            holders[name] = agent.Agent;
        }
    }
}
