using System.Text;
using AkkaWasm.Wasm;

namespace AkkaWasm.Benchmarks;

/// <summary>Calls across the border, i32 to i32, by our binding and by the managed API of the Wasmtime package.</summary>
internal static class CallBenchmarks
{
    private const int Calls = 2_000_000;

    private const string Guest = """
        (module
          (import "host" "inc" (func $inc (param i32) (result i32)))
          (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func (export "loop") (param $n i32) (result i32) (local $sum i32)
            (loop $again
              (local.set $sum (i32.add (local.get $sum) (call $inc (local.get $n))))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum)))
        """;

    public static Task RunAsync(Rounds rounds, Report report)
    {
        var calls = rounds.Scale(Calls);
        using var engine = new WasmEngine();
        using var module = engine.Load(Encoding.UTF8.GetBytes(Guest), "calls.wat");
        var functions = new HostFunctions().Define("host", "inc", WasmFunctionType.Of([WasmValueKind.I32], [WasmValueKind.I32]), Increment);
        using var instance = WasmInstance.Create(module, functions);
        var (inc, loop) = (instance.GetFunction("inc")!, instance.GetFunction("loop")!);

        using var managedEngine = new Wasmtime.Engine(new Wasmtime.Config().WithEpochInterruption(true));
        using var managedModule = Wasmtime.Module.FromText(managedEngine, "calls", Guest);
        using var store = new Wasmtime.Store(managedEngine);
        store.SetEpochDeadline(ulong.MaxValue / 2);
        using var linker = new Wasmtime.Linker(managedEngine);
        linker.DefineFunction("host", "inc", (int x) => x + 1);
        var managed = linker.Instantiate(store, managedModule);
        var (managedInc, managedLoop) = (managed.GetFunction<int, int>("inc")!, managed.GetFunction<int, int>("loop")!);

        var into = rounds.Compare(calls, () => Repeat(calls, inc), () => Repeat(calls, managedInc));
        report.Row("call host → guest", "ns", into[0], "managed API of the package", into[1]);
        var outOf = rounds.Compare(calls, () => loop.InvokeI32(calls), () => managedLoop(calls));
        report.Row("call guest → host", "ns", outOf[0], "managed API of the package", outOf[1]);
        return Task.CompletedTask;
    }

    private static void Increment(ref HostCall call) => call.SetI32(0, call.I32(0) + 1);

    private static void Repeat(int calls, WasmFunction function)
    {
        for (var i = 0; i < calls; i++) function.InvokeI32(i);
    }

    private static void Repeat(int calls, Func<int, int> function)
    {
        for (var i = 0; i < calls; i++) function(i);
    }
}
