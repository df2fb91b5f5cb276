using System.Diagnostics;
using System.Text;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Benchmarks;

/// <summary>Turns a second through the whole of a node, every commit synced, beside a persistent actor that persists one event per turn, and hops from agent to agent.</summary>
internal static class TurnBenchmarks
{
    private const int Agents = 100;
    private const int Tokens = 1_000;

    /// <summary>The journal of the plug-in in place of the one for SQLite that is built on it.</summary>
    private const string StockJournal = """akka.persistence.journal.sql.class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql" """;

    public static async Task DurableAsync(Rounds rounds, Report report)
    {
        var baseline = await OneEventPerTurn.MeasureOnSqliteAsync(rounds.Scale(20_000));
        await using var ours = await DurableTurns.StartAsync();
        await DurableTurns.MeasureAsync(rounds, ours);
        report.Row("durable turns, small guest, 100-byte events, all synced", "turns/s", ours.TurnsPerSecond, "one persisted event per turn", baseline);
        report.Row("durable turns: CPU of all threads, the publisher's included", "µs/turn", ours.CpuPerTurn);
    }

    /// <summary>The journal for SQLite beside the stock class of the plug-in, on the same kind of files.</summary>
    public static async Task JournalAsync(Rounds rounds, Report report)
    {
        await using var ours = await DurableTurns.StartAsync();
        await using var stock = await DurableTurns.StartAsync(options => options with { AkkaConfig = StockJournal });
        await DurableTurns.MeasureAsync(rounds, ours, stock);
        report.Row("durable turns, journal for SQLite", "turns/s", ours.TurnsPerSecond, "the plug-in's own journal", stock.TurnsPerSecond);
        report.Row("durable turns, journal for SQLite: CPU of all threads", "µs/turn", ours.CpuPerTurn, "the plug-in's own journal", stock.CpuPerTurn);
    }

    /// <summary>100 agents in a ring that pass on 1,000 events of 100 bytes. The node runs on from round to round, and the first is not counted.</summary>
    public static async Task HopsAsync(Rounds rounds, Report report)
    {
        var hops = rounds.Scale(2_000_000);
        var (samples, cpu) = (new List<double>(), new List<double>());
        await using var mesh = await BenchMesh.StartAsync("hop.wat", Agents, (i, d) => d with
        {
            Subscriptions = i == 0 ? ["hop.0", "in.0"] : [$"hop.{i}"], Config = Encoding.UTF8.GetBytes($"hop.{(i + 1) % Agents}"), Capabilities = new Capabilities { Publish = ["hop.*"] },
        });
        await mesh.Node.PublishAsync(BenchMesh.Batch(0, Tokens, 1));
        await UntilAsync(mesh, hops);
        for (var round = 0; round < Math.Max(3, rounds.Count / 3); round++)
        {
            var (start, cpuBefore, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, mesh.Node.Progress.Turns);
            await UntilAsync(mesh, before + hops);
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
}
