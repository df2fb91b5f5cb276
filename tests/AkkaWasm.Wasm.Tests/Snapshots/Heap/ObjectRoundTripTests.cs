using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

public sealed class ObjectRoundTripTests
{
    private const int ListNodes = 100_000;

    [Fact]
    public void Objects_of_every_kind_are_there_again_in_a_fresh_instance()
    {
        using var instance = ObjectGuest.Built(ListNodes);
        Assert.Equal(ObjectGuest.AllThere, instance.Check());
        var snapshot = WasmSnapshot.FromBytes(instance.Capture().ToBytes());
        Assert.Equal(ObjectGuest.AllThere, instance.Check());

        using var restored = ObjectGuest.Fresh();
        restored.Restore(snapshot);

        Assert.Equal(ObjectGuest.AllThere, restored.Check());
        Assert.Equal(instance.CallI32("sum-list"), restored.CallI32("sum-list"));
        Assert.Equal(ObjectGuest.HostKey, restored.GetGlobal("host")!.Value.AsHostReference());
    }

    [Fact]
    public void Restored_objects_survive_collections_and_are_captured_as_the_same_bytes()
    {
        using var instance = ObjectGuest.Built(ListNodes);
        var bytes = instance.Capture().ToBytes();
        using var restored = ObjectGuest.Fresh();
        restored.Restore(WasmSnapshot.FromBytes(bytes));

        restored.Collect();

        Assert.Equal(ObjectGuest.AllThere, restored.Check());
        Assert.Equal(instance.CallI32("sum-list"), restored.CallI32("sum-list"));
        Assert.Equal(bytes, restored.CaptureAnew());
        Assert.Equal(instance.ComputeHash(), restored.ComputeHash());
        Assert.Equal(WasmSnapshot.FromBytes(bytes).ComputeHash(), restored.ComputeHash());
    }

    [Fact]
    public void A_capture_leaves_the_guest_as_it_was_and_what_it_goes_on_to_do_counts()
    {
        using var instance = ObjectGuest.Built(10);
        var before = instance.Capture().ToBytes();
        instance.Collect();
        Assert.Equal(before, instance.CaptureAnew());

        instance.CallNone("grow-list", 1);

        Assert.NotEqual(before, instance.Capture().ToBytes());
    }

    [Fact]
    public void Objects_of_element_segments_keep_their_identity_and_their_fields_until_the_segment_is_dropped()
    {
        const string Wat = """
            (module
              (type $s (struct (field (mut i32))))
              (table $t 4 (ref null $s)) (table $seen 1 anyref)
              (elem $e (ref null $s) (struct.new $s (i32.const 1)) (ref.null $s) (struct.new $s (i32.const 3)))
              (func (export "load") (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 3)))
              (func (export "change") (struct.set $s 0 (table.get $t (i32.const 2)) (i32.const 77)) (table.set $seen (i32.const 0) (table.get $t (i32.const 2))))
              (func (export "clear") (table.fill $t (i32.const 0) (ref.null $s) (i32.const 4)))
              (func (export "drop") (elem.drop $e))
              (func (export "value") (result i32) (struct.get $s 0 (table.get $t (i32.const 2))))
              (func (export "same") (result i32) (ref.eq (table.get $t (i32.const 2)) (ref.cast eqref (table.get $seen (i32.const 0))))))
            """;
        using var module = Guests.Load(Wat);
        using var instance = WasmInstance.Create(module, Guests.None);
        instance.CallNone("load");
        instance.CallNone("change");
        instance.CallNone("clear");

        using var restored = WasmInstance.Create(module, Guests.None);
        restored.Restore(WasmSnapshot.FromBytes(instance.Capture().ToBytes()));

        Assert.Equal(instance.Capture().ToBytes(), restored.CaptureAnew());
        restored.CallNone("load");
        Assert.Equal(77, restored.CallI32("value"));
        Assert.Equal(1, restored.CallI32("same"));

        restored.CallNone("drop");
        using var dropped = WasmInstance.Create(module, Guests.None);
        dropped.Restore(WasmSnapshot.FromBytes(restored.Capture().ToBytes()));
        Assert.Equal(77, dropped.CallI32("value"));
        Assert.Throws<WasmTrapException>(() => dropped.CallNone("load"));
    }
}
