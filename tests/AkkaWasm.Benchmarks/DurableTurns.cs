using System.Diagnostics;
using AkkaWasm.Actors;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// A node whose small guests handle 100-byte events, published ahead by 64 batches. It runs on from round to round, and the first is not counted: in it
/// most of what runs is compiled.
/// </summary>
internal sealed class DurableTurns : IAsyncDisposable
{
    private const int Agents = 100;
    private const int BatchEvents = 1_000;
    private const int BatchesAhead = 64;

    private readonly BenchMesh mesh;
    private readonly List<double> samples = [];
    private readonly List<double> cpu = [];

    private DurableTurns(BenchMesh mesh) => this.mesh = mesh;

    /// <summary>Turns so far, those of the round that is not counted included.</summary>
    public int Turns { get; private set; }

    /// <summary>Median over the rounds, turns a second.</summary>
    public double TurnsPerSecond => Rounds.Quantile(samples, 0.5);

    /// <summary>Processor time of all threads, the publisher's included, median over the rounds, microseconds.</summary>
    public double CpuPerTurn => Rounds.Quantile(cpu, 0.5);

    public static async Task<DurableTurns> StartAsync(Func<MeshNodeOptions, MeshNodeOptions>? change = null) =>
        new(await BenchMesh.StartAsync("small.wat", Agents, (i, d) => d with { Subscriptions = [$"in.{i}"] }, change: change));

    /// <summary>Measures nodes in turn, A B A B, so that a drift of the machine meets all.</summary>
    public static async Task MeasureAsync(Rounds rounds, params DurableTurns[] nodes)
    {
        for (var round = -1; round < Math.Max(3, rounds.Count / 3); round++)
            foreach (var node in nodes) await node.RoundAsync(rounds.Scale(400_000), isCounted: round >= 0);
    }

    public ValueTask DisposeAsync() => mesh.DisposeAsync();

    private async Task RoundAsync(int turns, bool isCounted)
    {
        var (start, before) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await PublishAsync(Turns, turns);
        await mesh.Node.WhenIdleAsync();
        Turns += turns;
        if (!isCounted) return;
        samples.Add(turns / Stopwatch.GetElapsedTime(start).TotalSeconds);
        cpu.Add(Rounds.CpuMicroseconds(before, turns));
    }

    private async Task PublishAsync(int from, int count)
    {
        var ahead = new Queue<Task>();
        for (var at = from; at < from + count; at += BatchEvents)
        {
            ahead.Enqueue(PublishBatchAsync(at, Math.Min(BatchEvents, from + count - at)));
            if (ahead.Count >= BatchesAhead) await ahead.Dequeue();
        }
        await Task.WhenAll(ahead);
    }

    private async Task PublishBatchAsync(int from, int count)
    {
        var reply = await mesh.Node.PublishAsync(BenchMesh.Batch(from, count, Agents));
        if (reply.Problem is { } problem) throw new InvalidOperationException(problem.Message);
    }
}
