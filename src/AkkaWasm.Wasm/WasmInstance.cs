using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm;

/// <summary>
/// A module at work in a <see cref="WasmStore"/>, of its own or shared. Not for several threads at a time, but it may move from thread to thread; a
/// call while another thread's is running is refused. After a failed call the instance is <see cref="Faulted"/> and can only be looked at and disposed.
/// </summary>
public sealed unsafe partial class WasmInstance : IDisposable
{
    /// <summary>For <see cref="SetDeadline"/>: never interrupt.</summary>
    public const ulong NoDeadline = WasmStore.NoDeadline;

    private readonly NativeItem[] _memories;
    private readonly bool _ownsStore;
    private NativeItem _instance;

    internal WasmInstance(WasmStore store, WasmModule module, int number, NativeItem native, ItemOrigin[] links, bool ownsStore)
    {
        Store = store;
        Module = module;
        Number = number;
        Links = links;
        _instance = native;
        _ownsStore = ownsStore;
        _memories = new NativeItem[module.State.Memories.Length];
        _contents = new KnownMemory[_memories.Length];
        for (var i = 0; i < _memories.Length; i++) _memories[i] = Export(module.State.Memories[i].ExportName).Item;
    }

    /// <summary>The store it lives in.</summary>
    public WasmStore Store { get; }

    /// <summary>The module.</summary>
    public WasmModule Module { get; }

    /// <summary>What it may take: the store's limits.</summary>
    public WasmLimits Limits => Store.Limits;

    /// <summary>Whatever the host wants its functions to find in <see cref="HostCall.Instance"/>: the store's.</summary>
    public object? HostState
    {
        get => Store.HostState;
        set => Store.HostState = value;
    }

    /// <summary>Whether a call has failed. What the guest holds is then half-done: calls, captures and restores are refused.</summary>
    public bool Faulted => Store.Faulted;

    /// <summary>The fuel that is left in the store. Counts down as the guest runs.</summary>
    /// <exception cref="InvalidOperationException">The engine does not count fuel.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public ulong Fuel
    {
        get => Store.Fuel;
        set => Store.Fuel = value;
    }

    /// <summary>What the store's instances take right now.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public WasmUsage Usage => Store.Usage;

    /// <summary>Its place in <see cref="WasmStore.Instances"/>.</summary>
    internal int Number { get; }

    /// <summary>What each of its imports is linked to, in order; empty if all are host functions.</summary>
    internal ItemOrigin[] Links { get; }

    /// <summary>The sizes of the memories that it defines itself, in bytes.</summary>
    internal ulong OwnMemoryBytes
    {
        get
        {
            ulong bytes = 0;
            for (var i = Module.State.Imported[(int)ExternalKind.Memory]; i < _memories.Length; i++) bytes += MemoryLength(i);
            return bytes;
        }
    }

    /// <summary>The sizes of the tables that it defines itself.</summary>
    internal ulong OwnTableElements
    {
        get
        {
            ulong elements = 0;
            foreach (var table in Module.State.OwnTables) elements += TableLength(Export(table.ExportName).Item);
            return elements;
        }
    }

    /// <summary>
    /// Makes an instance in a store of its own. Its start function does not run yet: <see cref="RunStart"/> does that, and a restored instance never
    /// needs it. There is no deadline, and no bound on fuel, until one is set.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="functions">The host functions that serve its imports.</param>
    /// <param name="limits">What it may take; the defaults if null.</param>
    /// <exception cref="ModuleRefusedException">An import is not served, or the module needs more than its limits from the start.</exception>
    /// <exception cref="WasmTrapException">An active segment does not fit its memory or table.</exception>
    /// <exception cref="WasmEngineException">There is no room for it in the pool or in the host's memory.</exception>
    /// <exception cref="ObjectDisposedException">The module is disposed.</exception>
    public static WasmInstance Create(WasmModule module, HostFunctions functions, WasmLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(functions);
        limits ??= WasmLimits.Default;
        var linked = module.Link(functions);
        InitialNeeds.Check(module.Description, limits);
        var store = new WasmStore(module.Engine, limits);
        try
        {
            return store.Add(module, linked, ownsStore: true);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Lets the store's guests run for that many ticks of <see cref="WasmEngine.IncrementEpoch"/> from now; then they trap.</summary>
    /// <param name="epochTicks">The ticks; 0 interrupts at once, <see cref="NoDeadline"/> never.</param>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void SetDeadline(ulong epochTicks) => Store.SetDeadline(epochTicks);

    /// <summary>
    /// Completes the instantiation: writes the active segments to the memories and tables, where some of these are imported, then runs the start function,
    /// if the module has one. To be called once, before anything else, on an instance that is not restored.
    /// </summary>
    /// <exception cref="WasmTrapException">
    /// A segment does not fit, or the start function failed. What was done until then stands, as far as other instances can see it.
    /// </exception>
    /// <exception cref="InvalidOperationException">A call has failed, or is running on another thread.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void RunStart()
    {
        Store.ThrowIfDisposed();
        if (Module.State.ApplyExport is { } apply) CallInternal(apply);
        if (Module.State.StartExport is { } start) CallInternal(start);
    }

    /// <summary>The function exported under that name, or null.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public WasmFunction? GetFunction(string name)
    {
        Store.ThrowIfDisposed();
        return Module.State.FunctionsByName.TryGetValue(name, out var export)
            ? new WasmFunction(this, export, Export(export.NameUtf8).Item)
            : null;
    }

    /// <summary>The global exported under that name, or null.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public WasmGlobal? GetGlobal(string name)
    {
        Store.ThrowIfDisposed();
        return Module.State.Exports.TryGetValue(name, out var export) && export.Kind == ExternalKind.Global
            ? new WasmGlobal(this, name, Module.Description.Globals[export.Index], Export(export.NameUtf8).Item)
            : null;
    }

    /// <summary>The memory exported under that name, or null.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public MemoryView? GetMemory(string exportName)
    {
        Store.ThrowIfDisposed();
        return Module.State.Exports.TryGetValue(exportName, out var export) && export.Kind == ExternalKind.Memory
            ? new MemoryView(this, export.Index)
            : null;
    }

    /// <summary>The memory at that index, exported or not, imported or its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The module has no such memory.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public MemoryView GetMemory(int index)
    {
        Store.ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_memories.Length, nameof(index));
        return new MemoryView(this, index);
    }

    /// <summary>
    /// Gives the store back if it was made by <see cref="Create"/>; spans of its memories are invalid from then on. An instance that
    /// <see cref="WasmStore.Instantiate"/> made lives as long as its store, and this does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">A call is running.</exception>
    public void Dispose()
    {
        if (_ownsStore) Store.Dispose();
    }

    internal byte* MemoryBase(int index)
    {
        Store.ThrowIfDisposed();
        fixed (NativeItem* memory = &_memories[index]) return LibWasmtime.wasmtime_memory_data(Store.Context, memory);
    }

    /// <summary>For those who may write to it.</summary>
    internal byte* OpenMemory(int index)
    {
        Store.OpenMemory();
        return MemoryBase(index);
    }

    internal ulong MemoryLength(int index)
    {
        Store.ThrowIfDisposed();
        fixed (NativeItem* memory = &_memories[index]) return LibWasmtime.wasmtime_memory_data_size(Store.Context, memory);
    }

    internal NativeExtern Export(byte[] name)
    {
        NativeExtern item;
        byte found;
        fixed (NativeItem* instance = &_instance)
        fixed (byte* first = name)
            found = LibWasmtime.wasmtime_instance_export_get(Store.Context, instance, first, (nuint)name.Length, &item);
        GC.KeepAlive(Store);
        return found != 0 ? item : throw new InvalidOperationException(
            $"{Module.File}: the compiled module has no export {System.Text.Encoding.UTF8.GetString(name)}.");
    }

    /// <summary>Whether it defines the item itself and does not import it.</summary>
    internal bool Defines(ExternalKind kind, int index) => index >= Module.State.Imported[(int)kind];

    /// <summary>What one of its items is, however many instances pass it on.</summary>
    internal ItemOrigin OriginOf(ExternalKind kind, int index)
    {
        if (Links.Length == 0 || Defines(kind, index)) return new ItemOrigin(Number, index);
        var imports = Module.Description.Imports;
        for (var i = 0; ; i++)
        {
            if (imports[i].Kind == kind && imports[i].Index == index) return Links[i];
        }
    }

    /// <summary>A table that it defines.</summary>
    internal NativeItem OwnTable(int index) => Export(Array.Find(Module.State.OwnTables, t => t.Index == index).ExportName).Item;

    /// <summary>The function of that index if it can be a reference, else null.</summary>
    internal NativeItem? FindReferenceable(int function)
    {
        var found = Array.Find(Module.State.Functions, f => f.Index == function);
        return found.ExportName is { } name ? Export(name).Item : null;
    }

    internal ulong TableLength(NativeItem table) => LibWasmtime.wasmtime_table_size(Store.Context, &table);

    /// <summary>Calls a woven function without parameters and results.</summary>
    private void CallInternal(byte[] export)
    {
        var function = Export(export).Item;
        RawValue none;
        Store.Call(ref function, &none, 0);
    }
}
