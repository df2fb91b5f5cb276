using System.Text;

namespace AkkaWasm.Wasm;

/// <summary>One frame of a guest's back-trace.</summary>
/// <param name="Module">The module, by the name it was loaded with.</param>
/// <param name="FunctionIndex">The function index in the module.</param>
/// <param name="FunctionName">Its name in the <c>name</c> section, else of an export or import, else <c>func[7]</c>.</param>
/// <param name="Offset">The instruction's offset from the beginning of the function's body in bytes, or -1 if unknown.</param>
public readonly record struct WasmFrame(string Module, int FunctionIndex, string FunctionName, int Offset)
{
    /// <summary>As <c>agent.wasm!parse+0x1f</c>.</summary>
    public override string ToString() => Offset < 0 ? $"{Module}!{FunctionName}" : $"{Module}!{FunctionName}+0x{Offset:x}";
}

/// <summary>A guest failed: a trap, an uncaught exception, a limit, or a host function that threw. Its instance is unusable from then on.</summary>
public sealed class WasmTrapException : Exception
{
    /// <summary>The greatest number of frames that <see cref="Frames"/> keeps, innermost first.</summary>
    public const int MaxFrames = 64;

    internal WasmTrapException(WasmFailureCode code, string message, IReadOnlyList<WasmFrame> frames, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        Frames = frames;
    }

    /// <summary>Why it failed.</summary>
    public WasmFailureCode Code { get; }

    /// <summary>The guest's call stack, innermost frame first; at most <see cref="MaxFrames"/>.</summary>
    public IReadOnlyList<WasmFrame> Frames { get; }

    /// <summary>Code, message and back-trace, one frame a line; then the inner exception if there is one.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(Code).Append(": ").Append(Message);
        foreach (var frame in Frames) text.AppendLine().Append("   at ").Append(frame);
        if (InnerException is not null) text.AppendLine().Append(" ---> ").Append(InnerException);
        return text.ToString();
    }
}
