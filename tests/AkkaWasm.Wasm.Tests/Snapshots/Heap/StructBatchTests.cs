using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

/// <summary>Graphs with so many structs of a type that they are restored by batches.</summary>
public sealed class StructBatchTests
{
    private const int Steps = 30_000;
    private const int MoreThanIsLeft = 60_000;
    private const int ObjectBytes = 48;

    /// <summary>
    /// Makes objects of two types that refer to those of the last steps, at random, by fields of every kind; and has older ones refer to them in turn.
    /// </summary>
    private const string Guest = """
        (module
          (rec
            (type $a (sub (struct
              (field $n (mut i32)) (field $next (mut (ref null $a))) (field $fixed (ref null $a)) (field $any (mut anyref)) (field $b (mut (ref null $b))) (field i8))))
            (type $b (sub $a (struct
              (field (mut i32)) (field (mut (ref null $a))) (field (ref null $a)) (field (mut anyref)) (field (mut (ref null $b))) (field i8)
              (field $must (mut (ref $a))) (field $f (mut funcref)) (field v128)))))
          (elem declare func $random)
          (table $recent 4096 (ref null $a))
          (global $state (mut i32) (i32.const 12345))
          (global $mask (mut i32) (i32.const 0))
          (global $last (mut (ref null $a)) (ref.null $a))
          (func $random (result i32)
            (global.set $state (i32.add (i32.mul (global.get $state) (i32.const 1664525)) (i32.const 1013904223)))
            (i32.shr_u (global.get $state) (i32.const 8)))
          (func $pick (param $i i32) (result (ref null $a))
            (table.get $recent (i32.and (i32.sub (local.get $i) (i32.and (call $random) (global.get $mask))) (i32.const 4095))))
          (func $make (param $i i32) (result (ref $a))
            (if (i32.and (i32.eqz (ref.is_null (global.get $last))) (i32.and (call $random) (i32.const 1)))
              (then (return (struct.new $b (local.get $i) (call $pick (local.get $i)) (call $pick (local.get $i)) (call $pick (local.get $i)) (ref.null $b) (i32.const 7)
                (ref.as_non_null (global.get $last)) (ref.func $random) (v128.const i64x2 1 2)))))
            (struct.new $a (local.get $i) (global.get $last) (call $pick (local.get $i)) (ref.i31 (local.get $i)) (ref.null $b) (i32.const 8)))
          (func (export "live") (param $mask i32) (param $steps i32) (local $i i32) (local $made (ref null $a))
            (global.set $mask (local.get $mask))
            (loop $more
              (local.set $made (call $make (local.get $i)))
              (if (i32.eqz (ref.is_null (call $pick (local.get $i)))) (then
                (struct.set $a $any (ref.as_non_null (global.get $last)) (local.get $made))
                (if (ref.test (ref $b) (local.get $made)) (then (struct.set $a $b (ref.as_non_null (global.get $last)) (ref.cast (ref $b) (local.get $made)))))))
              (table.set $recent (i32.and (local.get $i) (i32.const 4095)) (local.get $made))
              (global.set $last (local.get $made))
              (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $steps))))))
        """;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(4095)]
    public void Many_structs_that_hang_together_at_random_are_there_again(int window)
    {
        using var module = Guests.Load(Guest);
        using var instance = WasmInstance.Create(module, Guests.None);
        instance.CallNone("live", window, Steps);
        var bytes = instance.CaptureAnew();
        Assert.True(instance.Capture().Items.Heap.ObjectTypes.Length > 2 * StructBatches.LeastObjects);

        using var restored = WasmInstance.Create(module, Guests.None);
        restored.Restore(WasmSnapshot.FromBytes(bytes));

        restored.Collect();
        Assert.Equal(bytes, restored.CaptureAnew());
        instance.CallNone("live", window, 1_000);
        restored.CallNone("live", window, 1_000);
        Assert.Equal(instance.ComputeHash(), restored.ComputeHash());
    }

    [Fact]
    public void What_a_restored_heap_lets_go_of_is_free_again()
    {
        using var module = Guests.Load(Guest.Replace("(func $random (result i32)", """
            (func (export "forget") (global.set $last (ref.null $a)) (table.fill $recent (i32.const 0) (ref.null $a) (i32.const 4096)))
            (func $chain (export "chain") (param $n i32)
              (loop $more
                (global.set $last (struct.new $a (local.get $n) (global.get $last) (ref.null $a) (ref.null any) (ref.null $b) (i32.const 0)))
                (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
            (func $random (result i32)
            """, StringComparison.Ordinal));
        using var instance = WasmInstance.Create(module, Guests.None);
        instance.CallNone("chain", Steps);
        using var restored = WasmInstance.Create(module, Guests.None, new WasmLimits { GcHeapBytes = 4 << 20 });
        restored.Restore(instance.Capture());

        restored.CallNone("forget");
        restored.Collect();

        Assert.True((Steps + MoreThanIsLeft) * ObjectBytes > 4 << 20);
        restored.CallNone("chain", MoreThanIsLeft);
    }
}
