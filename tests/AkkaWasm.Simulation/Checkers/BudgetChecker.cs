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
        var served = new Dictionary<(int Agent, string Group, int Escalations, int Rung), List<long>>();
        foreach (var record in history.Records)
        {
            if (record is EventRecord { Event: var e }) now = e.AppendedAtNs;
            if (record is TopologyRecord first) topology = first.Topology;
            if (record is TopologyChangeRecord change)
            {
                var (before, after) = (topology!, change.Delta.On(topology!));
                topology = after;
                foreach (var (from, to) in GroupRenames.Of(before, after).ToArray()) Rename(served, from, to);
            }
            if (record is not HealingRecord { Directive: not HealingDirective.Resume } healing) continue;
            var policy = healing.Group.Length == 0 ? topology!.Root : topology!.Groups.Single(g => g.Name == healing.Group).Supervision;
            var key = (healing.Escalations == 0 ? healing.Agent : -1, healing.Group, healing.Escalations, healing.Rung);
            if (!served.TryGetValue(key, out var times)) served[key] = times = [];
            times.Add(now);
            var counted = times.Count(t => t > now - policy.WithinTimeRange.Ticks * 100);
            Require(policy.MaxNrOfRetries < 0 || healing.Rung == policy.OnFailure.Length || counted <= Math.Max(1, policy.MaxNrOfRetries),
                $"rung {healing.Rung} of '{healing.Group}' served {counted} failures of agent {healing.Agent} up to {healing.Input}; {policy.MaxNrOfRetries} are its budget.");
        }
    }

    /// <summary>What was served in a group counts for it under its new name.</summary>
    private static void Rename(Dictionary<(int Agent, string Group, int Escalations, int Rung), List<long>> served, string from, string to)
    {
        foreach (var key in served.Keys.Where(k => k.Group == from).ToArray())
            if (served.Remove(key, out var times)) served[key with { Group = to }] = times;
    }
}
