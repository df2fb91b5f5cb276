using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <content>Calls into the guests, and what becomes of those that fail.</content>
public sealed unsafe partial class WasmStore
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

    /// <summary>What to call the store in messages: its first module's file.</summary>
    private string Name => _instances.Count == 0 ? "an empty store" : _instances[0].Module.File;

    internal void KeepHostException(Exception exception) => _hostException = exception;

    /// <summary>Calls with the arguments in place; the results overwrite them.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Call(ref NativeItem function, RawValue* values, int count)
    {
        nint trap = 0, error;
        var thread = Enter(&trap);
        var outer = thread.RunningHandle;
        _latest.Change();
        thread.RunningHandle = _self;
        fixed (NativeItem* item = &function)
            error = LibWasmtime.wasmtime_func_call_unchecked(_context, item, values, (nuint)count, &trap);
        thread.RunningHandle = outer;
        Leave();
        if ((error | trap) != 0 || IsUnusable) ThrowFailure(error, trap);
    }

    /// <summary>
    /// Refuses a second thread. Plain reads and writes, since an interlocked one would cost a quarter of a call: this finds a caller's mistake, it
    /// is no lock.
    /// </summary>
    /// <param name="here">An address in the current frame, to measure the stack by.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal GuestThread Enter(void* here)
    {
        if (IsUnusable) ThrowUnusable();
        var thread = GuestThread.Current;
        if (_depth == 0) thread.RequireStack(here, _stackBytes);
        Occupy(thread);
        return thread;
    }

    /// <summary>The same for what runs no guest and so needs no stack.</summary>
    internal GuestThread Enter()
    {
        if (IsUnusable) ThrowUnusable();
        var thread = GuestThread.Current;
        Occupy(thread);
        return thread;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Leave() => _depth--;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Occupy(GuestThread thread)
    {
        if (_thread != thread)
        {
            if (_depth != 0) ThrowBusy();
            _thread = thread;
        }
        _depth++;
    }

    /// <summary>Throws while a call is running.</summary>
    internal void RequireIdle()
    {
        if (_depth != 0) throw new InvalidOperationException($"{Name}: a call is running; state is whole only between calls.");
    }

    /// <summary>Throws while a call is running on another thread.</summary>
    internal void RequireThread()
    {
        if (_depth != 0 && _thread != GuestThread.Current) ThrowBusy();
    }

    [DoesNotReturn]
    private void ThrowUnusable()
    {
        ThrowIfDisposed();
        throw new InvalidOperationException($"{Name}: a call has failed, so the instance cannot be used any more; make a new one.");
    }

    [DoesNotReturn]
    private void ThrowBusy() =>
        throw new InvalidOperationException($"{Name}: the instance is running on another thread; it takes one call at a time.");

    [DoesNotReturn]
    private void ThrowFailure(nint error, nint trap)
    {
        if (!KeepsRunningAfterFailure || IsUnusable) _status.Set(InstanceFlags.Faulted);
        var host = _hostException;
        _hostException = null;
        var failure = (error | trap) == 0
            ? new WasmTrapException(WasmFailureCode.HostFailure, "a host function went on after a nested call had failed", [])
            : FailureReader.Read(this, error, trap);
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
