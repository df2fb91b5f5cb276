namespace AkkaWasm.Benchmarks;

/// <summary>All benchmarks, in the order they run.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new("calls", CallBenchmarks.RunAsync),
        new("instances", InstanceBenchmarks.RunAsync),
        new("snapshots", SnapshotBenchmarks.RunAsync),
        new("images", ImageBenchmarks.RunAsync),
        new("state", ShardStateBenchmarks.RunAsync),
        new("gc", ObjectBenchmarks.RunAsync),
        new("replay", ReplayBenchmarks.ReplayAsync),
        new("heal", ReplayBenchmarks.HealAsync),
        new("core", CoreBenchmarks.RunAsync),
        new("durable", TurnBenchmarks.DurableAsync),
        new("journal", TurnBenchmarks.JournalAsync),
        new("postgres", PostgresBenchmarks.RunAsync),
        new("hops", TurnBenchmarks.HopsAsync),
        new("deadline", DeadlineBenchmarks.RunAsync),
        new("guests", GuestBenchmarks.RunAsync),
        new("density", DensityBenchmarks.RunAsync),
        new("recovery", RecoveryBenchmarks.RunAsync),
        new("families", FamilyBenchmarks.RunAsync),
        new("publish", PublishBenchmarks.RunAsync),
        new("swap", SwapBenchmarks.RunAsync),
        new("topology", TopologyBenchmarks.RunAsync),
        new("pool", PoolBenchmarks.RunAsync),
    ];
}

/// <summary>A benchmark: measures and adds rows to the report.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Run">Measures.</param>
internal sealed record Benchmark(string Name, Func<Rounds, Report, Task> Run);
