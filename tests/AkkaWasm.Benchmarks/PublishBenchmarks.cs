using System.Diagnostics;

namespace AkkaWasm.Benchmarks;

/// <summary>From publishing one event to its acknowledgement, beside a bare synced write of as many bytes on the same disk.</summary>
internal static class PublishBenchmarks
{
    private const int Bytes = 300;

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        var count = rounds.Scale(2_000);
        await using var mesh = await BenchMesh.StartAsync("small.wat", 1, (_, d) => d with { Subscriptions = ["in.0"] });
        var (ours, bare) = (new List<double>(), new List<double>());
        await using var file = new FileStream(Path.Combine(mesh.Folder, "bare"), FileMode.Create, FileAccess.Write, FileShare.None, 1);
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await mesh.Node.PublishAsync(BenchMesh.Batch(i, 1, 1));
            ours.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            start = Stopwatch.GetTimestamp();
            file.Write(new byte[Bytes]);
            file.Flush(flushToDisk: true);
            bare.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
        report.Row("publish to acknowledgement, p50", "µs", Rounds.Quantile(ours, 0.5), "bare synced write, p50", Rounds.Quantile(bare, 0.5));
        report.Row("publish to acknowledgement, p99", "µs", Rounds.Quantile(ours, 0.99), "bare synced write, p99", Rounds.Quantile(bare, 0.99));
    }
}
