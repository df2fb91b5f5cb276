using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm;

/// <content>State saved, restored and hashed between calls.</content>
public sealed unsafe partial class WasmStore
{
    private readonly LatestState _latest = new();
    private StoreView? _view;
    private ItemState? _itemState;
    private RestorePreparation? _preparation;

    /// <summary>
    /// Saves the whole state of all instances: memories but scratch ones (of those the size), globals, tables, dropped segments, and the objects that
    /// they lead to. Lifts the deadline.
    /// </summary>
    /// <param name="previous">
    /// An earlier snapshot of the same store: pages that did not change are shared with it. A large memory is compared with it only where the kernel
    /// does not tell which pages were written since this store was last captured, restored or hashed; where it does, they are shared with what it was then.
    /// </param>
    /// <exception cref="WasmEngineException">The GC heap has what could not be restored; <c>SNAPSHOT.md</c> says what that is.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public WasmSnapshot Capture(WasmSnapshot? previous = null)
    {
        var fuel = BeginSnapshotWork();
        try
        {
            if (_latest.Snapshot is { } unchanged) return unchanged;
            var memories = new List<MemoryImage>();
            foreach (var (instance, index) in OwnMemories())
            {
                var known = previous is not null && memories.Count < previous.Memories.Length ? previous.Memories[memories.Count] : null;
                memories.Add(instance.CaptureMemory(index, known));
            }
            var snapshot = new WasmSnapshot([.. _instances.Select(i => new ModuleImage(i.Module.ContentHash, i.Links))], [.. memories], Items.Capture());
            _latest.Is(snapshot);
            return snapshot;
        }
        finally
        {
            EndSnapshotWork(fuel);
        }
    }

    /// <summary>The hash of the whole state, the same as that of a snapshot taken now. Lifts the deadline.</summary>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public StateHash ComputeHash()
    {
        var fuel = BeginSnapshotWork();
        try
        {
            if (_latest.Hash is { } unchanged) return unchanged;
            var hash = StateEncoding.Hash([.. OwnMemories().Select(m => m.Instance.HashMemory(m.Index))], Items.Capture());
            _latest.Is(hash);
            return hash;
        }
        finally
        {
            EndSnapshotWork(fuel);
        }
    }

    /// <summary>
    /// Brings a fresh store into a saved state: one in which the same modules were instantiated in the same order with the same links, and nothing was
    /// run, no start function either. Lifts the deadline. If it throws, nothing was changed, or the store is <see cref="Faulted"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The snapshot is of other modules, or does not fit.</exception>
    /// <exception cref="WasmEngineException">The state needs more than the limits, or than the host has.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void Restore(WasmSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var fuel = BeginSnapshotWork();
        try
        {
            var plan = RequireFit(snapshot);
            _latest.Change();
            RestoreAll(snapshot, plan);
            _preparation = null;
            _latest.Is(snapshot);
        }
        finally
        {
            EndSnapshotWork(fuel);
        }
    }

    /// <summary>
    /// Tells an empty store what it will be restored to. The instances that are made from then on get memories and tables as large as they are in the
    /// snapshot. That is needed only where instances were linked to what had grown before: they would not be linked again to what has its first size.
    /// <see cref="Restore"/> does the rest; until then only the instances of the snapshot can be made.
    /// </summary>
    /// <exception cref="InvalidOperationException">The store has instances already, or a call has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void PrepareRestore(WasmSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ThrowIfDisposed();
        RequireIdle();
        if (_instances.Count != 0) throw new InvalidOperationException("The store has instances already; prepare it before the first is made.");
        _preparation = new RestorePreparation(snapshot);
    }

    /// <summary>A memory of the store is handed to the host. What is opened within a call is closed when the guest goes on.</summary>
    internal void OpenMemory()
    {
        if (_depth == 0) _latest.Open();
    }

    /// <summary>The host is about to change a global.</summary>
    internal void ChangeState() => _latest.Change();

    /// <summary>Whether objects are read where they lie in the heap; null for wherever that is possible.</summary>
    internal bool? ReadsHeapDirectly
    {
        get => View.ReadsHeapDirectly;
        set => View.ReadsHeapDirectly = value;
    }

    /// <summary>How many structs of a type are restored by batches, at least.</summary>
    internal int LeastBatchedObjects
    {
        get => View.LeastBatchedObjects;
        set => View.LeastBatchedObjects = value;
    }

    /// <summary>Whether both ways to read objects give the same for those of an exported table of the first instance.</summary>
    internal bool CompareReaders(byte[] table)
    {
        var fuel = BeginSnapshotWork();
        try
        {
            return Items.CompareReaders(table);
        }
        finally
        {
            EndSnapshotWork(fuel);
        }
    }

    private StoreView View => _view ??= new StoreView(this);

    private ItemState Items => _itemState is { } known && known.InstanceCount == _instances.Count ? known : _itemState = new ItemState(View);

    /// <summary>Each memory once, with the instance that defines it.</summary>
    private List<(WasmInstance Instance, int Index)> OwnMemories()
    {
        var memories = new List<(WasmInstance Instance, int Index)>();
        foreach (var instance in _instances)
        {
            for (var i = instance.Module.State.Imported[(int)ExternalKind.Memory]; i < instance.MemoryCount; i++) memories.Add((instance, i));
        }
        return memories;
    }

    /// <summary>Woven functions run in the store too: neither deadline nor fuel may end them. Returns the fuel to be put back.</summary>
    private ulong BeginSnapshotWork()
    {
        ThrowIfDisposed();
        RequireIdle();
        byte here;
        Enter(&here);
        LibWasmtime.wasmtime_context_set_epoch_deadline(_context, NoDeadline);
        if (!Engine.Options.ConsumeFuel) return 0;
        var fuel = Fuel;
        Check(LibWasmtime.wasmtime_context_set_fuel(_context, ulong.MaxValue));
        return fuel;
    }

    private void EndSnapshotWork(ulong fuel)
    {
        if (_areLimitsLifted) SetLimiter();
        if (Engine.Options.ConsumeFuel) Check(LibWasmtime.wasmtime_context_set_fuel(_context, fuel));
        Leave();
    }

    private RestorePlan RequireFit(WasmSnapshot snapshot)
    {
        RequireSameModules(snapshot);
        var memories = OwnMemories();
        if (snapshot.Memories.Length != memories.Count)
            throw new ArgumentException($"The snapshot has {snapshot.Memories.Length} memories, the store {memories.Count}.", nameof(snapshot));
        for (var i = 0; i < memories.Count; i++)
        {
            var (instance, index) = memories[i];
            var size = snapshot.Memories[i].SizeBytes;
            var length = instance.MemoryLength(index);
            if (size < length || size % MemoryDescription.PageSizeBytes != 0)
                throw new ArgumentException($"The snapshot's memory {i} has {size} bytes, the instance's {length} already.", nameof(snapshot));
            instance.RequireMemoryLimit(index, size);
        }
        return Items.Plan(snapshot.Items);
    }

    private void RequireSameModules(WasmSnapshot snapshot)
    {
        if (snapshot.Modules.Count != _instances.Count)
            throw new ArgumentException($"The snapshot has {snapshot.Modules.Count} instances, the store {_instances.Count}.", nameof(snapshot));
        for (var i = 0; i < _instances.Count; i++)
        {
            var (module, saved) = (_instances[i].Module, snapshot.Modules[i]);
            if (saved.ContentHash != module.ContentHash)
            {
                throw new ArgumentException(
                    $"Instance {i} of the snapshot is of module {saved.ContentHash}, not of {module.File}, {module.ContentHash}.", nameof(snapshot));
            }
            RequireSameLinks(_instances[i], saved.Links);
        }
    }

    private static void RequireSameLinks(WasmInstance instance, ItemOrigin[] saved)
    {
        if (instance.Links.AsSpan().SequenceEqual(saved)) return;
        var imports = instance.Module.Description.Imports;
        var linked = instance.Links.Length == 0 ? "host functions" : "instances";
        if (saved.Length != instance.Links.Length)
        {
            throw new ArgumentException(
                $"Instance {instance.Number}, {instance.Module.File}, has {imports.Count} imports that are linked to {linked}; in the snapshot they are not.", nameof(saved));
        }
        var different = Enumerable.Range(0, saved.Length).First(i => saved[i] != instance.Links[i]);
        var (import, here, there) = (imports[different], instance.Links[different], saved[different]);
        throw new ArgumentException(
            $"The import {import.Module}.{import.Name} of instance {instance.Number}, {instance.Module.File}, is {import.Kind.ToString().ToLowerInvariant()} {here.Index} of instance {here.Instance}; "
            + $"in the snapshot it is {there.Index} of instance {there.Instance}.", nameof(saved));
    }

    private void RestoreAll(WasmSnapshot snapshot, RestorePlan plan)
    {
        try
        {
            var memories = OwnMemories();
            for (var i = 0; i < memories.Count; i++) RestoreMemory(memories[i].Instance, memories[i].Index, snapshot.Memories[i]);
            Items.Restore(plan);
        }
        catch
        {
            _status.Set(InstanceFlags.Faulted);
            throw;
        }
    }

    private static void RestoreMemory(WasmInstance instance, int index, MemoryImage image)
    {
        instance.GrowMemoryTo(index, image.SizeBytes);
        instance.RestoreMemory(index, image);
    }
}
