using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots.Heap;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// What saving and restoring sees of a store. Used only between <see cref="WasmStore"/>'s beginning and end of snapshot work, which keep deadline, fuel
/// and other threads out.
/// </summary>
internal sealed unsafe class StoreView(WasmStore store)
{
    /// <summary>The store as the library's functions take it.</summary>
    public nint Context => store.Context;

    public WasmLimits Limits => store.Limits;

    public WasmEngine Engine => store.Engine;

    /// <summary>The GC heap's memory, or null if there is none or the host does not serve it.</summary>
    public HostMemory? GcHeap => store.Status.Memories.GcHeap;

    /// <summary>Whether objects are read, and numbers of arrays written, where they lie in <see cref="GcHeap"/>; null for wherever that is possible.</summary>
    public bool? ReadsHeapDirectly { get; set; }

    /// <summary>How many structs of a type are restored by batches, at least.</summary>
    public int LeastBatchedObjects { get; set; } = StructBatches.LeastObjects;

    /// <summary>In the order of instantiation; helpers are not among them.</summary>
    public IReadOnlyList<WasmInstance> Instances => store.Instances;

    /// <summary>
    /// Calls a function with raw arguments in place; the results overwrite them. Nothing checks that they fit, and a raw reference is good only until
    /// the next collection of the heap.
    /// </summary>
    /// <exception cref="WasmTrapException">It failed. The store is not faulted by it.</exception>
    public void Call(ref NativeItem function, RawValue* values, int count)
    {
        nint trap = 0, error;
        fixed (NativeItem* item = &function)
            error = LibWasmtime.wasmtime_func_call_unchecked(Context, item, values, (nuint)count, &trap);
        if ((error | trap) != 0) throw FailureReader.Read(store, error, trap);
    }

    /// <summary>Whether a woven function finds its segment dropped, which it says by an access out of bounds.</summary>
    public bool Traps(NativeItem function)
    {
        RawValue none;
        try
        {
            Call(ref function, &none, 0);
            return false;
        }
        catch (WasmTrapException e)
        {
            return e.Code is WasmFailureCode.MemoryOutOfBounds or WasmFailureCode.TableOutOfBounds
                ? true
                : throw new InvalidOperationException($"A woven function failed: {e.Message}", e);
        }
    }

    /// <summary>
    /// Takes the guests' limits off, so that what a helper has does not count against them; they come back when the snapshot work ends. The engine's
    /// own limits stay.
    /// </summary>
    public void LiftLimits() => store.LiftLimits();

    /// <summary>Instantiates a module of ours in the store, where it stays until the store is disposed, outside of <see cref="Instances"/>.</summary>
    /// <returns>The instance, for <see cref="Export"/>.</returns>
    /// <exception cref="WasmEngineException">The host has no room for it.</exception>
    public NativeItem InstantiateHelper(CompiledModuleHandle module, ReadOnlySpan<NativeExtern> imports)
    {
        LiftLimits();
        NativeItem instance;
        nint error, trap;
        var running = store.BeginHelper();
        fixed (NativeExtern* first = imports)
            error = LibWasmtime.wasmtime_instance_new(Context, module, first, (nuint)imports.Length, &instance, out trap);
        WasmStore.EndHelper(running);
        if (trap != 0) throw FailureReader.Read(store, error, trap);
        return error == 0 ? instance : throw new WasmEngineException($"A helper cannot be instantiated: {NativeText.TakeError(error)}", isTransient: true);
    }

    /// <summary>The export of a helper.</summary>
    /// <exception cref="InvalidOperationException">It has none of that name.</exception>
    public NativeExtern Export(NativeItem instance, ReadOnlySpan<byte> name)
    {
        NativeExtern item;
        fixed (byte* first = name)
        {
            if (LibWasmtime.wasmtime_instance_export_get(Context, &instance, first, (nuint)name.Length, &item) != 0) return item;
        }
        throw new InvalidOperationException($"A helper has no export {System.Text.Encoding.UTF8.GetString(name)}.");
    }
}
