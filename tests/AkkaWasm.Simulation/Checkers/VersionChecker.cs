using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Knows which versions of its module each agent ran on the way to its state, as far as that way is its own: lives that took over another state than their
/// last one are passed over until they begin anew.
/// </summary>
internal sealed class VersionChecker : Checker
{
    public override string Promise => "who goes back to the version before runs that one";

    public override void Check(History history)
    {
        var (agents, topology) = (new Dictionary<int, Agent>(), (MeshTopology?)null);
        for (var at = 0; at < history.Records.Count; at++)
        {
            switch (history.Records[at])
            {
                case TopologyRecord first: topology = first.Topology; break;
                case TopologyChangeRecord change: topology = change.Delta.On(topology!); break;
                case AgentVersionRecord version when version.Step != AgentVersionStep.Refused: Take(agents[version.Agent], version, Defined(version.Agent)); break;
                case AgentRecord record: Take(agents, record, () => Defined(record.Agent), record.Change == AgentChange.Rewound && at + 1 < history.Records.Count && history.Records[at + 1] is LineageRecord next && history.GoesBackAlone(next)); break;
            }
        }

        string Defined(int agent) => topology!.Agents.FirstOrDefault(d => d.Name == agents[agent].Definition)?.ModuleHash ?? "";
    }

    private void Take(Agent agent, AgentVersionRecord version, string defined)
    {
        if (version.Step == AgentVersionStep.WentBack && agent.Versions is { } known)
        {
            Require(known.Count > 1, $"'{agent.Name}' goes back at {version.Offset} to a version that it never had.");
            known.Pop();
            Require((version.RunsAs?.ModuleHash ?? defined) == known.Peek(), $"'{agent.Name}' runs {version.RunsAs?.ModuleHash ?? defined} from {version.Offset} on; before it ran {known.Peek()}.");
        }
        agent.RunsAs = version.RunsAs?.ModuleHash;
    }

    private static void Take(Dictionary<int, Agent> agents, AgentRecord record, Func<string> defined, bool goesBackAlone)
    {
        if (!agents.TryGetValue(record.Agent, out var agent)) agents[record.Agent] = agent = new Agent(record.Name, record.Definition);
        agent.Definition = record.Definition;
        switch (record.Change)
        {
            case AgentChange.Born or AgentChange.Reset: agent.Versions = new([agent.RunsAs ?? defined()]); break;
            case AgentChange.Replaced: agent.Versions?.Push(agent.RunsAs ?? defined()); break;
            case AgentChange.Rewound when !goesBackAlone: agent.Versions = null; break;
            case AgentChange.Forked: agent.Versions = null; break;
        }
    }

    private sealed record Agent(string Name, string Definition)
    {
        public string Definition { get; set; } = Definition;

        /// <summary>The modules on the way to its state, the newest on top; null where that is not known.</summary>
        public Stack<string>? Versions { get; set; }

        /// <summary>The module that it runs instead of its definition's.</summary>
        public string? RunsAs { get; set; }
    }
}
