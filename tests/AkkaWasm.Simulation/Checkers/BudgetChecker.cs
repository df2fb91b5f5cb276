using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>No rung of a ladder serves more failures within its time range than its budget.</summary>
internal sealed class BudgetChecker : Checker
{
    public override string Promise => "budgets are respected";

    public override void Check(History history)
    {
        long now = 0;
        MeshTopology? topology = null;
        var first = history.Topology.Groups.ToDictionary(g => g.Name, g => g.Name, StringComparer.Ordinal);
        var served = new Dictionary<(int Agent, string Group, int Escalations, int Rung), List<long>>();
        foreach (var record in history.Records)
        {
            if (record is EventRecord { Event: var e }) now = e.AppendedAtNs;
            if (record is TopologyRecord { Topology: var begun }) topology = begun;
            if (record is TopologyChangeRecord change)
            {
                var (before, after) = (topology!, change.Delta.On(topology!));
                topology = after;
                foreach (var (from, to) in GroupRenames.Of(before, after)) first[to] = first[from];
            }
            if (record is not HealingRecord { Directive: not HealingDirective.Resume } healing) continue;
            var group = first.GetValueOrDefault(healing.Group, ""); // what was served in a group counts for it under its new name
            var policy = group.Length == 0 ? history.Topology.Root : history.Topology.Groups.Single(g => g.Name == group).Supervision;
            var key = (healing.Escalations == 0 ? healing.Agent : -1, group, healing.Escalations, healing.Rung);
            if (!served.TryGetValue(key, out var times)) served[key] = times = [];
            times.Add(now);
            var counted = times.Count(t => t > now - policy.WithinTimeRange.Ticks * 100);
            Require(policy.MaxNrOfRetries < 0 || healing.Rung == policy.OnFailure.Length || counted <= Math.Max(1, policy.MaxNrOfRetries),
                $"rung {healing.Rung} of '{healing.Group}' served {counted} failures of agent {healing.Agent} up to {healing.Input}; {policy.MaxNrOfRetries} are its budget.");
        }
    }
}
