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
        Assert.Equal(bytes, restored.Capture().ToBytes());
        Assert.Equal(instance.ComputeHash(), restored.ComputeHash());
        Assert.Equal(WasmSnapshot.FromBytes(bytes).ComputeHash(), restored.ComputeHash());
    }

    [Fact]
    public void A_capture_leaves_the_guest_as_it_was_and_what_it_goes_on_to_do_counts()
    {
        using var instance = ObjectGuest.Built(10);
        var before = instance.Capture().ToBytes();
        instance.Collect();
        Assert.Equal(before, instance.Capture().ToBytes());

        instance.CallNone("grow-list", 1);

        Assert.NotEqual(before, instance.Capture().ToBytes());
    }
}
