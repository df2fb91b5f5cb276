using System.Text;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>Reads what a failed call left behind, an error or a trap, into a <see cref="WasmTrapException"/>, and frees it.</summary>
internal static unsafe class FailureReader
{
    /// <summary>By the library's trap code. Codes not listed belong to features that are off.</summary>
    private static readonly Dictionary<byte, (WasmFailureCode Code, string Message)> ByTrapCode = new()
    {
        [0] = (WasmFailureCode.StackOverflow, "the call stack is used up"),
        [1] = (WasmFailureCode.MemoryOutOfBounds, "access outside a memory"),
        [3] = (WasmFailureCode.TableOutOfBounds, "access outside a table"),
        [4] = (WasmFailureCode.IndirectCallToNull, "indirect call to a null table element"),
        [5] = (WasmFailureCode.BadSignature, "indirect call with another signature than the function has"),
        [6] = (WasmFailureCode.IntegerOverflow, "integer overflow"),
        [7] = (WasmFailureCode.IntegerDivisionByZero, "integer division by zero"),
        [8] = (WasmFailureCode.BadConversionToInteger, "conversion of NaN to an integer"),
        [9] = (WasmFailureCode.Unreachable, "an unreachable instruction was executed"),
        [10] = (WasmFailureCode.Interrupt, "the deadline has passed"),
        [11] = (WasmFailureCode.OutOfFuel, "all fuel is used up"),
        [13] = (WasmFailureCode.NullReference, "a null reference was used"),
        [14] = (WasmFailureCode.ArrayOutOfBounds, "access outside an array"),
        [15] = (WasmFailureCode.AllocationTooLarge, "an object is too large to be allocated"),
        [16] = (WasmFailureCode.CastFailure, "a reference was cast to a type it does not have"),
        [49] = (WasmFailureCode.UncaughtException, "an exception was not caught"),
    };

    /// <summary>The library has no code for it, only this beginning of the message.</summary>
    private const string GcHeapMessage = "GC heap out of memory";

    /// <summary>What the only woven function is called that can fail where a guest sees it, the one that applies active segments.</summary>
    private const string Woven = "instantiation";

    /// <summary>One of <paramref name="error"/> and <paramref name="trap"/> is set; both are freed.</summary>
    public static WasmTrapException Read(WasmStore store, nint error, nint trap)
    {
        var frames = ReadFrames(store, error, trap);
        if (trap == 0) return FromError(NativeText.TakeError(error), frames);
        try
        {
            if (LibWasmtime.wasmtime_trap_code(trap, out var code) != 0)
            {
                return ByTrapCode.TryGetValue(code, out var known)
                    ? new WasmTrapException(known.Code, known.Message, frames)
                    : new WasmTrapException(WasmFailureCode.Other, NativeText.TrapMessage(trap), frames);
            }
            return TakeException(store.Context)
                ? new WasmTrapException(WasmFailureCode.UncaughtException, ByTrapCode[49].Message, frames)
                : new WasmTrapException(WasmFailureCode.Other, NativeText.TrapMessage(trap), frames);
        }
        finally
        {
            LibWasmtime.wasm_trap_delete(trap);
        }
    }

    private static WasmTrapException FromError(string message, IReadOnlyList<WasmFrame> frames) =>
        new(message.Contains(GcHeapMessage, StringComparison.Ordinal) ? WasmFailureCode.GcHeapOutOfMemory : WasmFailureCode.Other, message, frames);

    /// <summary>An exception that nobody takes stays in the store over later calls.</summary>
    private static bool TakeException(nint context)
    {
        NativeItem exception;
        if (LibWasmtime.wasmtime_context_take_exception(context, &exception) == 0) return false;
        LibWasmtime.wasmtime_exnref_unroot(&exception);
        return true;
    }

    private static WasmFrame[] ReadFrames(WasmStore store, nint error, nint trap)
    {
        NativeVector vector;
        if (trap != 0) LibWasmtime.wasm_trap_trace(trap, &vector);
        else LibWasmtime.wasmtime_error_wasm_trace(error, &vector);
        var frames = new WasmFrame[(int)Math.Min(vector.Size, WasmTrapException.MaxFrames)];
        for (var i = 0; i < frames.Length; i++)
        {
            var frame = ((nint*)vector.Data)[i];
            var index = (int)LibWasmtime.wasm_frame_func_index(frame);
            var offset = LibWasmtime.wasm_frame_func_offset(frame);
            var module = ModuleOf(store, frame);
            var name = index < module.Functions.Count ? module.FunctionName(index) : Woven;
            frames[i] = new WasmFrame(module.File, index, name, offset > int.MaxValue ? -1 : (int)offset);
        }
        LibWasmtime.wasm_frame_vec_delete(&vector);
        return frames;
    }

    /// <summary>The module whose code a frame runs: the engine knows it by the content hash that was woven in as its name.</summary>
    private static ModuleDescription ModuleOf(WasmStore store, nint frame)
    {
        var instances = store.Instances;
        if (instances.Count == 1) return instances[0].Module.Description;
        var name = LibWasmtime.wasmtime_frame_module_name(frame);
        var identity = name is null ? "" : Encoding.UTF8.GetString(name->Bytes);
        return (instances.FirstOrDefault(i => i.Module.ContentHash == identity) ?? instances[0]).Module.Description;
    }
}
