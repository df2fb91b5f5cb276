namespace AkkaWasm.Wasm;

/// <summary>
/// How large a module may be in each respect. The defaults are the limits that engines agree on (the WebAssembly
/// JavaScript API's implementation limits), or lower where nobody comes near and compiling so much would cost the host its memory.
/// </summary>
public sealed record ModuleLimits
{
    /// <summary>The limits that hold unless others are given.</summary>
    public static readonly ModuleLimits Default = new();

    /// <summary>The greatest length of a binary in bytes: 256 MiB.</summary>
    public int MaxModuleBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Types: 1,000,000.</summary>
    public int MaxTypes { get; init; } = 1_000_000;

    /// <summary>Functions, imported ones included: 1,000,000.</summary>
    public int MaxFunctions { get; init; } = 1_000_000;

    /// <summary>Imports: 100,000.</summary>
    public int MaxImports { get; init; } = 100_000;

    /// <summary>Exports: 1,000,000. The engine's own limit is the same and counts those for saving hidden state as well.</summary>
    public int MaxExports { get; init; } = 1_000_000;

    /// <summary>Globals: 1,000,000.</summary>
    public int MaxGlobals { get; init; } = 1_000_000;

    /// <summary>Tables: 100.</summary>
    public int MaxTables { get; init; } = 100;

    /// <summary>Memories: 100.</summary>
    public int MaxMemories { get; init; } = 100;

    /// <summary>Exception tags: 100,000.</summary>
    public int MaxTags { get; init; } = 100_000;

    /// <summary>Element segments, and data segments: 20,000 each. The time to compile them grows with their square.</summary>
    public int MaxSegments { get; init; } = 20_000;

    /// <summary>References in all element segments: 1,000,000.</summary>
    public int MaxSegmentElements { get; init; } = 1_000_000;

    /// <summary>
    /// Those of them that stand in passive segments, are given as expressions or go to an offset that is computed: 100,000. The engine makes
    /// code of them, which takes up to 7 KB of memory and 70 µs each to compile.
    /// </summary>
    public int MaxComputedElements { get; init; } = 100_000;

    /// <summary>Sections, custom ones included: 10,000.</summary>
    public int MaxSections { get; init; } = 10_000;

    /// <summary>Parameters of a function type, and results: 1,000 each.</summary>
    public int MaxParameters { get; init; } = 1_000;

    /// <summary>Fields of a struct: 10,000.</summary>
    public int MaxStructFields { get; init; } = 10_000;

    /// <summary>Parameters, results and fields of all types together: 4,000,000.</summary>
    public int MaxTypeParts { get; init; } = 4_000_000;

    /// <summary>Types above a subtype: 63.</summary>
    public int MaxSubtypingDepth { get; init; } = 63;

    /// <summary>Locals of a function, parameters included: 50,000.</summary>
    public int MaxLocals { get; init; } = 50_000;

    /// <summary>
    /// The greatest length of a function's body in bytes: 2,000,000. A function is compiled in one piece, which takes up to 1 KB of memory and
    /// 3 µs a byte.
    /// </summary>
    public int MaxFunctionBytes { get; init; } = 2_000_000;

    /// <summary>Blocks inside blocks in a function: 10,000.</summary>
    public int MaxNestingDepth { get; init; } = 10_000;

    /// <summary>Targets of a <c>br_table</c>: 65,520.</summary>
    public int MaxBranchTargets { get; init; } = 65_520;

    /// <summary>The greatest length of a name in bytes: 100,000.</summary>
    public int MaxNameBytes { get; init; } = 100_000;
}
