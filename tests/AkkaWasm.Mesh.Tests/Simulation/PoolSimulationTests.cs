using System.Globalization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>A pool changes its size under faults. AKKAWASM_SEED runs one seed; <c>scripts/simulate.sh SEED COUNT --pools</c> as many as are wanted.</summary>
public sealed class PoolSimulationTests
{
    private const int Seeds = 15;

    /// <summary>Why a pool has to change often enough.</summary>
    private static readonly PoolCause[] Causes = [PoolCause.Defined, PoolCause.Topology, PoolCause.Operator, PoolCause.Lag, PoolCause.Age, PoolCause.Idle, PoolCause.Stopped];

    [Fact]
    public void While_a_pool_grows_and_shrinks_the_promises_of_the_mesh_hold()
    {
        var causes = new Dictionary<PoolCause, int>();
        var (rewinds, handovers, renames, only) = (0, 0, 0, Environment.GetEnvironmentVariable("AKKAWASM_SEED"));
        foreach (var seed in only is null ? Enumerable.Range(0, Seeds).Select(i => (long)i) : [long.Parse(only, CultureInfo.InvariantCulture)])
        {
            var trial = Trial.Run(seed, new SimulationOptions { Pools = true, Changes = seed % 3 == 1, Replaces = seed % 3 == 2 });
            if (trial.Failure is not null) Assert.Fail($"{trial}");
            var records = trial.Ended!.Value.History.Records;
            foreach (var record in records.OfType<PoolRecord>()) causes[record.Cause] = causes.GetValueOrDefault(record.Cause) + 1;
            handovers += records.OfType<PoolRecord>().Count(r => !r.Handed.IsEmpty);
            renames += records.OfType<TopologyChangeRecord>().Count(r => r.Delta.Renamed.Any(name => r.Delta.Put.Any(d => d.Name == name.To && d.Pool is not null)));
            rewinds += records.OfType<MeshRewindRecord>().Count(r => !r.Pools.IsEmpty);
        }
        if (only is not null) return;
        Assert.All(Causes, cause => Assert.True(causes.GetValueOrDefault(cause) >= Seeds / 10, $"There are {causes.GetValueOrDefault(cause)} changes for {cause}."));
        Assert.True(handovers > 2 * Seeds, $"Events that waited went over {handovers} times.");
        Assert.True(renames > Seeds / 10, $"The pool got another name {renames} times.");
        Assert.True(rewinds > Seeds / 10, $"The mesh went back with its pool {rewinds} times.");
    }
}
