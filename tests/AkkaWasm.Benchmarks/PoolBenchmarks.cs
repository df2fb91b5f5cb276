using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Benchmarks;

/// <summary>Events of many keys for a guest that computes about a millisecond at each: one agent, a pool, and a pool that grows while they wait.</summary>
internal static class PoolBenchmarks
{
    private const int Keys = 256;
    private const int Loops = 1_000_000;

    private static readonly string Guest = $"""
        (module
          (memory (export "memory") 1)
          (global $sum (mut i64) (i64.const 1))
          (func (export "mesh_handle") (param $size i32) (result i32)
            (local $i i32)
            (loop $next
              (global.set $sum (i64.add (i64.mul (global.get $sum) (i64.const 6364136223846793005)) (i64.extend_i32_u (local.get $i))))
              (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {Loops}))))
            (i32.const 0)))
        """;

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        var events = rounds.Scale(4_000);
        var single = await PerSecondAsync(null, events);
        foreach (var size in new[] { 1, 2, 4 }) report.Row($"a pool of {size}, {Environment.ProcessorCount} processors, 1 ms a turn", "events/s", await PerSecondAsync(new PoolPolicy { Size = size, Min = size, Max = size }, events), "one agent", single);
        var grows = new PoolPolicy { Size = 1, Max = 2, GrowLag = 100, CoolDown = TimeSpan.Zero };
        report.Row("a pool that grows from 1 to 2 while they wait", "events/s", await PerSecondAsync(grows, events), "one agent", single);
    }

    private static async Task<double> PerSecondAsync(PoolPolicy? pool, int events)
    {
        var bytes = Encoding.UTF8.GetBytes(Guest);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        await using var mesh = await BenchMesh.StartAsync("small.wat", 1, (_, d) => d with { ModuleHash = hash, ModuleFile = "compute.wat", Subscriptions = ["in.*"], Pool = pool },
            change: o => o with { Modules = ImmutableDictionary<string, ModuleFile>.Empty.Add(hash, new ModuleFile(bytes, "compute.wat")) });
        var begun = Stopwatch.GetTimestamp();
        for (var done = 0; done < events; done += Keys)
        {
            var batch = Enumerable.Range(done, Math.Min(Keys, events - done)).Select(i => new MeshEvent { Topic = "in.0", Id = $"{i}", Source = "/bench", Subject = $"k{i % Keys}", Data = new byte[100] });
            await mesh.Node.PublishAsync(new PublishBatch([.. batch]));
        }
        await mesh.Node.WhenIdleAsync();
        return events / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
