using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// Gives the library its linear memories and GC heaps. The library tells a guest -1 for a growth that was beyond a limit and for one that the host
/// could not serve; only who serves them can tell the two apart. As with host functions, no exception may leave.
/// </summary>
internal static unsafe class HostMemoryCreator
{
    /// <summary>Other systems, and pools, keep the library's own memories.</summary>
    public static bool Serves(WasmEngineOptions options) => OperatingSystem.IsLinux() && options.Allocation != InstanceAllocation.Pooling;

    public static void Install(nint config, HostMemorySource source)
    {
        var creator = new NativeMemoryCreator
        {
            Environment = GCHandle.ToIntPtr(GCHandle.Alloc(source)),
            NewMemory = &New,
            Finalizer = &FreeSource,
        };
        LibWasmtime.wasmtime_config_host_memory_creator_set(config, &creator);
    }

    [UnmanagedCallersOnly]
    private static nint New(nint environment, nint type, nuint minimum, nuint maximum, nuint reserved, nuint guard, NativeLinearMemory* created)
    {
        try
        {
            var source = (HostMemorySource)GCHandle.FromIntPtr(environment).Target!;
            if (HostMemory.TryCreate(source, GuestThread.Current.Running?.Status, minimum, reserved, guard) is not { } memory)
                return LibWasmtime.wasmtime_error_new($"the host has no room for a memory of {minimum} bytes");
            created->Environment = GCHandle.ToIntPtr(GCHandle.Alloc(memory));
            created->GetMemory = &Get;
            created->GrowMemory = &Grow;
            created->Finalizer = &Free;
            return 0;
        }
        catch (Exception e)
        {
            return LibWasmtime.wasmtime_error_new(e.Message);
        }
    }

    [UnmanagedCallersOnly]
    private static byte* Get(nint environment, nuint* size, nuint* capacity)
    {
        var memory = (HostMemory)GCHandle.FromIntPtr(environment).Target!;
        *size = memory.Size;
        *capacity = memory.Capacity;
        return memory.Base;
    }

    [UnmanagedCallersOnly]
    private static nint Grow(nint environment, nuint newSize)
    {
        try
        {
            var memory = (HostMemory)GCHandle.FromIntPtr(environment).Target!;
            return memory.TryGrow(newSize) ? 0 : LibWasmtime.wasmtime_error_new($"the host has no room for a memory of {newSize} bytes");
        }
        catch (Exception e)
        {
            return LibWasmtime.wasmtime_error_new(e.Message);
        }
    }

    [UnmanagedCallersOnly]
    private static void Free(nint environment)
    {
        var handle = GCHandle.FromIntPtr(environment);
        ((HostMemory)handle.Target!).Free();
        handle.Free();
    }

    [UnmanagedCallersOnly]
    private static void FreeSource(nint environment)
    {
        var handle = GCHandle.FromIntPtr(environment);
        ((HostMemorySource)handle.Target!).Free();
        handle.Free();
    }
}
