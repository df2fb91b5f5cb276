using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

/// <summary>The collector frees no cycles: capture and restore into a fresh instance do.</summary>
public sealed class CompactionTests
{
    private const long HeapBytes = 1 << 20;
    private const double CompactAt = 0.7;
    private const int CyclesPerTurn = 200;

    private const string CyclicGarbage = """
        (module
          (type $node (struct (field (mut (ref null $node))) (field (mut i64))))
          (global $kept (mut (ref null $node)) (ref.null $node))
          (global $count (mut i64) (i64.const 0))
          (func $cycle (result (ref $node)) (local $a (ref $node))
            (local.set $a (struct.new $node (ref.null $node) (global.get $count)))
            (struct.set $node 0 (local.get $a) (struct.new $node (local.get $a) (i64.const -1)))
            (local.get $a))
          (func (export "turn") (param $cycles i32)
            (loop $again
              (global.set $count (i64.add (global.get $count) (i64.const 1)))
              (global.set $kept (call $cycle))
              (br_if $again (local.tee $cycles (i32.sub (local.get $cycles) (i32.const 1))))))
          (func (export "kept") (result i64) (struct.get $node 1 (struct.get $node 0 (struct.get $node 0 (global.get $kept))))))
        """;

    [Fact]
    public void Cyclic_garbage_is_gone_after_a_capture_and_a_restore()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var module = Guests.Load(CyclicGarbage);
        var limits = new WasmLimits { GcHeapBytes = HeapBytes };
        var turnsWithout = TurnsUntilFull(module, limits);
        var instance = WasmInstance.Create(module, Guests.None, limits);
        var compactions = 0;
        for (var turn = 0; turn < 10 * turnsWithout; turn++)
        {
            instance.CallNone("turn", CyclesPerTurn);
            if (instance.Usage.GcHeapBytes < CompactAt * HeapBytes) continue;
            var compacted = WasmInstance.Create(module, Guests.None, limits);
            compacted.Restore(instance.Capture());
            Assert.InRange(compacted.Usage.GcHeapBytes, 0UL, 65_536UL);
            instance.Dispose();
            instance = compacted;
            compactions++;
        }

        Assert.Equal(10L * turnsWithout * CyclesPerTurn, instance.Call("kept")[0].AsI64());
        Assert.True(compactions >= 10, $"only {compactions} compactions");
        instance.Dispose();
    }

    private static int TurnsUntilFull(WasmModule module, WasmLimits limits)
    {
        using var instance = WasmInstance.Create(module, Guests.None, limits);
        for (var turns = 0; ; turns++)
        {
            try
            {
                instance.CallNone("turn", CyclesPerTurn);
            }
            catch (WasmTrapException failure) when (failure.Code == WasmFailureCode.GcHeapOutOfMemory)
            {
                return turns;
            }
        }
    }
}
