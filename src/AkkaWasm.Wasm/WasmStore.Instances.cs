using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <content>How instances come to be.</content>
public sealed unsafe partial class WasmStore
{
    /// <summary>
    /// Makes an instance and links it. Its start function does not run yet: <see cref="WasmInstance.RunStart"/> does that, and a restored instance
    /// never needs it. If it throws, the store has no further instance and goes on.
    /// </summary>
    /// <param name="module">The module, compiled by this store's engine.</param>
    /// <param name="imports">What its imports are linked to.</param>
    /// <exception cref="ArgumentException">The module is another engine's, or the imports name an instance of another store.</exception>
    /// <exception cref="ModuleRefusedException">
    /// An import is unknown or of an incompatible type, or the module needs more than the limits from the start.
    /// </exception>
    /// <exception cref="WasmTrapException">An active segment does not fit a memory or table.</exception>
    /// <exception cref="WasmEngineException">There is no room for it in the pool or in the host's memory.</exception>
    /// <exception cref="InvalidOperationException">A call is running, or has failed.</exception>
    /// <exception cref="ObjectDisposedException">The store or the module is disposed.</exception>
    public WasmInstance Instantiate(WasmModule module, WasmImports imports)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(imports);
        ThrowIfDisposed();
        RequireIdle();
        module.ThrowIfDisposed();
        if (module.Engine != Engine)
            throw new ArgumentException($"{module.File} was compiled by another engine than the store's.", nameof(module));
        imports.RequireStore(this);
        _preparation?.RequireFit(_instances.Count, module);
        InitialNeeds.Check(module.Description, Limits);
        if (_instances.Count >= Limits.Instances)
        {
            throw new WasmEngineException(
                $"{module.File}: the store has {_instances.Count} instances already, as many as it may: raise {nameof(WasmLimits.Instances)}.", isTransient: false);
        }
        _latest.Change();
        return _instances.Count == 0 && imports.HasFunctionsOnly
            ? Add(module, module.Link(imports.Functions), ownsStore: false)
            : Add(module, imports);
    }

    /// <summary>The short way for a module whose imports are host functions only, in a store of its own.</summary>
    internal WasmInstance Add(WasmModule module, LinkedModule linked, bool ownsStore)
    {
        NativeItem instance;
        nint error, trap;
        var thread = Enter();
        var outer = thread.RunningHandle;
        thread.RunningHandle = _self;
        _status.Memories.BeginInstantiation();
        error = LibWasmtime.wasmtime_instance_pre_instantiate(linked.Handle, _context, &instance, out trap);
        _status.Memories.EndInstantiation(module.State.OwnMemories);
        thread.RunningHandle = outer;
        Leave();
        if ((error | trap) != 0) throw FailedInstantiation(module, error, trap);
        return Added(module, instance, [], ownsStore);
    }

    /// <summary>The instance of that number, whose import a host function serves.</summary>
    internal WasmInstance InstanceAt(int number) => _instances[number];

    /// <summary>A GC heap that comes to be with a helper is the store's. Returns what ran before.</summary>
    internal nint BeginHelper()
    {
        var thread = GuestThread.Current;
        var outer = thread.RunningHandle;
        thread.RunningHandle = _self;
        return outer;
    }

    internal static void EndHelper(nint outer) => GuestThread.Current.RunningHandle = outer;

    private WasmInstance Add(WasmModule module, WasmImports imports)
    {
        var items = Linker.Resolve(this, module, imports, number: _instances.Count);
        NativeItem instance;
        nint error, trap;
        var thread = Enter();
        var outer = thread.RunningHandle;
        thread.RunningHandle = _self;
        _status.Memories.BeginInstantiation();
        fixed (NativeExtern* first = items)
            error = LibWasmtime.wasmtime_instance_new(_context, module.Handle, first, (nuint)items.Length, &instance, out trap);
        _status.Memories.EndInstantiation(module.State.OwnMemories);
        thread.RunningHandle = outer;
        Leave();
        if ((error | trap) != 0) throw FailedInstantiation(module, error, trap, imports);
        return Added(module, instance, Linker.LinksOf(module, imports, _instances.Count), ownsStore: false);
    }

    private WasmInstance Added(WasmModule module, NativeItem native, ItemOrigin[] links, bool ownsStore)
    {
        var instance = new WasmInstance(this, module, _instances.Count, native, links, ownsStore);
        _instances.Add(instance);
        try
        {
            _preparation?.Grow(instance);
            return instance;
        }
        catch
        {
            _instances.Remove(instance);
            throw;
        }
    }

    private Exception FailedInstantiation(WasmModule module, nint error, nint trap, WasmImports? imports = null)
    {
        if (trap != 0) return FailureReader.Read(this, error, trap);
        var reason = NativeText.TakeError(error);
        return imports is not null && Linker.FindMismatch(module, imports, reason) is { } mismatch
            ? mismatch
            : new WasmEngineException($"{module.File}: no instance can be made: {reason}", isTransient: true);
    }
}
