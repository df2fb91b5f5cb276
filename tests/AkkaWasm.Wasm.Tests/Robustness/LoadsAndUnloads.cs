using System.Text;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Tests.Robustness;

/// <summary>Loads, runs, saves, restores and unloads modules over and over and compares what the process holds after the first rounds and a thousand rounds later.</summary>
internal static class LoadsAndUnloads
{
    private const int Rounds = 1_500;
    private const int WarmUp = 500;
    private const int MostNewMappings = 40;
    private const long MostNewBytes = 8L << 20;

    /// <summary>0 if nothing was left behind.</summary>
    public static int Run()
    {
        using var engine = new WasmEngine();
        for (var i = 0; i < WarmUp; i++) Round(engine, i);
        var before = Measure();
        for (var i = WarmUp; i < Rounds; i++) Round(engine, i);
        var after = Measure();
        Console.WriteLine($"after {WarmUp} rounds: {before}");
        Console.WriteLine($"after {Rounds} rounds: {after}");
        return after.Handles <= before.Handles && after.Mappings <= before.Mappings + MostNewMappings && after.Bytes <= before.Bytes + MostNewBytes ? 0 : 1;
    }

    private static void Round(WasmEngine engine, int number)
    {
        using var module = engine.Load(Encoding.UTF8.GetBytes(Text(number)), $"module-{number}.wat");
        var functions = new HostFunctions().Define("env", "f", WasmFunctionType.Of([WasmValueKind.I32], [WasmValueKind.I32]), (ref HostCall call) => call.SetI32(0, call.I32(0)));
        using var instance = WasmInstance.Create(module, functions);
        instance.RunStart();
        if (instance.GetFunction("run")!.InvokeI32(1) != number + 1) throw new InvalidOperationException("The guest answered wrongly.");
        using var other = WasmInstance.Create(module, functions);
        other.Restore(WasmSnapshot.FromBytes(instance.Capture().ToBytes()));
        try
        {
            other.GetFunction("fail")!.Invoke();
        }
        catch (WasmTrapException)
        {
            // What a failure leaves must go with its instance.
        }
    }

    private static string Text(int number) => $"""
        (module
          (type $n (struct (field (mut (ref null $n))) (field i32))) (tag $e (param i32))
          (import "env" "f" (func $f (param i32) (result i32)))
          (memory (export "memory") 4) (memory i64 1) (table 10 funcref) (elem (i32.const 0) func $run) (data "passive")
          (global $g (mut i32) (i32.const 0)) (global $list (mut (ref null $n)) (ref.null $n))
          (start $begin)
          (func $begin (global.set $g (i32.const {number})) (global.set $list (struct.new $n (ref.null $n) (i32.const 1)))
            (struct.set $n 0 (global.get $list) (global.get $list)))
          (func $run (export "run") (param i32) (result i32)
            (memory.init 0 (i32.const 70000) (i32.const 0) (i32.const 7)) (data.drop 0)
            (drop (memory.grow (i32.const 3)))
            (i32.add (global.get $g) (call $f (local.get 0))))
          (func (export "fail") (throw $e (i32.const {number}))))
        """;

    private static (long Bytes, int Mappings, long Handles) Measure()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        var bytes = OperatingSystem.IsLinux() ? ResidentBytes() : Environment.WorkingSet;
        var mappings = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/maps").Count() : 0;
        return (bytes, mappings, NativeHandle.OpenCount);
    }

    /// <summary>Second field of statm: resident pages.</summary>
    private static long ResidentBytes() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize;
}
