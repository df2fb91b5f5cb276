using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

public sealed class HeapReaderTests
{
    [Fact]
    public void The_layout_of_the_heap_is_as_it_is_thought_to_be_wherever_the_host_serves_its_memory() =>
        Assert.Equal(OperatingSystem.IsLinux(), HeapCalibration.Holds(Guests.Engine));

    [Fact]
    public void Objects_read_where_they_lie_are_those_that_helpers_read()
    {
        using var instance = ObjectGuest.Built(1000);
        instance.Store.ReadsHeapDirectly = true;
        var direct = instance.CaptureAnew();

        instance.Store.ReadsHeapDirectly = false;

        Assert.Equal(direct, instance.CaptureAnew());
    }

    [Fact]
    public void A_pool_s_objects_are_saved_and_restored_too()
    {
        using var engine = new WasmEngine(new WasmEngineOptions
        {
            Allocation = InstanceAllocation.Pooling, Pooling = new PoolingLimits { MaxInstances = 20, MaxTablesPerModule = 8 },
        });
        using var module = engine.Load(ObjectGuest.Text(), "objects.wat");
        using var instance = WasmInstance.Create(module, Guests.None, new WasmLimits { MemoryBytes = 64 << 20, TableElements = 10_000 });
        instance.CallNone("build");
        var bytes = instance.Capture().ToBytes();

        using var restored = WasmInstance.Create(module, Guests.None, instance.Limits);
        restored.Restore(WasmSnapshot.FromBytes(bytes));

        Assert.Equal(instance.Check(), restored.Check());
        Assert.Equal(bytes, restored.CaptureAnew());
    }
}
