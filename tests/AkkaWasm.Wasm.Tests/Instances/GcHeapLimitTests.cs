namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class GcHeapLimitTests
{
    private const int MiB = 1 << 20;

    private const string Wat = """
        (module
          (memory (export "memory") 1) (memory 0) (data $d "x")
          (type $node (struct (field (mut (ref null $node))) (field v128)))
          (global $list (mut (ref null $node)) (ref.null $node))
          (func (export "push") (param i32)
            (loop $again
              (global.set $list (struct.new $node (global.get $list) (v128.const i64x2 1 2)))
              (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
        """;

    [Fact]
    public void The_heap_is_told_from_memories_and_counted_by_itself()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var instance = Guests.Create(Wat);
        instance.CallNone("push", 1);
        Assert.Equal(65_536UL, instance.Usage.GcHeapBytes);
        Assert.Equal(65_536UL, instance.Usage.MemoryBytes);

        instance.CallNone("push", 50_000);
        instance.CallI32("grow", 10);

        Assert.InRange(instance.Usage.GcHeapBytes, 2UL * MiB, 8UL * MiB);
        Assert.Equal(11 * 65_536UL, instance.Usage.MemoryBytes);
    }

    [Fact]
    public void A_guest_without_objects_has_no_heap()
    {
        using var instance = Guests.Create("(module (memory 1) (memory 2))");

        Assert.Equal(0UL, instance.Usage.GcHeapBytes);
    }

    [Fact]
    public void The_heap_s_limit_is_its_own_and_the_failure_says_so()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var small = Guests.Create(Wat, limits: new WasmLimits { GcHeapBytes = 1 * MiB, MemoryBytes = 64 * MiB });
        var failure = Assert.Throws<WasmTrapException>(() => small.CallNone("push", 100_000));
        Assert.Equal(WasmFailureCode.GcHeapOutOfMemory, failure.Code);
        Assert.Equal((ulong)MiB, small.Usage.GcHeapBytes);

        using var large = Guests.Create(Wat, limits: new WasmLimits { GcHeapBytes = 64 * MiB, MemoryBytes = 1 * MiB });
        large.CallNone("push", 100_000);
        Assert.InRange(large.Usage.GcHeapBytes, 4UL * MiB, 64UL * MiB);
        Assert.Equal(-1, large.CallI32("grow", 16));
        Assert.Equal(1, large.CallI32("grow", 1));
    }

    [Fact]
    public void A_snapshot_that_needs_a_larger_heap_than_the_limit_is_refused()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var instance = Guests.Create(Wat);
        instance.CallNone("push", 100_000);
        var snapshot = instance.Capture();
        using var small = WasmInstance.Create(instance.Module, Guests.None, new WasmLimits { GcHeapBytes = MiB });

        var failure = Assert.Throws<WasmEngineException>(() => small.Restore(snapshot));

        Assert.Contains(nameof(WasmLimits.GcHeapBytes), failure.Message, StringComparison.Ordinal);
        Assert.True(small.Faulted);
    }
}
