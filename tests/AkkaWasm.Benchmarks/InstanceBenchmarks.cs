using AkkaWasm.Wasm;

namespace AkkaWasm.Benchmarks;

/// <summary>What it costs to make an instance of a small module and throw it away, on demand and from the pool.</summary>
internal static class InstanceBenchmarks
{
    private const int Instances = 2_000;

    public static Task RunAsync(Rounds rounds, Report report)
    {
        var count = rounds.Scale(Instances);
        var guest = File.ReadAllBytes(Path.Combine(Checkout.Root, "tests", "guests", "small.wat"));
        using var onDemand = new WasmEngine();
        using var pooling = new WasmEngine(new WasmEngineOptions { Allocation = InstanceAllocation.Pooling });
        using var first = onDemand.Load(guest, "small.wat");
        using var second = pooling.Load(guest, "small.wat");
        var functions = new HostFunctions();
        var limits = new WasmLimits { MemoryBytes = 16 << 20, TableElements = 10_000 };
        var times = rounds.Compare(count, () => Make(count, first, functions, limits), () => Make(count, second, functions, limits));
        report.Row("store and instance of a small module, from the pool", "µs", times[1] / 1e3, "on demand", times[0] / 1e3);

        using var kept = WasmInstance.Create(first, functions, limits);
        var snapshot = kept.Capture();
        var restored = rounds.Compare(count, () => Restore(count, first, functions, limits, snapshot), () => Capture(count, kept));
        report.Row("small module restored into a new instance", "µs", restored[0] / 1e3);
        report.Row("small module called and captured", "µs", restored[1] / 1e3);
        return Task.CompletedTask;
    }

    private static void Make(int count, WasmModule module, HostFunctions functions, WasmLimits limits)
    {
        for (var i = 0; i < count; i++) WasmInstance.Create(module, functions, limits).Dispose();
    }

    private static void Restore(int count, WasmModule module, HostFunctions functions, WasmLimits limits, WasmSnapshot snapshot)
    {
        for (var i = 0; i < count; i++)
        {
            using var instance = WasmInstance.Create(module, functions, limits);
            instance.Restore(snapshot);
        }
    }

    private static void Capture(int count, WasmInstance instance)
    {
        var handle = instance.GetFunction("mesh_handle")!;
        for (var i = 0; i < count; i++)
        {
            handle.InvokeI32(0);
            instance.Capture();
        }
    }
}
