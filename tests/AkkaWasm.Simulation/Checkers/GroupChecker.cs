using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>Knows in which group each agent is: who was started by another is where that one is.</summary>
internal sealed class GroupChecker : Checker
{
    public override string Promise => "an agent is healed by its group, or by that of whoever started it";

    public override void Check(History history)
    {
        var (agents, topology) = (new List<AgentRecord>(), (MeshTopology?)null);
        foreach (var record in history.Records)
        {
            switch (record)
            {
                case TopologyRecord first: topology = first.Topology; break;
                case TopologyChangeRecord change: topology = change.Delta.On(topology!); break;
                case AgentRecord agent when agent.Agent == agents.Count: agents.Add(agent); break;
                case AgentRecord agent: agents[agent.Agent] = agents[agent.Agent] with { Name = agent.Name, Definition = agent.Definition }; break;
                case HealingRecord healing: Check(healing); break;
            }
        }

        void Check(HealingRecord healing)
        {
            var own = GroupOf(healing.Agent);
            Require(healing.Group == Above(own, healing.Escalations), $"the failure of '{agents[healing.Agent].Name}' of the group '{own}' at {healing.Offset} is answered by '{healing.Group}'.");
            if (healing.Escalations > 0) return;
            foreach (var other in healing.Affected) Require(GroupOf(other) == own, $"'{agents[other].Name}' is of the group '{GroupOf(other)}', and is touched at {healing.Offset} by a failure in '{own}'.");
        }

        string GroupOf(int agent) => agents[agent].Parent is >= 0 and var parent && topology!.Agents.Any(d => d.Name == agents[parent].Definition)
            ? GroupOf(parent)
            : topology!.Agents.First(d => d.Name == agents[agent].Definition).Group;

        string Above(string group, int levels)
        {
            for (; levels > 0; levels--) group = topology!.Groups.FirstOrDefault(g => g.Name == group)?.Parent ?? "";
            return group;
        }
    }
}
