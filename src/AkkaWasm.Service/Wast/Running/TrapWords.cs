using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>The words in which the official suite names traps, and the failures that each may mean.</summary>
internal static class TrapWords
{
    private static readonly Dictionary<string, WasmFailureCode> Meanings = new()
    {
        ["unreachable"] = WasmFailureCode.Unreachable,
        ["out of bounds memory access"] = WasmFailureCode.MemoryOutOfBounds,
        ["out of bounds table access"] = WasmFailureCode.TableOutOfBounds,
        ["out of bounds array access"] = WasmFailureCode.ArrayOutOfBounds,
        ["undefined element"] = WasmFailureCode.TableOutOfBounds,
        ["uninitialized element"] = WasmFailureCode.IndirectCallToNull,
        ["indirect call type mismatch"] = WasmFailureCode.BadSignature,
        ["integer overflow"] = WasmFailureCode.IntegerOverflow,
        ["integer divide by zero"] = WasmFailureCode.IntegerDivisionByZero,
        ["invalid conversion to integer"] = WasmFailureCode.BadConversionToInteger,
        ["call stack exhausted"] = WasmFailureCode.StackOverflow,
        ["null reference"] = WasmFailureCode.NullReference,
        ["null array reference"] = WasmFailureCode.NullReference,
        ["null structure reference"] = WasmFailureCode.NullReference,
        ["null i31 reference"] = WasmFailureCode.NullReference,
        ["null function reference"] = WasmFailureCode.NullReference,
        ["null exception reference"] = WasmFailureCode.NullReference,
        ["cast failure"] = WasmFailureCode.CastFailure,
        ["unhandled exception"] = WasmFailureCode.UncaughtException,
        ["allocation size too large"] = WasmFailureCode.AllocationTooLarge,
    };

    /// <summary>The failure that a message means. Behind the words may stand more, as in <c>uninitialized element 2</c>.</summary>
    /// <returns>The failure, or null if the words are unknown.</returns>
    public static WasmFailureCode? Meaning(string message)
    {
        foreach (var (words, code) in Meanings)
        {
            if (message == words || message.StartsWith($"{words} ", StringComparison.Ordinal)) return code;
        }
        return null;
    }
}
