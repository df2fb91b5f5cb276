using System.Text;
using AkkaWasm.Wasm;

namespace AkkaWasm.Benchmarks;

/// <summary>What it costs that dense instances check every access to memory: code that does little else, and code that does some.</summary>
internal static class AllocationSpeed
{
    private const int Calls = 40;

    private const string Guest = """
        (module
          (memory (export "memory") 32)
          (func (export "sieve") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
            (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
            (local.set $i (i32.const 2))
            (loop $next
              (if (i32.eqz (i32.load8_u (local.get $i))) (then
                (local.set $count (i32.add (local.get $count) (i32.const 1)))
                (local.set $j (i32.add (local.get $i) (local.get $i)))
                (block $out (loop $strike
                  (br_if $out (i32.ge_u (local.get $j) (local.get $n)))
                  (i32.store8 (local.get $j) (i32.const 1))
                  (local.set $j (i32.add (local.get $j) (local.get $i)))
                  (br $strike)))))
              (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
            (local.get $count))
          (func (export "mix") (param $n i32) (result i32) (local $i i32) (local $hash i32)
            (local.set $hash (i32.const 0x811c9dc5))
            (loop $next
              (local.set $hash (i32.mul (i32.xor (i32.rotl (local.get $hash) (i32.const 5)) (i32.load (i32.and (local.get $i) (i32.const 0xffffc)))) (i32.const 0x01000193)))
              (local.set $hash (i32.xor (local.get $hash) (i32.shr_u (i32.mul (local.get $hash) (i32.const 0x85ebca6b)) (i32.const 13))))
              (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $n))))
            (local.get $hash)))
        """;

    public static void Measure(Rounds rounds, Report report)
    {
        using var fast = new WasmEngine();
        using var dense = new WasmEngine(new WasmEngineOptions { Allocation = InstanceAllocation.Dense });
        using var fastModule = fast.Load(Encoding.UTF8.GetBytes(Guest), "kernels.wat");
        using var denseModule = dense.Load(Encoding.UTF8.GetBytes(Guest), "kernels.wat");
        using var fastInstance = WasmInstance.Create(fastModule, new HostFunctions());
        using var denseInstance = WasmInstance.Create(denseModule, new HostFunctions());
        var calls = rounds.Scale(Calls);
        foreach (var (kernel, size) in new[] { ("sieve", 1_000_000), ("mix", 4_000_000) })
        {
            var (one, other) = (denseInstance.GetFunction(kernel)!, fastInstance.GetFunction(kernel)!);
            var times = rounds.Compare(calls, () => Repeat(calls, one, size), () => Repeat(calls, other, size));
            report.Row($"{kernel}, allocation dense", "ms", times[0] / 1e6, "allocation fast", times[1] / 1e6);
        }
    }

    private static void Repeat(int calls, WasmFunction function, int size)
    {
        for (var i = 0; i < calls; i++) function.InvokeI32(size);
    }
}
