using AkkaWasm.Wasm;

namespace AkkaWasm.Benchmarks;

/// <summary>What it costs to save the objects of a GC heap and to bring them back into a new instance.</summary>
internal static class ObjectBenchmarks
{
    private const int ListNodes = 500_000;
    private const int TreeDepth = 19;
    private const int TreeNodes = (1 << TreeDepth) - 1;
    private const int RecordDepth = 8;
    private const int Records = 87_381;
    private const int ObjectsPerRecord = 3;
    private const int ListsAndItems = 2 * 21_845;

    public static Task RunAsync(Rounds rounds, Report report)
    {
        using var engine = new WasmEngine();
        using var module = engine.Load(File.ReadAllBytes(Path.Combine(Checkout.Root, "tests", "guests", "graph.wat")), "graph.wat");
        Measure(rounds, report, module, "a list", "build-list", ListNodes, ListNodes);
        Measure(rounds, report, module, "a tree", "build-tree", TreeDepth, TreeNodes);
        Measure(rounds, report, module, "records, names and lists", "build-records", RecordDepth, (Records * ObjectsPerRecord) + ListsAndItems);
        return Task.CompletedTask;
    }

    private static void Measure(Rounds rounds, Report report, WasmModule module, string what, string build, int argument, int objects)
    {
        var functions = new HostFunctions();
        using var instance = WasmInstance.Create(module, functions);
        instance.GetFunction(build)!.Invoke(WasmValue.FromI32(argument));
        var snapshot = instance.Capture();
        var touch = instance.GetFunction("touch")!;
        var times = rounds.Compare(
            1, () => Capture(instance, touch), () => Hash(instance, touch), () => Restore(module, functions, snapshot), () => WasmSnapshot.FromBytes(snapshot.ToBytes()));
        report.Row($"{objects:N0} objects, {what}: captured", "ms", times[0] / 1e6);
        report.Row($"{objects:N0} objects, {what}: hashed", "ms", times[1] / 1e6);
        report.Row($"{objects:N0} objects, {what}: restored", "ms", times[2] / 1e6);
        report.Row($"{objects:N0} objects, {what}: written and read", "ms", times[3] / 1e6);
    }

    /// <summary>A call comes before, or the answer is known.</summary>
    private static void Capture(WasmInstance instance, WasmFunction touch)
    {
        touch.Invoke();
        instance.Capture();
    }

    private static void Hash(WasmInstance instance, WasmFunction touch)
    {
        touch.Invoke();
        instance.ComputeHash();
    }

    private static void Restore(WasmModule module, HostFunctions functions, WasmSnapshot snapshot)
    {
        using var instance = WasmInstance.Create(module, functions);
        instance.Restore(snapshot);
    }
}
