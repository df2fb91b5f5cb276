using System.Text;

namespace AkkaWasm.Wasm.Interop;

/// <summary>Text that the library gives away: read once, then freed.</summary>
internal static unsafe class NativeText
{
    /// <summary>The error's root cause in one line; the error is deleted.</summary>
    public static string TakeError(nint error)
    {
        NativeVector message;
        LibWasmtime.wasmtime_error_message(error, &message);
        LibWasmtime.wasmtime_error_delete(error);
        return RootCause(Take(&message));
    }

    /// <summary>The trap's root cause in one line; the trap stays.</summary>
    public static string TrapMessage(nint trap)
    {
        NativeVector message;
        LibWasmtime.wasm_trap_message(trap, &message);
        return RootCause(Take(&message));
    }

    /// <summary>
    /// The library renders an error as its outermost context, then a list headed "Caused by:" that ends with the root cause. Both ends are kept,
    /// the back-trace in between is not.
    /// </summary>
    internal static string RootCause(string rendered)
    {
        const string Heading = "Caused by:";
        var at = rendered.IndexOf(Heading, StringComparison.Ordinal);
        if (at < 0) return OneLine(rendered);
        var causes = rendered[(at + Heading.Length)..].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var context = rendered[..at];
        var last = causes.Length == 0 ? "" : WithoutNumber(causes[^1]);
        return context.StartsWith("error while executing", StringComparison.Ordinal) ? last : $"{OneLine(context)}: {last}";
    }

    private static string WithoutNumber(string cause)
    {
        var colon = cause.IndexOf(": ", StringComparison.Ordinal);
        return colon > 0 && cause.AsSpan(0, colon).IndexOfAnyExceptInRange('0', '9') < 0 ? cause[(colon + 2)..] : cause;
    }

    private static string OneLine(string text) =>
        string.Join(" ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Take(NativeVector* text)
    {
        var read = Encoding.UTF8.GetString(text->Bytes).TrimEnd('\0');
        LibWasmtime.wasm_byte_vec_delete(text);
        return read;
    }
}
