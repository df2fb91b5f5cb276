namespace AkkaWasm.Wasm;

/// <summary>
/// A module that cannot be loaded: malformed, invalid, past a limit, or in need of what is not served.
/// The message is one sentence that says where, what and what to do.
/// </summary>
public sealed class ModuleRefusedException : Exception
{
    /// <summary>Refuses a module for a reason that has no single place in the file.</summary>
    /// <param name="file">The file the module came from.</param>
    /// <param name="reason">What is wrong and what to do, without the place.</param>
    public ModuleRefusedException(string file, string reason) : base($"{file}: {reason}")
    {
        File = file;
        Reason = reason;
    }

    /// <summary>Refuses a binary for what stands at a byte offset.</summary>
    /// <param name="file">The file the module came from.</param>
    /// <param name="offset">The byte offset in the file.</param>
    /// <param name="place">The section or item, as <c>type section</c> or <c>function 3</c>.</param>
    /// <param name="reason">What is wrong and what to do.</param>
    public ModuleRefusedException(string file, int offset, string place, string reason)
        : base($"{file}: at offset 0x{offset:x}, in {place}: {reason}")
    {
        File = file;
        Offset = offset;
        Place = place;
        Reason = reason;
    }

    /// <summary>Refuses a text module for what stands at a line and column.</summary>
    /// <param name="file">The file the module came from.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1.</param>
    /// <param name="reason">What is wrong and what to do.</param>
    public ModuleRefusedException(string file, int line, int column, string reason)
        : base($"{file}:{line}:{column}: {reason}")
    {
        File = file;
        Line = line;
        Column = column;
        Reason = reason;
    }

    /// <summary>The file the module came from.</summary>
    public string File { get; }

    /// <summary>The byte offset in a binary, or null.</summary>
    public int? Offset { get; }

    /// <summary>The section or item, or null.</summary>
    public string? Place { get; }

    /// <summary>The line in a text module from 1, or null.</summary>
    public int? Line { get; }

    /// <summary>The column in a text module from 1, or null.</summary>
    public int? Column { get; }

    /// <summary>The message without the place.</summary>
    public string Reason { get; }
}
