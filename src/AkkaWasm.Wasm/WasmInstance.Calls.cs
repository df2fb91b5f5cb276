using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <content>Calls into the guest, and what becomes of those that fail.</content>
public sealed unsafe partial class WasmInstance
{
    private readonly InstanceStatus _status = new();
    private readonly nuint _stackBytes;
    private readonly nint _self;
    private Exception? _hostException;
    private GuestThread? _thread;
    private int _depth;

    /// <summary>Whether it takes no calls any more; inside a call, whether this call is lost already.</summary>
    internal bool IsUnusable => _status.Flags != InstanceFlags.None;

    /// <summary>What its memories report to.</summary>
    internal InstanceStatus Status => _status;

    /// <summary>
    /// Runs the module's start function, if it has one. To be called once, before anything else, on an instance that is not restored.
    /// </summary>
    /// <exception cref="WasmTrapException">It failed.</exception>
    public void RunStart()
    {
        ThrowIfDisposed();
        if (Module.State.StartExport is { } name) CallInternal(name);
    }

    internal void KeepHostException(Exception exception) => _hostException = exception;

    /// <summary>Calls with the arguments in place; the results overwrite them.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Call(ref NativeItem function, RawValue* values, int count)
    {
        nint trap = 0, error;
        var thread = Enter(&trap);
        var outer = thread.RunningHandle;
        thread.RunningHandle = _self;
        fixed (NativeItem* item = &function)
            error = LibWasmtime.wasmtime_func_call_unchecked(_context, item, values, (nuint)count, &trap);
        thread.RunningHandle = outer;
        Leave();
        if ((error | trap) != 0 || IsUnusable) ThrowFailure(error, trap);
    }

    /// <summary>Calls a woven function without parameters and results.</summary>
    private void CallInternal(byte[] export)
    {
        var function = Export(export).Item;
        RawValue none;
        Call(ref function, &none, 0);
    }

    /// <summary>Whether a woven function finds its segment dropped, which it says by an access out of bounds. No failure of the guest.</summary>
    private bool Traps(NativeItem function)
    {
        RawValue none;
        nint trap = 0;
        Enter(&trap);
        var error = LibWasmtime.wasmtime_func_call_unchecked(_context, &function, &none, 0, &trap);
        Leave();
        if ((error | trap) == 0) return false;
        var failure = FailureReader.Read(_context, Module.Description, error, trap);
        return failure.Code is WasmFailureCode.MemoryOutOfBounds or WasmFailureCode.TableOutOfBounds
            ? true
            : throw new InvalidOperationException($"{Module.File}: a woven function failed: {failure.Message}", failure);
    }

    /// <summary>
    /// Refuses a second thread. Plain reads and writes, since an interlocked one would cost a quarter of a call: this finds a caller's mistake, it
    /// is no lock.
    /// </summary>
    /// <param name="here">An address in the current frame, to measure the stack by.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GuestThread Enter(void* here)
    {
        if (IsUnusable) ThrowUnusable();
        var thread = GuestThread.Current;
        if (_depth == 0) thread.RequireStack(here, _stackBytes);
        if (_thread != thread)
        {
            if (_depth != 0) ThrowBusy();
            _thread = thread;
        }
        _depth++;
        return thread;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leave() => _depth--;

    [DoesNotReturn]
    private void ThrowUnusable()
    {
        ThrowIfDisposed();
        throw new InvalidOperationException($"{Module.File}: a call has failed, so the instance cannot be used any more; make a new one.");
    }

    [DoesNotReturn]
    private void ThrowBusy() =>
        throw new InvalidOperationException($"{Module.File}: the instance is running on another thread; it takes one call at a time.");

    [DoesNotReturn]
    private void ThrowFailure(nint error, nint trap)
    {
        _status.Set(InstanceFlags.Faulted);
        var host = _hostException;
        _hostException = null;
        var failure = (error | trap) == 0
            ? new WasmTrapException(WasmFailureCode.HostFailure, "a host function went on after a nested call had failed", [])
            : FailureReader.Read(_context, Module.Description, error, trap);
        if (_status.Has(InstanceFlags.HostOutOfMemory))
        {
            throw new WasmTrapException(
                WasmFailureCode.HostOutOfMemory, "the host could not serve a growth that the guest's limits allow", failure.Frames, host);
        }
        if (host is null) throw failure;
        throw host is WasmTrapException nested
            ? new WasmTrapException(nested.Code, $"in a nested call: {nested.Message}", failure.Frames, host)
            : new WasmTrapException(WasmFailureCode.HostFailure, $"a host function failed: {host.Message}", failure.Frames, host);
    }
}
