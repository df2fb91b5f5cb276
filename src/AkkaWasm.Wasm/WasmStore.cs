using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <summary>
/// Holds instances that can share functions, memories, tables, globals and tags; what one of them does is seen by all. Not for several threads at a
/// time, but it may move from thread to thread; a call while another thread's is running is refused. After a failed call the store is
/// <see cref="Faulted"/>, unless it <see cref="KeepsRunningAfterFailure"/>, and can only be looked at and disposed.
/// </summary>
public sealed unsafe partial class WasmStore : IDisposable
{
    /// <summary>For <see cref="SetDeadline"/>: never interrupt.</summary>
    public const ulong NoDeadline = long.MaxValue;

    private readonly StoreHandle _store = new();
    private readonly List<WasmInstance> _instances = [];
    private nint _context;
    private ulong _fuelSet;
    private bool _areLimitsLifted;

    /// <summary>Makes an empty store. There is no deadline, and no bound on fuel, until one is set.</summary>
    /// <param name="engine">The engine that compiled the modules it is for.</param>
    /// <param name="limits">What its instances may take; the defaults if null.</param>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public WasmStore(WasmEngine engine, WasmLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Engine = engine;
        Limits = limits ?? WasmLimits.Default;
        _stackBytes = (nuint)engine.Options.MaxStackBytes + GuestThread.HostBytes;
        _store.Own(LibWasmtime.wasmtime_store_new(engine.Handle, 0, 0));
        _self = _store.NameOwner(this);
        _status.Memories.MemoryBytes = Limits.MemoryBytes;
        _status.Memories.GcHeapBytes = Limits.GcHeapBytes;
        SetLimiter();
        _context = LibWasmtime.wasmtime_store_context(_store);
        LibWasmtime.wasmtime_context_set_epoch_deadline(_context, NoDeadline);
        if (engine.Options.ConsumeFuel) Fuel = ulong.MaxValue;
    }

    /// <summary>The engine whose modules it takes.</summary>
    public WasmEngine Engine { get; }

    /// <summary>What each of its instances may take.</summary>
    public WasmLimits Limits { get; }

    /// <summary>
    /// Whether the store takes further calls after the guest has failed, as the specification has it: what the call did until then stands. By default
    /// one failed call ends the store, since a guest that was interrupted anywhere has half-done work. When the host was out of memory the store ends
    /// in any case.
    /// </summary>
    public bool KeepsRunningAfterFailure { get; init; }

    /// <summary>Its instances, in the order of instantiation.</summary>
    public IReadOnlyList<WasmInstance> Instances => _instances;

    /// <summary>Whatever the host wants its functions to find, by <see cref="HostCall.Instance"/>.</summary>
    public object? HostState { get; set; }

    /// <summary>Whether a call has failed. What the guests hold is then half-done: calls, captures and restores are refused.</summary>
    public bool Faulted => _status.Has(InstanceFlags.Faulted);

    /// <summary>The fuel that is left. Counts down as the guests run.</summary>
    /// <exception cref="InvalidOperationException">The engine does not count fuel.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
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

    /// <summary>What its instances take right now.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public WasmUsage Usage
    {
        get
        {
            ThrowIfDisposed();
            ulong bytes = 0, elements = 0;
            foreach (var instance in _instances)
            {
                bytes += instance.OwnMemoryBytes;
                elements += instance.OwnTableElements;
            }
            return new WasmUsage(bytes, elements, (ulong)(_status.Memories.GcHeap?.Size ?? 0), Engine.Options.ConsumeFuel ? _fuelSet - Fuel : 0);
        }
    }

    internal nint Context => _context;

    /// <summary>Lets the guests run for that many ticks of <see cref="WasmEngine.IncrementEpoch"/> from now; then they trap.</summary>
    /// <param name="epochTicks">The ticks; 0 interrupts at once, <see cref="NoDeadline"/> never.</param>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public void SetDeadline(ulong epochTicks)
    {
        ThrowIfDisposed();
        LibWasmtime.wasmtime_context_set_epoch_deadline(_context, Math.Min(epochTicks, NoDeadline));
        GC.KeepAlive(this);
    }

    /// <summary>Gives everything back, the instances too. Spans of their memories are invalid from then on.</summary>
    /// <exception cref="InvalidOperationException">A call is running.</exception>
    public void Dispose()
    {
        if (_depth != 0) throw new InvalidOperationException("The store is running; end the call before disposing of it.");
        _context = 0;
        _status.Set(InstanceFlags.Disposed);
        _store.Dispose();
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_context == 0, this);

    /// <summary>Until <see cref="EndSnapshotWork"/>.</summary>
    internal void LiftLimits()
    {
        if (_areLimitsLifted) return;
        _areLimitsLifted = true;
        LibWasmtime.wasmtime_store_limiter(_store, -1, -1, int.MaxValue, int.MaxValue, int.MaxValue);
    }

    /// <summary>
    /// How many tables and memories a module has is checked before, without those that weaving adds. The library has one limit for memories and GC
    /// heaps; where the host serves them it tells them apart itself.
    /// </summary>
    private void SetLimiter()
    {
        _areLimitsLifted = false;
        var memoryBytes = HostMemoryCreator.Serves(Engine.Options) ? Math.Max(Limits.MemoryBytes, Limits.GcHeapBytes) : Limits.MemoryBytes;
        LibWasmtime.wasmtime_store_limiter(_store, memoryBytes, Limits.TableElements, int.MaxValue, int.MaxValue, int.MaxValue);
    }

    private void RequireFuel()
    {
        if (!Engine.Options.ConsumeFuel)
            throw new InvalidOperationException("The engine does not count fuel; make it with ConsumeFuel.");
    }

    private static void Check(nint error)
    {
        if (error != 0) throw new InvalidOperationException(NativeText.TakeError(error));
    }
}
