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
        var (ours, cpu) = await MeasureAsync(rounds, options => options);
        report.Row("durable turns, small guest, 100-byte events, all synced", "turns/s", ours, "one persisted event per turn", baseline);
        report.Row("durable turns: CPU of all threads, the publisher's included", "µs/turn", cpu);
    }

    /// <summary>
    /// Durable turns a second of a small guest with 100-byte events, and what CPU one takes, microseconds; medians of the rounds after one that is not
    /// counted, in which most of what runs is compiled.
    /// </summary>
    public static async Task<(double TurnsPerSecond, double CpuPerTurn)> MeasureAsync(Rounds rounds, Func<MeshNodeOptions, MeshNodeOptions> change)
    {
        var turns = rounds.Scale(400_000);
        var (samples, cpu) = (new List<double>(), new List<double>());
        for (var round = -1; round < Math.Max(3, rounds.Count / 3); round++)
        {
            await using var mesh = await BenchMesh.StartAsync("small.wat", Agents, (i, d) => d with { Subscriptions = [$"in.{i}"] }, change: change);
            await PublishAsync(mesh, 0, turns / 10);
            await mesh.Node.WhenIdleAsync();
            var (start, cpuBefore) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await PublishAsync(mesh, turns / 10, turns);
            await mesh.Node.WhenIdleAsync();
            if (round < 0) continue;
            samples.Add(turns / Stopwatch.GetElapsedTime(start).TotalSeconds);
            cpu.Add(Rounds.CpuMicroseconds(cpuBefore, turns));
        }
        return (Rounds.Quantile(samples, 0.5), Rounds.Quantile(cpu, 0.5));
    }

    public static async Task HopsAsync(Rounds rounds, Report report)
    {
        var hops = rounds.Scale(2_000_000);
        const int tokens = 1_000;
        var (samples, cpu) = (new List<double>(), new List<double>());
        for (var round = -1; round < Math.Max(3, rounds.Count / 3); round++)
        {
            await using var mesh = await BenchMesh.StartAsync("hop.wat", Agents, (i, d) => d with
            {
                Subscriptions = i == 0 ? ["hop.0", "in.0"] : [$"hop.{i}"], Config = Encoding.UTF8.GetBytes($"hop.{(i + 1) % Agents}"), Capabilities = new Capabilities { Publish = ["hop.*"] },
            });
            await mesh.Node.PublishAsync(BenchMesh.Batch(0, tokens, 1));
            await UntilAsync(mesh, hops / 10);
            var (start, cpuBefore, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, mesh.Node.Progress.Turns);
            await UntilAsync(mesh, before + hops);
            if (round < 0) continue;
            var done = mesh.Node.Progress.Turns - before;
            samples.Add(done / Stopwatch.GetElapsedTime(start).TotalSeconds);
            cpu.Add(Rounds.CpuMicroseconds(cpuBefore, done));
        }
        report.Row("hops from agent to agent, the committer following", "hops/s", Rounds.Quantile(samples, 0.5));
        report.Row("hops: CPU of all threads", "µs/hop", Rounds.Quantile(cpu, 0.5));

        static async Task UntilAsync(BenchMesh mesh, long turns)
        {
            while (mesh.Node.Progress.Turns < turns) await Task.Delay(1);
        }
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
