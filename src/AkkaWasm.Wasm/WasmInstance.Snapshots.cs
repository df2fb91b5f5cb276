using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm;

/// <content>State saved, restored and hashed between calls.</content>
public sealed unsafe partial class WasmInstance
{
    private ItemState? _itemState;

    /// <summary>
    /// Saves the whole state: memories but scratch ones (of those the size), globals, tables, dropped segments. Lifts the deadline.
    /// </summary>
    /// <param name="previous">An earlier snapshot of the same agent; pages that did not change are shared with it.</param>
    /// <exception cref="NotSupportedException">The module can hold state that no snapshot carries; the message says what. Heal by replay.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public WasmSnapshot Capture(WasmSnapshot? previous = null)
    {
        var fuel = BeginSnapshotWork();
        try
        {
            var memories = new MemoryImage[_memories.Length];
            for (var i = 0; i < memories.Length; i++)
            {
                var known = previous is not null && i < previous.Memories.Length ? previous.Memories[i] : null;
                memories[i] = Module.State.Memories[i].IsScratch
                    ? MemoryState.SizeOnly(MemoryLength(i))
                    : MemoryState.Capture(MemoryBase(i), MemoryLength(i), known);
            }
            return new WasmSnapshot(Module.ContentHash, memories, Items.Capture());
        }
        finally
        {
            EndSnapshotWork(fuel);
        }
    }

    /// <summary>The hash of the whole state, the same as that of a snapshot taken now. Lifts the deadline.</summary>
    /// <exception cref="NotSupportedException">The module can hold state that no snapshot carries; the message says what.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public StateHash ComputeHash()
    {
        var fuel = BeginSnapshotWork();
        try
        {
            var sink = HashSink.Create();
            StateEncoding.WriteU32(ref sink, (uint)_memories.Length);
            for (var i = 0; i < _memories.Length; i++)
            {
                var length = MemoryLength(i);
                StateEncoding.WriteU64(ref sink, length);
                if (!Module.State.Memories[i].IsScratch) MemoryState.Hash(ref sink, MemoryBase(i), length);
                StateEncoding.WriteU64(ref sink, StateEncoding.EndOfPages);
            }
            StateEncoding.WriteItems(ref sink, Items.Capture());
            return sink.Finish();
        }
        finally
        {
            EndSnapshotWork(fuel);
        }
    }

    /// <summary>
    /// Brings a fresh instance of the same module, whose start function did not run, into a saved state. Lifts the deadline. If it throws, nothing
    /// was changed, or the instance is <see cref="Faulted"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The snapshot is another module's, or does not fit this one.</exception>
    /// <exception cref="WasmEngineException">The state needs more than the limits, or than the host has.</exception>
    /// <exception cref="NotSupportedException">The module can hold state that no snapshot carries; the message says what.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public void Restore(WasmSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var fuel = BeginSnapshotWork();
        try
        {
            RequireFit(snapshot);
            RestoreAll(snapshot);
        }
        finally
        {
            EndSnapshotWork(fuel);
        }
    }

    /// <summary>
    /// Fills the memories whose export name begins with <c>scratch</c> with zeros. Pages that were never touched cost nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The instance is disposed.</exception>
    public void ZeroScratchMemories()
    {
        ThrowIfDisposed();
        if (!Module.State.HasScratch) return;
        RequireIdle();
        byte here;
        Enter(&here);
        for (var i = 0; i < _memories.Length; i++)
        {
            if (Module.State.Memories[i].IsScratch) MemoryState.Clear(MemoryBase(i), MemoryLength(i));
        }
        Leave();
    }

    private ItemState Items => _itemState ??= new ItemState(_context, Module, name => Export(name).Item, Traps);

    /// <summary>Woven functions run in the store too: neither deadline nor fuel may end them. Returns the fuel to be put back.</summary>
    private ulong BeginSnapshotWork()
    {
        ThrowIfDisposed();
        RequireIdle();
        if (Module.Description.State is { CanCapture: false } state)
        {
            throw new NotSupportedException(
                $"{Module.File}: the state cannot be saved: {string.Join("; ", state.Obstacles.Select(o => $"{o.Item}: {o.Reason}"))}. Heal the agent by replay.");
        }
        byte here;
        Enter(&here);
        LibWasmtime.wasmtime_context_set_epoch_deadline(_context, NoDeadline);
        if (!Module.Engine.Options.ConsumeFuel) return 0;
        var fuel = Fuel;
        Check(LibWasmtime.wasmtime_context_set_fuel(_context, ulong.MaxValue));
        return fuel;
    }

    private void EndSnapshotWork(ulong fuel)
    {
        if (Module.Engine.Options.ConsumeFuel) Check(LibWasmtime.wasmtime_context_set_fuel(_context, fuel));
        Leave();
    }

    private void RequireIdle()
    {
        if (_depth != 0) throw new InvalidOperationException($"{Module.File}: a call is running; state is whole only between calls.");
    }

    private void RequireFit(WasmSnapshot snapshot)
    {
        if (snapshot.ModuleHash != Module.ContentHash)
            throw new ArgumentException($"The snapshot is of module {snapshot.ModuleHash}, not of {Module.File}, {Module.ContentHash}.", nameof(snapshot));
        if (snapshot.Memories.Length != _memories.Length)
            throw new ArgumentException($"The snapshot has {snapshot.Memories.Length} memories, the module {_memories.Length}.", nameof(snapshot));
        for (var i = 0; i < _memories.Length; i++)
        {
            var size = snapshot.Memories[i].SizeBytes;
            if (size < MemoryLength(i) || size % MemoryDescription.PageSizeBytes != 0)
                throw new ArgumentException($"The snapshot's memory {i} has {size} bytes, the instance's {MemoryLength(i)} already.", nameof(snapshot));
            if (size > (ulong)Limits.MemoryBytes)
            {
                throw new WasmEngineException(
                    $"{Module.File}: memory {i} of the snapshot has {size} bytes, but the limit is {Limits.MemoryBytes}: raise {nameof(Limits.MemoryBytes)}.",
                    isTransient: false);
            }
        }
        Items.RequireFit(snapshot.Items, Limits);
    }

    private void RestoreAll(WasmSnapshot snapshot)
    {
        try
        {
            for (var i = 0; i < _memories.Length; i++) RestoreMemory(i, snapshot.Memories[i]);
            Items.Restore(snapshot.Items);
        }
        catch
        {
            _status.Set(InstanceFlags.Faulted);
            throw;
        }
    }

    private void RestoreMemory(int index, MemoryImage image)
    {
        var delta = (image.SizeBytes - MemoryLength(index)) / MemoryDescription.PageSizeBytes;
        if (delta != 0)
        {
            nint error;
            fixed (NativeItem* memory = &_memories[index]) error = LibWasmtime.wasmtime_memory_grow(_context, memory, delta, out _);
            if (error != 0)
                throw new WasmEngineException($"{Module.File}: memory {index} cannot grow to {image.SizeBytes} bytes: {NativeText.TakeError(error)}", isTransient: true);
        }
        if (!Module.State.Memories[index].IsScratch) MemoryState.Restore(MemoryBase(index), image);
    }
}
