using System.Globalization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>Living agents get other modules, by each way that their states can be moved, while everything else goes on and goes wrong.</summary>
public sealed class ReplaceSimulationTests
{
    private const int Seeds = 16;

    [Fact]
    public void While_modules_are_replaced_the_promises_of_the_mesh_hold()
    {
        var (ways, shares) = (new Dictionary<MoveWay, int>(), new Dictionary<CanaryStep, int>());
        var only = Environment.GetEnvironmentVariable("AKKAWASM_SEED");
        foreach (var seed in only is null ? Enumerable.Range(0, Seeds).Select(i => (long)i) : [long.Parse(only, CultureInfo.InvariantCulture)])
        {
            var trial = Trial.Run(seed, new SimulationOptions { Replaces = true });
            if (trial.Failure is not null) Assert.Fail($"{trial}");
            foreach (var step in Shares(trial.Ended!.Value.History)) shares[step] = shares.GetValueOrDefault(step) + 1;
            foreach (var move in trial.Ended!.Value.History.Records.OfType<LineageRecord>().Select(l => l.Begins).OfType<LineageMove>()) ways[move.Way] = ways.GetValueOrDefault(move.Way) + 1;
        }
        if (only is not null) return;
        Assert.All(new[] { CanaryStep.Began, CanaryStep.Promoted, CanaryStep.RolledBack }, step => Assert.True(shares.GetValueOrDefault(step) > Least(step), $"Shares of families: {string.Join(", ", shares)}."));
        Assert.All(Enum.GetValues<MoveWay>(), way => Assert.True(ways.GetValueOrDefault(way) > Seeds / 2, $"By {way} a state was moved {ways.GetValueOrDefault(way)} times."));
    }

    /// <summary>How often something became of a version that was tried on a share of a family, so that it can be told whether that was seen at all. Few are postponed: hundreds of seeds show that.</summary>
    private static int Least(CanaryStep step) => step == CanaryStep.Began ? 2 * Seeds : Seeds / 5;

    private static IEnumerable<CanaryStep> Shares(History history)
    {
        var tried = new HashSet<string>();
        foreach (var record in history.Records.OfType<CanaryRecord>())
        {
            if (record is { Step: CanaryStep.Began, Share: not null }) tried.Add(record.Definition);
            if (!tried.Contains(record.Definition)) continue;
            yield return record.Step;
            if (record.Step is CanaryStep.Promoted or CanaryStep.RolledBack or CanaryStep.Kept) tried.Remove(record.Definition);
        }
    }
}
