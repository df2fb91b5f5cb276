using System.Globalization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>Living agents get other modules, by each way that their states can be moved, while everything else goes on and goes wrong.</summary>
public sealed class ReplaceSimulationTests
{
    private const int Seeds = 25;

    [Fact]
    public void While_modules_are_replaced_the_promises_of_the_mesh_hold()
    {
        var ways = new Dictionary<MoveWay, int>();
        var only = Environment.GetEnvironmentVariable("AKKAWASM_SEED");
        foreach (var seed in only is null ? Enumerable.Range(0, Seeds).Select(i => (long)i) : [long.Parse(only, CultureInfo.InvariantCulture)])
        {
            var trial = Trial.Run(seed, new SimulationOptions { Replaces = true });
            if (trial.Failure is not null) Assert.Fail($"{trial}");
            foreach (var move in trial.Ended!.Value.History.Records.OfType<LineageRecord>().Select(l => l.Begins).OfType<LineageMove>()) ways[move.Way] = ways.GetValueOrDefault(move.Way) + 1;
        }
        if (only is null) Assert.All(Enum.GetValues<MoveWay>(), way => Assert.True(ways.GetValueOrDefault(way) > Seeds / 2, $"By {way} a state was moved {ways.GetValueOrDefault(way)} times."));
    }
}
