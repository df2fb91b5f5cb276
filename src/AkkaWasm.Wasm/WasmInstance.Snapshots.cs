using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm;

/// <content>State saved, restored and hashed between calls: the whole store's, in which an instance made by <see cref="Create"/> is alone.</content>
public sealed unsafe partial class WasmInstance
{
    private readonly KnownMemory?[] _contents;

    /// <summary>Saves the state of the whole store, as <see cref="WasmStore.Capture"/> does.</summary>
    /// <param name="previous">An earlier snapshot of the same agent; pages that did not change are shared with it.</param>
    /// <exception cref="WasmEngineException">The GC heap has what could not be restored.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public WasmSnapshot Capture(WasmSnapshot? previous = null) => Store.Capture(previous);

    /// <summary>Brings the whole store into a saved state, as <see cref="WasmStore.Restore"/> does.</summary>
    /// <exception cref="ArgumentException">The snapshot is of other modules, or does not fit.</exception>
    /// <exception cref="WasmEngineException">The state needs more than the limits, or than the host has.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void Restore(WasmSnapshot snapshot) => Store.Restore(snapshot);

    /// <summary>The hash of the state of the whole store, the same as that of a snapshot taken now. Lifts the deadline.</summary>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public StateHash ComputeHash() => Store.ComputeHash();

    /// <summary>
    /// Fills the memories whose export name begins with <c>scratch</c> with zeros. Pages that were never touched cost nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void ZeroScratchMemories()
    {
        Store.ThrowIfDisposed();
        if (!Module.State.HasScratch) return;
        Store.RequireIdle();
        Store.Enter();
        for (var i = 0; i < _memories.Length; i++)
        {
            if (!Module.State.Memories[i].IsScratch) continue;
            if (!Defines(ExternalKind.Memory, i)) Store.ChangeState();
            MemoryWriter.Clear(MemoryBase(i), TouchedPages.Find(MemoryBase(i), MemoryLength(i)));
        }
        Store.Leave();
    }

    /// <summary>Whether the next capture looks only at the pages of that memory that were written since now.</summary>
    internal bool IsWatched(int memory) => _contents[memory] is { IsWatched: true };

    internal MemoryImage CaptureMemory(int index, MemoryImage? previous) => Module.State.Memories[index].IsScratch
        ? MemoryImage.SizeOnly(MemoryLength(index))
        : Contents(index).Capture(MemoryBase(index), MemoryLength(index), previous);

    internal MemoryImage HashMemory(int index) => Module.State.Memories[index].IsScratch
        ? MemoryImage.SizeOnly(MemoryLength(index))
        : Contents(index).Hash(MemoryBase(index), MemoryLength(index));

    /// <summary>Gives a memory of the image's size the image's contents.</summary>
    internal void RestoreMemory(int index, MemoryImage image)
    {
        if (!Module.State.Memories[index].IsScratch) Contents(index).Restore(MemoryBase(index), image);
    }

    internal int MemoryCount => _memories.Length;

    /// <summary>Throws if a memory may not become so large.</summary>
    internal void RequireMemoryLimit(int index, ulong bytes)
    {
        if (bytes > (ulong)Limits.MemoryBytes)
        {
            throw new WasmEngineException(
                $"{Module.File}: memory {index} of the snapshot has {bytes} bytes, but the limit is {Limits.MemoryBytes}: raise {nameof(Limits.MemoryBytes)}.", isTransient: false);
        }
    }

    /// <summary>Grows a memory that is smaller than that.</summary>
    /// <exception cref="WasmEngineException">The limits, or the host, do not allow it.</exception>
    internal void GrowMemoryTo(int index, ulong bytes)
    {
        RequireMemoryLimit(index, bytes);
        var length = MemoryLength(index);
        if (length >= bytes) return;
        nint error;
        fixed (NativeItem* memory = &_memories[index])
            error = LibWasmtime.wasmtime_memory_grow(Store.Context, memory, (bytes - length) / MemoryDescription.PageSizeBytes, out _);
        if (error != 0)
            throw new WasmEngineException($"{Module.File}: memory {index} cannot grow to {bytes} bytes: {NativeText.TakeError(error)}", isTransient: true);
    }

    private KnownMemory Contents(int memory) => _contents[memory] ??= new KnownMemory(Module.Engine.Options.PageTracking);
}
