using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// A node under a steady load, with guests that trap and garbage to collect; in the first third it is killed now and then. What it takes and how long it
/// makes publishers wait is noted over time; in the end every agent's state is compared with a replay. AKKAWASM_SOAK_SECONDS says how long,
/// AKKAWASM_SOAK_RATE how many events are offered in a second, AKKAWASM_SOAK_TABLE a file to which each row goes at once. From five minutes on it
/// also has to be flat over the second half. <c>scripts/soak.sh</c> runs it for an hour.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output) : IDisposable
{
    private const int Publishers = 4;
    private const int BatchEvents = 20;
    private const int Rows = 20;
    private const int EventsPerSecond = 2_000;
    private const int TrapEvery = 997;
    private const int JudgedFromSeconds = 300;

    private readonly TemporaryFolder folder = new();
    private readonly List<(double At, Sample Sample)> samples = [];
    private readonly List<double> latencies = [];
    private long acknowledged;
    private long next;
    private int kills;

    private static int Seconds => Number("AKKAWASM_SOAK_SECONDS", 10);

    private static int Rate => Number("AKKAWASM_SOAK_RATE", EventsPerSecond);

    private string Data => folder["data"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Under_load_and_chaos_memory_and_latency_stay_flat_and_every_state_is_that_of_a_replay()
    {
        var guests = Path.Combine(NodeProcess.Root, "tests", "guests");
        await File.WriteAllTextAsync(folder["mesh.conf"], $$"""
            akka-wasm {
              mesh {
                name = soak
                supervision { max-nr-of-retries = -1, min-backoff = 1 ms, max-backoff = 10 ms }
                agents {
                  counter { module = "{{guests}}/counter.wat", subscribe = ["soak.>"], capabilities.publish = [count.out], snapshot-every-turns = 500, hash-every-turns = 50 }
                  family { module = "{{guests}}/counter.wat", subscribe = ["soak.*"], key = "{2}", snapshot-every-turns = 500, hash-every-turns = 50, capabilities.publish = [count.out] }
                  cycles { module = "{{guests}}/cycles.wat", subscribe = [soak.k0], limits { gc-heap = 8 MiB }, snapshot-every-turns = 200 }
                }
                limits { log-window-bytes = 16 MiB, idempotency-keys = 20000, state-every-records = 20000 }
              }
              http.port = 0
            }
            """);
        await LoadAsync();
        Report();
        await CompareWithReplayAsync();
        if (Seconds >= JudgedFromSeconds) JudgeTrends();
    }

    /// <summary>How long the last life of the node may take to begin.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private async Task LoadAsync()
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < Seconds)
        {
            using var node = NodeProcess.Start("serve", folder["mesh.conf"], "--data", Data);
            // Nothing is killed after the first third, so that the rest of the time is one life of the process.
            var isKilled = clock.Elapsed.TotalSeconds < Seconds / 3.0;
            var until = isKilled ? clock.Elapsed.TotalSeconds + (Seconds / 10.0) : Seconds;
            using var start = new CancellationTokenSource(isKilled ? TimeSpan.FromSeconds(Math.Max(1, until - clock.Elapsed.TotalSeconds)) : Patience);
            if (await node.ListeningAsync(Data, start.Token) is { } url)
            {
                using var end = new CancellationTokenSource(TimeSpan.FromSeconds(Math.Max(isKilled ? 1 : Seconds / 3.0, until - clock.Elapsed.TotalSeconds)));
                await Task.WhenAll([.. Enumerable.Range(0, Publishers).Select(_ => PublishAsync(url, end.Token)), SampleAsync(node, url, clock, end.Token)]);
            }
            Assert.False(node.HasExited, node.Errors);
            if (isKilled)
            {
                kills++;
                await node.KillAsync();
                continue;
            }
            node.Terminate();
            await node.ExitAsync();
            Assert.True(node.ExitCode == 0, node.Errors);
        }
        Assert.True(acknowledged > 0, "Nothing was acknowledged.");
    }

    private async Task PublishAsync(Uri url, CancellationToken end)
    {
        using var client = new HttpClient { BaseAddress = url };
        var pause = TimeSpan.FromSeconds((double)(Publishers * BatchEvents) / Rate);
        for (var begun = Stopwatch.GetTimestamp(); !end.IsCancellationRequested; begun += (long)(pause.TotalSeconds * Stopwatch.Frequency))
        {
            var content = new StringContent(Batch(), Encoding.UTF8);
            content.Headers.ContentType = new("application/cloudevents-batch+json");
            try
            {
                // Each batch has its moment. One that is late because the answers before it were counts from that moment on.
                if (Stopwatch.GetElapsedTime(begun) is { Ticks: < 0 } early) await Task.Delay(-early, end);
                using var answer = await client.PostAsync("/v1/events", content, end);
                if (!answer.IsSuccessStatusCode)
                {
                    await Task.Delay(50, end);
                    continue;
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or SocketException)
            {
                continue;
            }
            lock (latencies)
            {
                acknowledged += BatchEvents;
                latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        }
    }

    private string Batch()
    {
        var first = Interlocked.Add(ref next, BatchEvents) - BatchEvents;
        var events = Enumerable.Range(0, BatchEvents).Select(i => first + i).Select(n => string.Create(CultureInfo.InvariantCulture,
            $$"""{"specversion":"1.0","id":"{{n}}","source":"/soak","type":"soak.k{{n % 64}}","datacontenttype":"text/plain","data":"{{(n % TrapEvery == 0 ? "trap" : "plain")}}"}"""));
        return $"[{string.Join(',', events)}]";
    }

    private async Task SampleAsync(NodeProcess node, Uri url, Stopwatch clock, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(TimeSpan.FromSeconds((double)Seconds / Rows), end);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            double[] waits;
            lock (latencies)
            {
                waits = [.. latencies.Order()];
                latencies.Clear();
            }
            if (waits.Length == 0 || await ManagedMiBAsync(url) is not { } managed) continue;
            samples.Add((clock.Elapsed.TotalSeconds, new Sample(node.ResidentMiB, managed, node.Mappings, waits.Length * BatchEvents, At(waits, 0.5), At(waits, 0.99), At(waits, 0.999))));
            if (Environment.GetEnvironmentVariable("AKKAWASM_SOAK_TABLE") is { Length: > 0 } table) await File.AppendAllTextAsync(table, Row(samples[^1]) + "\n", end);
        }
    }

    /// <summary>The managed heap as the node says, or null if it does not answer.</summary>
    private static async Task<double?> ManagedMiBAsync(Uri url)
    {
        using var client = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            var line = (await client.GetStringAsync("/metrics")).Split('\n').FirstOrDefault(l => l.StartsWith("akkawasm_memory_managed", StringComparison.Ordinal));
            return line is null ? null : double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture) / 1048576;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private static double At(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)];

    private void Report()
    {
        Write($"{acknowledged} events acknowledged over {Seconds} s, {kills} kills");
        Write("    time  RSS MiB  heap MiB  mappings    events   p50 ms   p99 ms  p99.9 ms");
        foreach (var sample in samples) Write(Row(sample));
    }

    private static string Row((double At, Sample Sample) row)
    {
        var s = row.Sample;
        return string.Create(CultureInfo.InvariantCulture, $"{row.At,6:F0} s  {s.ResidentMiB,7:F0}  {s.ManagedMiB,8:F0}  {s.Mappings,8}  {s.Events,8}  {s.P50,7:F1}  {s.P99,7:F1}  {s.P999,8:F1}");
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private void Write(string line) => output.WriteLine(line);

    /// <summary>The third quarter of the time against the last one: medians, so that one pause makes no trend.</summary>
    private void JudgeTrends()
    {
        var third = samples.Where(s => s.At >= Seconds * 0.5 && s.At < Seconds * 0.75).Select(s => s.Sample).ToArray();
        var last = samples.Where(s => s.At >= Seconds * 0.75).Select(s => s.Sample).ToArray();
        Judge("resident memory, MiB", s => s.ResidentMiB, 1.1, 32);
        Judge("managed heap, MiB", s => s.ManagedMiB, 1.2, 64);
        Judge("mappings", s => s.Mappings, 1.1, 100);
        Judge("p50, ms", s => s.P50, 1.5, 5);
        Judge("p99, ms", s => s.P99, 1.5, 25);

        void Judge(string what, Func<Sample, double> value, double factor, double slack)
        {
            var (before, after) = (Median(third.Select(value)), Median(last.Select(value)));
            Write(string.Create(CultureInfo.InvariantCulture, $"{what}: {before:F1} in the third quarter, {after:F1} in the last"));
            Assert.True(after <= (before * factor) + slack, $"{what} grows: {before} in the third quarter, {after} in the last.");
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : 0;

    /// <summary>All agents are replayed from their first turns; digests and hashes have to be those of the log.</summary>
    private async Task CompareWithReplayAsync()
    {
        using var verified = await NodeProcess.RunAsync("log", "verify", "--data", Data);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        using var node = await NodeProcess.RunAsync("serve", folder["mesh.conf"], "--data", Data, "--until-idle", "--report", "json");
        Assert.True(node.ExitCode == 0, node.Errors);
        var agents = JsonDocument.Parse(node.Output).RootElement.GetProperty("agents").EnumerateArray().Select(a => a.GetProperty("name").GetString()!).ToList();
        Assert.Equal(66, agents.Count);
        using var replay = await NodeProcess.RunAsync("replay", "--all", "--verify", "--data", Data);
        Assert.True(replay.ExitCode == 0, replay.Output + replay.Errors);
        Write($"{agents.Count} agents, states equal to those of a replay");
    }

    private sealed record Sample(double ResidentMiB, double ManagedMiB, int Mappings, int Events, double P50, double P99, double P999);
}
