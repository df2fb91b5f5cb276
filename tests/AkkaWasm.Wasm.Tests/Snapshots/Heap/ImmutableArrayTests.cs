using System.Text;
using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

/// <summary>Immutable arrays of references, which have no bound where the host writes into the heap, and one elsewhere.</summary>
public sealed class ImmutableArrayTests
{
    private const int MostElsewhere = FixedArrayModule.MaxElements;
    private const int GcHeapBytes = 4 << 20;

    [Fact]
    public void An_immutable_array_of_20_000_functions_is_there_again()
    {
        const int Count = 20_000;
        using var module = Guests.Load($$"""
            (module
              (type $f (func (result i32))) (type $functions (array (ref null $f)))
              (elem $e (ref null $f) {{Items(Count, i => i % 7 == 3 ? "(ref.null $f)" : $"(ref.func $f{i % 5})")}})
              (global $all (mut (ref null $functions)) (ref.null $functions))
              {{Lines(5, i => $"(func $f{i} (type $f) (i32.const {i + 1}))")}}
              (func (export "build") (global.set $all (array.new_elem $functions $e (i32.const 0) (i32.const {{Count}}))) (elem.drop $e))
              (func (export "sum") (result i32) (local $i i32) (local $sum i32) (local $f (ref null $f))
                (loop $more
                  (local.set $f (array.get $functions (global.get $all) (local.get $i)))
                  (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31))
                    (if (result i32) (ref.is_null (local.get $f)) (then (i32.const 9)) (else (call_ref $f (local.get $f))))))
                  (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {{Count}}))))
                (local.get $sum)))
            """);

        RequireRoundTrip(module);
    }

    [Fact]
    public void An_immutable_array_of_12_000_differing_objects_is_there_again_and_holds_them_no_longer_than_it_lives()
    {
        const int Count = 12_000;
        using var module = Guests.Load($$"""
            (module
              (type $s (struct (field $n (mut i32)) {{Lines(12, _ => "(field i64)")}}))
              (type $all (array (ref $s))) (type $bytes (array i8))
              (elem $e (ref $s) {{Items(Count, i => $"(struct.new $s (i32.const {i}) {Lines(12, _ => "(i64.const 0)")})")}})
              (global $all (mut (ref null $all)) (ref.null $all))
              (global $one (mut (ref null $s)) (ref.null $s))
              (func (export "build")
                (global.set $all (array.new_elem $all $e (i32.const 0) (i32.const {{Count}})))
                (global.set $one (array.get $all (global.get $all) (i32.const 11999)))
                (struct.set $s $n (global.get $one) (i32.const 77))
                (elem.drop $e))
              (func (export "same") (result i32) (ref.eq (global.get $one) (array.get $all (global.get $all) (i32.const 11999))))
              (func (export "forget") (global.set $all (ref.null $all)) (global.set $one (ref.null $s)))
              (func (export "take") (param $bytes i32) (result i32) (array.len (array.new $bytes (i32.const 1) (local.get $bytes))))
              (func (export "sum") (result i32) (local $i i32) (local $sum i32)
                (loop $more
                  (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (struct.get $s $n (array.get $all (global.get $all) (local.get $i)))))
                  (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {{Count}}))))
                (local.get $sum)))
            """);

        using var restored = RequireRoundTrip(module);

        Assert.Equal(1, restored.CallI32("same"));
        const int MoreThanIsLeft = GcHeapBytes - (1 << 20);
        using var again = Restored(module, restored);
        Assert.Throws<WasmTrapException>(() => restored.CallI32("take", MoreThanIsLeft));
        again.CallNone("forget");
        again.Collect();
        Assert.Equal(MoreThanIsLeft, again.CallI32("take", MoreThanIsLeft));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(500)]
    public void Without_a_look_into_the_heap_arrays_that_are_not_too_long_are_there_again(int count)
    {
        using var module = Guests.Load(Mixed(count));
        using var instance = Built(module);
        instance.Store.ReadsHeapDirectly = false;
        var bytes = instance.Capture().ToBytes();
        using var restored = WasmInstance.Create(module, Guests.None);
        restored.Store.ReadsHeapDirectly = false;

        restored.Restore(WasmSnapshot.FromBytes(bytes));

        Assert.Equal(instance.CallI32("sum"), restored.CallI32("sum"));
        Assert.Equal(bytes, restored.CaptureAnew());
    }

    [Fact]
    public void One_element_more_is_saved_and_restored_with_a_look_into_the_heap_and_refused_without()
    {
        using var module = Guests.Load(Mixed(MostElsewhere + 1));
        using var instance = RequireRoundTrip(module);
        instance.Store.ReadsHeapDirectly = false;

        var refused = Assert.Throws<WasmEngineException>(() => instance.CaptureAnew());

        Assert.Contains($"array of {MostElsewhere + 1} references", refused.Message);
        Assert.Contains($"only one of up to {MostElsewhere}", refused.Message);
        instance.CallNone("forget");
        Assert.NotEmpty(instance.CaptureAnew());
    }

    /// <summary>An immutable array with two of every six elements the same.</summary>
    private static string Mixed(int count) => $$"""
        (module
          (type $s (struct (field $n i32))) (type $all (array anyref))
          (global $shared (ref $s) (struct.new $s (i32.const 5)))
          (elem $e anyref {{Items(count, i => (i % 6) switch
          {
              0 => $"(ref.i31 (i32.const {i}))",
              1 or 2 => "(global.get $shared)",
              3 => "(ref.null any)",
              _ => $"(struct.new $s (i32.const {i}))",
          })}})
          (global $all (mut (ref null $all)) (ref.null $all))
          (func (export "build") (global.set $all (array.new_elem $all $e (i32.const 0) (i32.const {{count}}))) (elem.drop $e))
          (func (export "forget") (global.set $all (ref.null $all)))
          (func $value (param $v anyref) (result i32)
            (if (ref.is_null (local.get $v)) (then (return (i32.const 3))))
            (if (ref.test (ref i31) (local.get $v)) (then (return (i31.get_s (ref.cast (ref i31) (local.get $v))))))
            (if (ref.eq (ref.cast eqref (local.get $v)) (global.get $shared)) (then (return (i32.const 4))))
            (struct.get $s $n (ref.cast (ref $s) (local.get $v))))
          (func (export "sum") (result i32) (local $i i32) (local $sum i32)
            (loop $more
              (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (call $value (array.get $all (global.get $all) (local.get $i)))))
              (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {{count}}))))
            (local.get $sum)))
        """;

    private static WasmInstance RequireRoundTrip(WasmModule module)
    {
        using var instance = Built(module);
        var restored = Restored(module, instance);
        var sum = instance.CallI32("sum");
        Assert.Equal(sum, restored.CallI32("sum"));
        restored.Collect();
        Assert.Equal(sum, restored.CallI32("sum"));
        Assert.Equal(instance.Capture().ToBytes(), restored.CaptureAnew());
        return restored;
    }

    private static WasmInstance Built(WasmModule module)
    {
        var instance = WasmInstance.Create(module, Guests.None);
        instance.CallNone("build");
        return instance;
    }

    private static WasmInstance Restored(WasmModule module, WasmInstance from)
    {
        var restored = WasmInstance.Create(module, Guests.None, new WasmLimits { GcHeapBytes = GcHeapBytes });
        restored.Restore(WasmSnapshot.FromBytes(from.Capture().ToBytes()));
        return restored;
    }

    private static string Items(int count, Func<int, string> item) => Lines(count, i => $"(item {item(i)})");

    private static string Lines(int count, Func<int, string> line)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < count; i++) lines.AppendLine(line(i));
        return lines.ToString();
    }
}
