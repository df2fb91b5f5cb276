using AkkaWasm.Service.Hocon.Loading;

namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>What a parser must know beyond its text: who loads included files, where this file lies, what it may cost.</summary>
internal sealed record ParseContext
{
    public required Loader Loader { get; init; }

    public required HoconLimits Limits { get; init; }

    /// <summary>Counts the values of all files of the document.</summary>
    public required WorkMeter Values { get; init; }

    /// <summary>Folder of the file, for relative includes; null for a text that has none.</summary>
    public required string? Folder { get; init; }

    /// <summary>Where this file's root lies in the document, innermost first; empty for the outermost file.</summary>
    public IReadOnlyList<IncludeScope> Scopes { get; init; } = [];

    /// <summary>Nesting at the place where this file is included.</summary>
    public int Depth { get; init; }

    /// <summary>The files that include each other, outermost first, this one last.</summary>
    public IReadOnlyList<string> Chain { get; init; } = [];
}
