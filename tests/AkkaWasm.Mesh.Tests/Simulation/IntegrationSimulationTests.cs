using System.Globalization;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>An agent changes the topology under faults. AKKAWASM_SEED runs one seed; <c>scripts/simulate.sh SEED COUNT --integrates</c> as many as are wanted.</summary>
public sealed class IntegrationSimulationTests
{
    private const int Seeds = 12;

    [Fact]
    public void While_an_agent_changes_the_topology_the_promises_of_the_mesh_hold()
    {
        var (asked, made, swapped, only) = (0, 0, 0, Environment.GetEnvironmentVariable("AKKAWASM_SEED"));
        foreach (var seed in only is null ? Enumerable.Range(0, Seeds).Select(i => (long)i) : [long.Parse(only, CultureInfo.InvariantCulture)])
        {
            var trial = Trial.Run(seed, new SimulationOptions { Integrates = true, Changes = seed % 3 == 1, Replaces = seed % 3 == 2 });
            if (trial.Failure is not null) Assert.Fail($"{trial}");
            var history = trial.Ended!.Value.History;
            asked += history.Records.OfType<ChangeAskedRecord>().Count();
            made += history.Records.OfType<TopologyChangeRecord>().Count(c => TopologyAuthor.AgentOf(c.Author) is not null);
            swapped += history.Seen.Swaps;
        }
        if (only is not null) return;
        Assert.True(asked > 10 * Seeds && made > Seeds && swapped > 0, $"{asked} changes were asked for, {made} made, {swapped} guests swapped.");
    }
}
