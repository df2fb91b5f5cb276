using System.Globalization;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// A whole node with a family of many agents, all awake at once: what the process takes, log and actor system included. Each agent has handled
/// its start and two events before anything is read. Linux only.
/// </summary>
internal static class DensityBenchmarks
{
    private const int BatchEvents = 1_000;

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        if (!OperatingSystem.IsLinux()) return;
        AllocationSpeed.Measure(rounds, report);
        await MeasureAsync("small.wat", GuestAllocation.Fast, rounds.Scale(20_000), report);
        await MeasureAsync("small.wat", GuestAllocation.Dense, rounds.Scale(50_000), report);
        await MeasureAsync("counter.wat", GuestAllocation.Dense, rounds.Scale(50_000), report);
    }

    private static async Task MeasureAsync(string module, GuestAllocation allocation, int agents, Report report)
    {
        GC.Collect(2, GCCollectionMode.Aggressive, true, true);
        await File.WriteAllTextAsync("/proc/self/clear_refs", "5"); // the peak begins anew
        await using var mesh = await BenchMesh.StartAsync(module, 1, (_, d) => d with { Subscriptions = ["in.*"], Key = new AgentKey(2), Capabilities = new Capabilities { Publish = [">"] } },
            change: o => o with { Engine = o.Engine with { Allocation = allocation } });
        for (var round = 0; round < 2; round++)
            for (var at = 0; at < agents; at += BatchEvents) await mesh.Node.PublishAsync(BenchMesh.Batch((round * agents) + at, Math.Min(BatchEvents, agents - at), agents));
        await mesh.Node.WhenIdleAsync();
        var awake = (await mesh.Node.AgentsAsync()).Count(a => a.State == AgentState.Running);
        var most = Kilobytes("VmHWM");
        GC.Collect(2, GCCollectionMode.Aggressive, true, true);
        var resident = Kilobytes("VmRSS");
        var what = string.Create(CultureInfo.InvariantCulture, $"{awake:N0} × {module}, {allocation.ToString().ToLowerInvariant()}: ");
        report.Row(what + "resident, whole process", "MiB", resident / 1024.0, "at its peak", most / 1024.0);
        report.Row(what + "resident for each", "KiB", resident / (double)awake, "managed heap of it", GC.GetTotalMemory(false) / 1024.0 / awake);
        report.Row(what + "mappings", "", File.ReadLines("/proc/self/maps").Count(), "limit of the system", double.Parse(File.ReadAllText("/proc/sys/vm/max_map_count"), CultureInfo.InvariantCulture));
    }

    private static long Kilobytes(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }
}
