using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// A small agent gets another module of the same layout again and again while events come: how long it is held up, from its last turn by the old guest to
/// its first event by the new one (or until it could have had one), and how long events of an agent that it does not concern take from publishing to the
/// commit of their turn. Beside that stand rounds without a swap, and rounds in which another mesh of the process swaps: what such a swap costs comes of the
/// processors and the disk that all share, and not of waiting for it. The first rounds, in which the runtime still compiles what is run, are told apart.
/// </summary>
internal static class SwapBenchmarks
{
    private const int EventsPerBatch = 20;
    private const int Publishers = 8;

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        var modules = new[] { Version(1), Version(2) };
        await using var mesh = await StartAsync(modules);
        await using var another = await StartAsync(modules);
        var pauses = new List<double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, to) => { if (instrument.Name == "akkawasm.swap.pause") to.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => { lock (pauses) pauses.Add(seconds * 1_000); });
        listener.Start();
        var (turns, version) = (await WatchAsync(mesh), 0);
        foreach (var (what, swaps) in new[] { ("the first swaps of a process", rounds.Scale(1_000)), ("swaps after those", rounds.Scale(1_000)) })
        {
            var (quiet, elsewhere, here, applied) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            var paused = new List<double>();
            for (var i = 0; i < swaps; i++)
            {
                // a round without a swap lasts as long as the swap before it and has the same load
                var (next, lasts) = (modules[++version % 2], TimeSpan.FromMilliseconds(applied.Count > 0 ? applied[^1] : 1));
                quiet.Add(await DelayAsync(mesh, turns, $"{what} q{i}", () => Task.Delay(lasts)));
                elsewhere.Add(await DelayAsync(mesh, turns, $"{what} e{i}", () => SwapAsync(another, next)));
                await another.Node.WhenIdleAsync();
                lock (pauses) pauses.Clear();
                here.Add(await DelayAsync(mesh, turns, $"{what} s{i}", async () => applied.Add(await SwapAsync(mesh, next))));
                lock (pauses) paused.AddRange(pauses);
            }
            if (paused.Count < swaps - 1) throw new InvalidOperationException($"{paused.Count} of {swaps} swaps were measured.");
            report.Row($"{what}: pause of a small agent under load", "ms p50", Rounds.Quantile(paused, 0.5));
            report.Row("the same", "ms p99", Rounds.Quantile(paused, 0.99));
            report.Row("apply, committed", "ms p50", Rounds.Quantile(applied, 0.5));
            report.Row("publish to commit of an agent not concerned", "ms p50", Rounds.Quantile(here, 0.5), "without swaps", Rounds.Quantile(quiet, 0.5));
            report.Row("the same", "ms p99", Rounds.Quantile(here, 0.99), "without swaps", Rounds.Quantile(quiet, 0.99));
            report.Row("the same", "ms p50", Rounds.Quantile(here, 0.5), "while another mesh swaps", Rounds.Quantile(elsewhere, 0.5));
            report.Row("the same", "ms p99", Rounds.Quantile(here, 0.99), "while another mesh swaps", Rounds.Quantile(elsewhere, 0.99));
        }
    }

    private static Task<BenchMesh> StartAsync((string Hash, ModuleFile File)[] modules) =>
        BenchMesh.StartAsync("small.wat", 2, (i, d) => With(d, modules[i], i), change: o => o with { Modules = modules.ToDictionary(m => m.Hash, m => m.File) });

    /// <summary>Gives the first agent another module, and says how long that took until it was committed, milliseconds.</summary>
    private static async Task<double> SwapAsync(BenchMesh mesh, (string Hash, ModuleFile File) module)
    {
        var begun = Stopwatch.GetTimestamp();
        var topology = mesh.Topology;
        var next = topology with { Agents = [With(topology.Agents[0], module, 0), topology.Agents[1]] };
        var answer = await mesh.Node.ApplyTopologyAsync(new TopologyTarget(next), null, TopologyAuthor.Operator, "");
        if (answer.Outcome != TopologyOutcome.Applied) throw new InvalidOperationException($"The module was not replaced: {answer.Outcome} {string.Join(' ', answer.Plan.Problems)}");
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static async Task<ChannelReader<long>> WatchAsync(BenchMesh mesh)
    {
        var turns = Channel.CreateUnbounded<long>();
        mesh.Node.System.ActorOf(TurnWatcher.Props(turns.Writer));
        for (var i = 0; turns.Reader.Count == 0; i++) await mesh.Node.PublishAsync(new PublishBatch([Event("in.1", $"first-{i}")])); // until the subscription counts
        return turns.Reader;
    }

    /// <summary>Publishes batches for both agents while something is done, and says how long the one that is not concerned took for its event, milliseconds.</summary>
    private static async Task<double> DelayAsync(BenchMesh mesh, ChannelReader<long> turns, string prefix, Func<Task> beside)
    {
        var begun = Stopwatch.GetTimestamp();
        var publishing = mesh.Node.PublishAsync(new PublishBatch([.. Enumerable.Range(0, EventsPerBatch).Select(n => Event(n == 0 ? "in.1" : "in.0", $"{prefix}-{n}"))]));
        var doing = beside();
        var others = Task.WhenAll(Enumerable.Range(0, Publishers).Select(async publisher =>
        {
            for (var n = 0; n == 0 || !doing.IsCompleted; n++) await mesh.Node.PublishAsync(new PublishBatch([Event("in.0", $"{prefix}+{publisher}-{n}")]));
        }));
        var reply = await publishing;
        for (var wanted = reply.Positions[0].Offset; await turns.ReadAsync() != wanted;)
        {
        }
        var delay = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        await doing;
        await others;
        await mesh.Node.WhenIdleAsync(); // a swap that came while the one before is still going on would find nobody to be made ready
        return delay;
    }

    private static MeshEvent Event(string topic, string id) => new() { Topic = topic, Id = id, Source = "/bench", Data = new byte[100] };

    private static AgentDefinition With(AgentDefinition definition, (string Hash, ModuleFile File) module, int index) =>
        definition with { ModuleHash = module.Hash, ModuleFile = module.File.File, Subscriptions = [$"in.{index}"] };

    /// <summary>The same guest, which says that it lays its state out as the others do.</summary>
    private static (string Hash, ModuleFile File) Version(int version)
    {
        var text = File.ReadAllText(Path.Combine(Checkout.Root, "tests", "guests", "small.wat")).TrimEnd();
        var bytes = Encoding.UTF8.GetBytes($"{text[..^1]}\n  (global (export \"mesh_version\") i32 (i32.const {version}))\n  (global (export \"mesh_layout\") i32 (i32.const 1)))\n");
        return (Convert.ToHexStringLower(SHA256.HashData(bytes)), new ModuleFile(bytes, $"small{version}.wat"));
    }
}
