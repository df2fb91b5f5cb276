using System.Diagnostics;
using AkkaWasm.Actors;

namespace AkkaWasm.Benchmarks;

/// <summary>From the start of a node that had been killed until every agent is as it was: the log is read, guests are made, turns since their images are repeated.</summary>
internal static class RecoveryBenchmarks
{
    private const int TurnsOfAgent = 100;
    private const int BatchEvents = 5_000;

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        var agents = rounds.Scale(10_000);
        await using var mesh = await BenchMesh.StartAsync("small.wat", agents, (i, d) => d with { Subscriptions = [$"in.{i}"], SnapshotEveryTurns = int.MaxValue });
        for (var at = 0; at < agents * TurnsOfAgent; at += BatchEvents)
        {
            var reply = await mesh.Node.PublishAsync(BenchMesh.Batch(at, BatchEvents, agents));
            if (reply.Problem is { } problem) throw new InvalidOperationException(problem.Message);
        }
        await mesh.Node.WhenIdleAsync();
        var (serves, samples, cpu) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < 3; round++)
        {
            await mesh.KillAsync();
            var (start, cpuBefore) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            await mesh.RestartAsync();
            serves.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await mesh.Node.WhenIdleAsync();
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            cpu.Add(Rounds.CpuMicroseconds(cpuBefore, agents * TurnsOfAgent));
        }
        report.Row($"{agents:N0} agents recovered, {agents * TurnsOfAgent:N0} turns since their images", "ms", Rounds.Quantile(samples, 0.5));
        report.Row("of that, until the node serves", "ms", Rounds.Quantile(serves, 0.5));
        report.Row("recovery: CPU of all threads", "µs/turn", Rounds.Quantile(cpu, 0.5));
    }
}
