using System.Globalization;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>The topology of the simulated mesh changes under faults. AKKAWASM_SEED runs one seed; <c>scripts/simulate.sh SEED COUNT --changes</c> as many as are wanted.</summary>
public sealed class TopologySimulationTests
{
    private const int Seeds = 25;

    [Fact]
    public void While_the_topology_changes_the_promises_of_the_mesh_hold()
    {
        var (changes, stops, drains, pauses, promoted, rolledBack, renamed, groups, members) = (0, 0, 0, 0, 0, 0, 0, 0, 0);
        var only = Environment.GetEnvironmentVariable("AKKAWASM_SEED");
        foreach (var seed in only is null ? Enumerable.Range(0, Seeds).Select(i => (long)i) : [long.Parse(only, CultureInfo.InvariantCulture)])
        {
            var trial = Trial.Run(seed, new SimulationOptions { Changes = true });
            if (trial.Failure is not null) Assert.Fail($"{trial}");
            var records = trial.Ended!.Value.History.Records;
            renamed += records.OfType<AgentRecord>().Count(r => r is { Change: AgentChange.Renamed, Key: null });
            members += records.OfType<AgentRecord>().Count(r => r is { Change: AgentChange.Renamed, Key: not null });
            groups += trial.Ended.Value.History.Topologies.Zip(trial.Ended.Value.History.Topologies.Skip(1)).Sum(t => GroupRenames.Of(t.First.Topology, t.Second.Topology).Count());
            changes += records.OfType<TopologyChangeRecord>().Count();
            promoted += records.OfType<CanaryRecord>().Count(c => c.Step == CanaryStep.Promoted);
            rolledBack += records.OfType<CanaryRecord>().Count(c => c.Step == CanaryStep.RolledBack);
            drains += records.OfType<AgentDrainRecord>().Count();
            pauses += records.OfType<GroupPauseRecord>().Count(r => r.Paused);
            stops += records.OfType<TopologyChangeRecord>().Sum(c => c.Delta.Removed.Length);
        }
        if (only is not null) return;
        Assert.True(drains > Seeds / 2 && pauses > Seeds / 10, $"There are {drains} drains and {pauses} pauses of groups.");
        Assert.True(changes > 10 * Seeds && stops > Seeds, $"There are {changes} changes and {stops} definitions that went.");
        Assert.True(renamed > Seeds / 5 && members > Seeds / 5 && groups > 0, $"{renamed} agents, {members} members of families and {groups} groups were renamed.");
        Assert.True(promoted > Seeds && rolledBack > 0, $"Of changes that were watched {promoted} were promoted and {rolledBack} rolled back.");
    }
}
