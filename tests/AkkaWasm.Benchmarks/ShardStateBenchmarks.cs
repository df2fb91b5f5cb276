using System.Diagnostics;
using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Benchmarks;

/// <summary>How long the sequencer stands still while the state of a shard is written: with ten million remembered ids, and with a million agents of a family.</summary>
internal static class ShardStateBenchmarks
{
    private const int Keys = 10_000_000;
    private const int Agents = 1_000_000;
    private const int BatchEvents = 10_000;

    public static Task RunAsync(Rounds rounds, Report report)
    {
        Measure(rounds, report, rounds.Scale(Keys), 0);
        Measure(rounds, report, 0, rounds.Scale(Agents));
        return Task.CompletedTask;
    }

    private static void Measure(Rounds rounds, Report report, int keys, int agents)
    {
        var family = new AgentDefinition { Name = "family", ModuleHash = new string('0', 64), Subscriptions = ["agent"], Key = AgentKey.Subject };
        var options = new ShardOptions { MeshName = "bench", StateEveryRecords = int.MaxValue, LogWindowBytes = 1 << 20, MaxBacklog = int.MaxValue, MaxUncommitted = int.MaxValue, MaxAwake = 1 };
        var shard = new Shard(options);
        var topology = new MeshTopology("bench", SupervisionPolicy.Default, [], [family]);
        shard.Open(topology, 1);
        for (var at = 0; at < keys + agents; at += BatchEvents)
        {
            var topic = keys > 0 ? "key" : "agent";
            MeshEvent Event(int i) => new() { Topic = topic, Id = Name(i), Source = "/bench", Subject = Name(i) };
            if (shard.Publish(new PublishBatch([.. Enumerable.Range(at, BatchEvents).Select(Event)]), null, at + 2) is { } problem) throw new InvalidOperationException(problem.Message);
            shard.TakeEffects();
            while (shard.CutBlock() is { } block) shard.Committed(block);
        }
        var (stops, times, state) = (new List<double>(), new List<double>(), shard.SaveState());
        for (var round = 0; round < Math.Min(5, rounds.Count); round++)
        {
            // a large state is saved after as many more records; this one with the first block
            var next = new Shard(options with { StateEveryRecords = -100 * (keys + agents) });
            next.Restore(state);
            next.Open(topology, keys + agents + 2);
            var began = Stopwatch.GetTimestamp();
            var block = next.CutBlock()!;
            stops.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            while (!block.SavedState!.IsComplete)
            {
                began = Stopwatch.GetTimestamp();
                next.ContinueCapture();
                stops.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            began = Stopwatch.GetTimestamp();
            _ = block.SavedState!.ToMemory();
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        var what = keys > 0 ? $"{keys.ToString("N0", CultureInfo.InvariantCulture)} ids" : $"{agents.ToString("N0", CultureInfo.InvariantCulture)} agents";
        report.Row($"state of a shard with {what}: captured, the longest that others wait", "ms", stops.Max());
        report.Row($"state of a shard with {what}: captured, in all", "ms", stops.Sum() / times.Count);
        report.Row($"state of a shard with {what}: encoded elsewhere", "ms", Rounds.Quantile(times, 0.5));
        report.Row($"state of a shard with {what}: size", "MiB", state.Length / 1048576.0);
    }

    private static string Name(int number) => number.ToString("x", CultureInfo.InvariantCulture);
}
