using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Interop;

/// <summary>
/// Owns one object of the library. Released exactly once, by <see cref="SafeHandle.Dispose()"/> or, if that was forgotten, by the finalizer;
/// every native call that takes the handle keeps it alive and throws <see cref="ObjectDisposedException"/> once it is closed.
/// </summary>
internal abstract class NativeHandle() : SafeHandle(0, ownsHandle: true)
{
    private static long s_open;

    /// <summary>How many objects of the library are owned right now, over all handle types.</summary>
    public static long OpenCount => Interlocked.Read(ref s_open);

    public sealed override bool IsInvalid => handle == 0;

    public void Own(nint pointer)
    {
        if (pointer == 0)
            throw new InvalidOperationException("The library returned no object.");
        SetHandle(pointer);
        Interlocked.Increment(ref s_open);
    }

    protected abstract void Delete(nint pointer);

    protected sealed override bool ReleaseHandle()
    {
        Delete(handle);
        Interlocked.Decrement(ref s_open);
        return true;
    }
}

/// <summary>Owns a configured engine (<c>wasm_engine_t</c>).</summary>
internal sealed class EngineHandle : NativeHandle
{
    protected override void Delete(nint pointer) => LibWasmtime.wasm_engine_delete(pointer);
}

/// <summary>Owns a compiled module (<c>wasmtime_module_t</c>).</summary>
internal sealed class CompiledModuleHandle : NativeHandle
{
    protected override void Delete(nint pointer) => LibWasmtime.wasmtime_module_delete(pointer);
}

/// <summary>Owns a linker: host functions by name (<c>wasmtime_linker_t</c>).</summary>
internal sealed class LinkerHandle : NativeHandle
{
    protected override void Delete(nint pointer) => LibWasmtime.wasmtime_linker_delete(pointer);
}

/// <summary>Owns a module whose imports are resolved already (<c>wasmtime_instance_pre_t</c>).</summary>
internal sealed class LinkedModuleHandle : NativeHandle
{
    protected override void Delete(nint pointer) => LibWasmtime.wasmtime_instance_pre_delete(pointer);
}

/// <summary>Owns a store and everything allocated in it (<c>wasmtime_store_t</c>).</summary>
internal sealed class StoreHandle : NativeHandle
{
    private GCHandle _owner;

    /// <summary>A number that leads back to the owner without keeping it alive; freed with the store.</summary>
    public nint NameOwner(object owner)
    {
        _owner = GCHandle.Alloc(owner, GCHandleType.Weak);
        return GCHandle.ToIntPtr(_owner);
    }

    protected override void Delete(nint pointer)
    {
        LibWasmtime.wasmtime_store_delete(pointer);
        _owner.Free();
    }
}
