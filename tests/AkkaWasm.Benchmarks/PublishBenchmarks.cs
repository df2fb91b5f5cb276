using System.Diagnostics;
using AkkaWasm.Actors;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// From publishing one event to its acknowledgement: alone, beside what its row costs when nothing but the database writes and syncs it, and beside a bare
/// synced write of as many bytes; then at half of what the node takes at most.
/// </summary>
internal static class PublishBenchmarks
{
    /// <summary>Publishers that together find out what the node takes at most when each waits for its answer.</summary>
    private const int Publishers = 256;

    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        await using var mesh = await BenchMesh.StartAsync("small.wat", 1, (_, d) => d with { Subscriptions = ["in.0"] });
        var next = await AloneAsync(mesh, rounds.Scale(3_000), report);
        (next, var rate) = await CapacityAsync(mesh.Node, next, AtMost);
        report.Row($"events/s published one by one, {Publishers} publishers that wait for each answer", "1/s", rate);
        var seconds = rounds.Scale(100) / 10.0;
        var bare = BareGroups(Path.Combine(mesh.Folder, "groups"), TimeSpan.FromSeconds(seconds));
        await SteadyAsync(mesh.Node, next, rate / 2, (int)(rate / 2 * seconds), bare, report);
    }

    /// <summary>One publisher, one event at a time; the three ways in turn, so that a drift of the machine meets all.</summary>
    private static async Task<int> AloneAsync(BenchMesh mesh, int count, Report report)
    {
        using var row = new BareRow(Path.Combine(mesh.Folder, "bare.db"), BareRow.BlockBytes);
        await using var file = new FileStream(Path.Combine(mesh.Folder, "bare"), FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var (ours, rows, writes) = (new List<double>(), new List<double>(), new List<double>());
        (List<double> Samples, Func<int, Task> Do)[] ways =
        [
            (ours, i => mesh.Node.PublishAsync(BenchMesh.Batch(i, 1, 1))),
            (rows, _ =>
            {
                row.Write();
                return Task.CompletedTask;
            }),
            (writes, _ =>
            {
                file.Write(new byte[BareRow.BlockBytes]);
                file.Flush(flushToDisk: true);
                return Task.CompletedTask;
            }),
        ];
        for (var i = 0; i < count; i++)
            for (var way = 0; way < ways.Length; way++)
            {
                // each follows each: whoever syncs first writes what others left to the file system's journal
                var (samples, work) = ways[(i + way) % ways.Length];
                await mesh.Node.WhenIdleAsync();
                var start = Stopwatch.GetTimestamp();
                await work(i);
                samples.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }
        foreach (var (name, quantile) in ((string, double)[])[("p50", 0.5), ("p99", 0.99)])
        {
            report.Row($"publish to acknowledgement, {name}", "µs", Rounds.Quantile(ours, quantile), $"its row, nothing but SQLite, {name}", Rounds.Quantile(rows, quantile));
            report.Row($"the same, {name}", "µs", Rounds.Quantile(ours, quantile), $"bare synced write, {name}", Rounds.Quantile(writes, quantile));
        }
        return count;
    }

    /// <summary>Events that were accepted, over the time until their turns were done too: what was only let in would wait later.</summary>
    private static async Task<(int Next, double Rate)> CapacityAsync(MeshNode node, int first, TimeSpan time)
    {
        var (next, accepted, start) = (first - 1, 0, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(start) < time)
                if ((await node.PublishAsync(BenchMesh.Batch(Interlocked.Increment(ref next), 1, 1))).IsAccepted) Interlocked.Increment(ref accepted);
        })));
        await node.WhenIdleAsync();
        return (next + 1, accepted / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>
    /// What the disk alone makes of events that come steadily: one that comes while a write is under way waits for it and for the next, which takes all that
    /// came meanwhile.
    /// </summary>
    private static List<double> BareGroups(string path, TimeSpan time)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        var (writes, begin) = (new List<(long From, long To)>(), Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(begin) < time)
        {
            var from = Stopwatch.GetTimestamp();
            file.Write(new byte[BareRow.BlockBytes]);
            file.Flush(flushToDisk: true);
            writes.Add((from, Stopwatch.GetTimestamp()));
        }
        var (waits, next) = (new List<double>(), 0);
        for (var due = begin; ; due += Stopwatch.Frequency / 1_000)
        {
            while (next < writes.Count && writes[next].From < due) next++;
            if (next == writes.Count) return waits;
            waits.Add(Stopwatch.GetElapsedTime(due, writes[next].To).TotalMicroseconds);
        }
    }

    /// <summary>
    /// Open loop: each millisecond those events go out that belong to it, whether or not the ones before were answered, and each is measured from the time
    /// it was meant to go, so that a stall counts for all that it held up.
    /// </summary>
    private static async Task SteadyAsync(MeshNode node, int first, double perSecond, int count, List<double> bare, Report report)
    {
        var samples = new double[count];
        var (refused, waiting, answered) = (0, count, new TaskCompletionSource());
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var sender = new Thread(() =>
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                var due = start + (long)(i / perSecond * 1_000) * (Stopwatch.Frequency / 1_000);
                while (due > Stopwatch.GetTimestamp()) Thread.Sleep(1);
                _ = MeasureAsync(i, due); // whoever kept a million tasks would measure how they are collected
            }
        });
        sender.Start();
        sender.Join();
        await answered.Task;
        report.Row($"publish to acknowledgement at half of that, {perSecond:N0} events/s, p50", "µs", Rounds.Quantile(samples, 0.5), "bare synced writes, one after the other, p50", Rounds.Quantile(bare, 0.5));
        report.Row("the same, p99", "µs", Rounds.Quantile(samples, 0.99), "bare synced writes, one after the other, p99", Rounds.Quantile(bare, 0.99));
        report.Row("the same, refused", "%", 100.0 * refused / count);
        report.Row("the same, CPU of all threads", "µs/event", Rounds.CpuMicroseconds(cpuBefore, count));

        async Task MeasureAsync(int i, long due)
        {
            if (!(await node.PublishAsync(BenchMesh.Batch(first + i, 1, 1)).ConfigureAwait(false)).IsAccepted) Interlocked.Increment(ref refused);
            samples[i] = Stopwatch.GetElapsedTime(due).TotalMicroseconds;
            if (Interlocked.Decrement(ref waiting) == 0) answered.SetResult();
        }
    }
}
