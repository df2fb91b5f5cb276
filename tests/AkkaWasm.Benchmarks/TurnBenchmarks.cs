using System.Diagnostics;
using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Benchmarks;

/// <summary>Turns a second through the whole of a node, every commit synced, beside a persistent actor that persists one event per turn.</summary>
internal static class TurnBenchmarks
{
    private const int Agents = 100;
    private const int BatchEvents = 1_000;
    private const int BatchesAhead = 64;

    public static async Task DurableAsync(Rounds rounds, Report report)
    {
        var baseline = await OneEventPerTurn.MeasureOnSqliteAsync(rounds.Scale(20_000));
        var ours = await MeasureAsync(rounds, options => options);
        report.Row("durable turns, small guest, 100-byte events, all synced", "turns/s", ours, "one persisted event per turn", baseline);
    }

    /// <summary>Durable turns a second of a small guest with 100-byte events, the median of the rounds.</summary>
    public static async Task<double> MeasureAsync(Rounds rounds, Func<MeshNodeOptions, MeshNodeOptions> change)
    {
        var turns = rounds.Scale(400_000);
        var samples = new List<double>();
        for (var round = 0; round < Math.Max(3, rounds.Count / 3); round++)
        {
            await using var mesh = await BenchMesh.StartAsync("small.wat", Agents, (i, d) => d with { Subscriptions = [$"in.{i}"] }, change: change);
            await PublishAsync(mesh, 0, turns / 10);
            await mesh.Node.WhenIdleAsync();
            var start = Stopwatch.GetTimestamp();
            await PublishAsync(mesh, turns / 10, turns);
            await mesh.Node.WhenIdleAsync();
            samples.Add(turns / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return Rounds.Quantile(samples, 0.5);
    }

    public static async Task HopsAsync(Rounds rounds, Report report)
    {
        var hops = rounds.Scale(600_000);
        const int tokens = 1_000;
        var samples = new List<double>();
        for (var round = 0; round < Math.Max(3, rounds.Count / 5); round++)
        {
            await using var mesh = await BenchMesh.StartAsync("hop.wat", Agents, (i, d) => d with
            {
                Subscriptions = i == 0 ? ["hop.0", "in.0"] : [$"hop.{i}"], Config = Encoding.UTF8.GetBytes($"hop.{(i + 1) % Agents}"), Capabilities = new Capabilities { Publish = ["hop.*"] },
            });
            var start = Stopwatch.GetTimestamp();
            var before = mesh.Node.Progress.Turns;
            await mesh.Node.PublishAsync(BenchMesh.Batch(0, tokens, 1));
            while (mesh.Node.Progress.Turns - before < hops) await Task.Delay(5);
            samples.Add((mesh.Node.Progress.Turns - before) / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        report.Row("hops from agent to agent, the committer following", "hops/s", Rounds.Quantile(samples, 0.5));
    }

    private static async Task PublishAsync(BenchMesh mesh, int from, int count)
    {
        var ahead = new Queue<Task>();
        for (var at = from; at < from + count; at += BatchEvents)
        {
            ahead.Enqueue(PublishBatchAsync(mesh, at, Math.Min(BatchEvents, from + count - at)));
            if (ahead.Count >= BatchesAhead) await ahead.Dequeue();
        }
        await Task.WhenAll(ahead);
    }

    private static async Task PublishBatchAsync(BenchMesh mesh, int from, int count)
    {
        var reply = await mesh.Node.PublishAsync(BenchMesh.Batch(from, count, Agents));
        if (reply.Problem is { } problem) throw new InvalidOperationException(problem.Message);
    }
}
