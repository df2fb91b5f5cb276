namespace AkkaWasm.Wasm.Wasi;

/// <summary>
/// A program ended itself by <c>proc_exit</c>. Found as the inner exception of the <see cref="WasmTrapException"/> that the call ends with; no
/// failure where the code is 0.
/// </summary>
/// <param name="code">The exit code.</param>
public sealed class WasiExitException(uint code) : Exception($"the program ended with exit code {code}")
{
    /// <summary>The exit code; 0 is success.</summary>
    public uint Code { get; } = code;

    /// <summary>Whether a failed call is a program that ended itself, and with which code.</summary>
    /// <param name="failure">What the call threw.</param>
    /// <param name="code">The exit code.</param>
    public static bool Is(WasmTrapException failure, out uint code)
    {
        for (var inner = failure.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is not WasiExitException exit) continue;
            code = exit.Code;
            return true;
        }
        code = 0;
        return false;
    }
}
