using System.Diagnostics;
using System.Globalization;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// Plans and applies changes of very many agents beside one that stays: they are defined, they get another limit, they go. An apply ends when it is committed;
/// what the agents do then (they are born, and have their first turn) is a row of its own. Beside each the time of a tenth of the agents, ten times.
/// </summary>
internal static class TopologyBenchmarks
{
    private const int Agents = 10_000;

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        var count = rounds.Scale(Agents);
        var tenth = (await MeasureAsync(count / 10)).ToDictionary(step => step.What, step => step.Milliseconds * 10);
        foreach (var (what, milliseconds) in await MeasureAsync(count))
            report.Row(string.Create(CultureInfo.InvariantCulture, $"{what}, {count:N0} agents"), "ms", milliseconds, "a tenth of them, ten times", tenth[what]);
    }

    private static async Task<List<(string What, double Milliseconds)>> MeasureAsync(int count)
    {
        await using var mesh = await BenchMesh.StartAsync("small.wat", 1, (_, d) => d with { Name = "stays", Subscriptions = ["in.0"] });
        var one = (await mesh.Node.TopologyAsync()).Topology;
        var all = one with { Agents = [.. one.Agents, .. Enumerable.Range(0, count).Select(i => one.Agents[0] with { Name = $"n{i}", Subscriptions = [$"n.{i}"] })] };
        var changed = all with { Agents = [.. all.Agents.Select(a => a.Name == "stays" ? a : a with { SnapshotEveryTurns = a.SnapshotEveryTurns + 1 })] };
        var measured = new List<(string, double)>();
        foreach (var (what, target) in new[] { ("define", all), ("limits", changed), ("stop", one) })
        {
            var begun = Stopwatch.GetTimestamp();
            var planned = await mesh.Node.PlanTopologyAsync(new TopologyTarget(target));
            measured.Add(($"{what}: plan", Stopwatch.GetElapsedTime(begun).TotalMilliseconds));
            begun = Stopwatch.GetTimestamp();
            var answer = await mesh.Node.ApplyTopologyAsync(new TopologyTarget(target), planned.BasedOn.Offset, TopologyAuthor.Operator, "");
            if (answer.Outcome != TopologyOutcome.Applied) throw new InvalidOperationException($"The topology was not changed: {answer.Outcome} {string.Join(' ', answer.Plan.Problems)}");
            measured.Add(($"{what}: apply, committed", Stopwatch.GetElapsedTime(begun).TotalMilliseconds));
            begun = Stopwatch.GetTimestamp();
            await mesh.Node.WhenIdleAsync();
            measured.Add(($"{what}: until all is done", Stopwatch.GetElapsedTime(begun).TotalMilliseconds));
        }
        return measured;
    }
}
