using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <summary>What an instance takes right now.</summary>
/// <param name="MemoryBytes">The sizes of its linear memories together, in bytes; pages never touched take no real memory.</param>
/// <param name="TableElements">The sizes of its tables together.</param>
/// <param name="FuelUsed">Fuel used since <see cref="WasmInstance.Fuel"/> was last set; 0 if fuel is not counted.</param>
public readonly record struct WasmUsage(ulong MemoryBytes, ulong TableElements, ulong FuelUsed);

/// <summary>
/// A module at work: one instance in a store of its own. Not for several threads at a time, but it may move from thread to thread; a call while
/// another thread's is running is refused. After a failed call the instance is <see cref="Faulted"/> and can only be looked at and disposed.
/// </summary>
public sealed unsafe partial class WasmInstance : IDisposable
{
    /// <summary>For <see cref="SetDeadline"/>: never interrupt.</summary>
    public const ulong NoDeadline = long.MaxValue;

    private readonly StoreHandle _store = new();
    private readonly NativeItem[] _memories;
    private NativeItem _instance;
    private nint _context;
    private ulong _fuelSet;

    private WasmInstance(WasmModule module, WasmLimits limits)
    {
        Module = module;
        Limits = limits;
        _self = _store.NameOwner(this);
        _memories = new NativeItem[module.State.Memories.Length];
        _stackBytes = (nuint)module.Engine.Options.MaxStackBytes + GuestThread.HostBytes;
    }

    /// <summary>The module.</summary>
    public WasmModule Module { get; }

    /// <summary>What it may take.</summary>
    public WasmLimits Limits { get; }

    /// <summary>Whatever the host wants its functions to find in <see cref="HostCall.Instance"/>.</summary>
    public object? HostState { get; set; }

    /// <summary>Whether a call has failed. What the guest holds is then half-done: calls, captures and restores are refused.</summary>
    public bool Faulted => _status.Has(InstanceFlags.Faulted);

    /// <summary>The fuel that is left. Counts down as the guest runs.</summary>
    /// <exception cref="InvalidOperationException">The engine does not count fuel.</exception>
    public ulong Fuel
    {
        get
        {
            ThrowIfDisposed();
            RequireFuel();
            Check(LibWasmtime.wasmtime_context_get_fuel(_context, out var fuel));
            GC.KeepAlive(this);
            return fuel;
        }
        set
        {
            ThrowIfDisposed();
            RequireFuel();
            Check(LibWasmtime.wasmtime_context_set_fuel(_context, value));
            _fuelSet = value;
            GC.KeepAlive(this);
        }
    }

    /// <summary>What it takes right now.</summary>
    public WasmUsage Usage
    {
        get
        {
            ThrowIfDisposed();
            ulong bytes = 0, elements = 0;
            for (var i = 0; i < _memories.Length; i++) bytes += MemoryLength(i);
            foreach (var table in Module.State.AllTables) elements += TableLength(Export(table.ExportName).Item);
            return new WasmUsage(bytes, elements, Module.Engine.Options.ConsumeFuel ? _fuelSet - Fuel : 0);
        }
    }

    /// <summary>
    /// Makes an instance. Its start function does not run yet: <see cref="RunStart"/> does that, and a restored instance never needs it. There is
    /// no deadline, and no bound on fuel, until one is set.
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
        var instance = new WasmInstance(module, limits);
        try
        {
            instance.OpenStore();
            instance.Instantiate(linked);
            return instance;
        }
        catch
        {
            instance.Dispose();
            throw;
        }
    }

    /// <summary>Lets the guest run for that many ticks of <see cref="WasmEngine.IncrementEpoch"/> from now; then it traps.</summary>
    /// <param name="epochTicks">The ticks; 0 interrupts at once, <see cref="NoDeadline"/> never.</param>
    public void SetDeadline(ulong epochTicks)
    {
        ThrowIfDisposed();
        LibWasmtime.wasmtime_context_set_epoch_deadline(_context, Math.Min(epochTicks, NoDeadline));
        GC.KeepAlive(this);
    }

    /// <summary>The function exported under that name, or null.</summary>
    public WasmFunction? GetFunction(string name)
    {
        ThrowIfDisposed();
        return Module.State.FunctionsByName.TryGetValue(name, out var export)
            ? new WasmFunction(this, export, Export(export.NameUtf8).Item)
            : null;
    }

    /// <summary>The memory exported under that name, or null.</summary>
    public MemoryView? GetMemory(string exportName)
    {
        ThrowIfDisposed();
        return Module.State.MemoriesByName.TryGetValue(exportName, out var index) ? new MemoryView(this, index) : null;
    }

    /// <summary>The memory at that index, exported or not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The module has no such memory.</exception>
    public MemoryView GetMemory(int index)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_memories.Length, nameof(index));
        return new MemoryView(this, index);
    }

    /// <summary>Gives everything back. Spans of its memories are invalid from then on.</summary>
    /// <exception cref="InvalidOperationException">A call is running.</exception>
    public void Dispose()
    {
        if (_depth != 0) throw new InvalidOperationException("The instance is running; end the call before disposing of it.");
        _context = 0;
        _status.Set(InstanceFlags.Disposed);
        _store.Dispose();
    }

    internal byte* MemoryBase(int index)
    {
        ThrowIfDisposed();
        fixed (NativeItem* memory = &_memories[index]) return LibWasmtime.wasmtime_memory_data(_context, memory);
    }

    internal ulong MemoryLength(int index)
    {
        ThrowIfDisposed();
        fixed (NativeItem* memory = &_memories[index]) return LibWasmtime.wasmtime_memory_data_size(_context, memory);
    }

    private void OpenStore()
    {
        _store.Own(LibWasmtime.wasmtime_store_new(Module.Engine.Handle, 0, 0));
        // How many tables and memories there are was checked already, without those that weaving adds.
        LibWasmtime.wasmtime_store_limiter(_store, Limits.MemoryBytes, Limits.TableElements, instances: 1, tables: -1, memories: -1);
        _context = LibWasmtime.wasmtime_store_context(_store);
        LibWasmtime.wasmtime_context_set_epoch_deadline(_context, NoDeadline);
        if (Module.Engine.Options.ConsumeFuel) Fuel = ulong.MaxValue;
    }

    private void Instantiate(LinkedModule linked)
    {
        nint error, trap;
        var thread = GuestThread.Current;
        var outer = thread.RunningHandle;
        thread.RunningHandle = _self;
        fixed (NativeItem* instance = &_instance)
            error = LibWasmtime.wasmtime_instance_pre_instantiate(linked.Handle, _context, instance, out trap);
        thread.RunningHandle = outer;
        if (trap != 0) throw FailureReader.Read(_context, Module.Description, error, trap);
        if (error != 0)
            throw new WasmEngineException($"{Module.File}: no instance can be made: {NativeText.TakeError(error)}", isTransient: true);
        for (var i = 0; i < _memories.Length; i++) _memories[i] = Export(Module.State.Memories[i].ExportName).Item;
    }

    private NativeExtern Export(byte[] name)
    {
        NativeExtern item;
        byte found;
        fixed (NativeItem* instance = &_instance)
        fixed (byte* first = name)
            found = LibWasmtime.wasmtime_instance_export_get(_context, instance, first, (nuint)name.Length, &item);
        GC.KeepAlive(this);
        return found != 0 ? item : throw new InvalidOperationException(
            $"{Module.File}: the compiled module has no export {System.Text.Encoding.UTF8.GetString(name)}.");
    }

    private ulong TableLength(NativeItem table) => LibWasmtime.wasmtime_table_size(_context, &table);

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_context == 0, this);

    private void RequireFuel()
    {
        if (!Module.Engine.Options.ConsumeFuel)
            throw new InvalidOperationException("The engine does not count fuel; make it with ConsumeFuel.");
    }

    private static void Check(nint error)
    {
        if (error != 0) throw new InvalidOperationException(NativeText.TakeError(error));
    }
}
