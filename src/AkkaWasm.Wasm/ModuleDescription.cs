namespace AkkaWasm.Wasm;

/// <summary>
/// Everything the reader learns of a core module before the engine sees it. Immutable.
/// Lists are in index order, imports first, as the specification numbers them.
/// </summary>
public sealed record ModuleDescription
{
    /// <summary>Export names that begin so are kept for the host; a module that has one is refused.</summary>
    public const string ReservedExportPrefix = "$akkawasm.";

    /// <summary>The file the module came from, for messages.</summary>
    public required string File { get; init; }

    /// <summary>The length of the binary in bytes.</summary>
    public required int SizeBytes { get; init; }

    /// <summary>What the module is for.</summary>
    public required ModuleKind Kind { get; init; }

    /// <summary>What the module uses beyond WebAssembly 1.0.</summary>
    public required WasmFeatures Features { get; init; }

    /// <summary>What of its state is saved.</summary>
    public required StateReport State { get; init; }

    /// <summary>The module's own name in the <c>name</c> section, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The types of the type section.</summary>
    public required IReadOnlyList<TypeDefinition> Types { get; init; }

    /// <summary>The recursion groups of the type section; a type outside any <c>rec</c> is a group of one.</summary>
    public required IReadOnlyList<RecursionGroup> RecursionGroups { get; init; }

    /// <summary>The imports in file order.</summary>
    public required IReadOnlyList<ImportDescription> Imports { get; init; }

    /// <summary>All functions.</summary>
    public required IReadOnlyList<FunctionDescription> Functions { get; init; }

    /// <summary>All tables.</summary>
    public required IReadOnlyList<TableDescription> Tables { get; init; }

    /// <summary>All memories.</summary>
    public required IReadOnlyList<MemoryDescription> Memories { get; init; }

    /// <summary>All globals.</summary>
    public required IReadOnlyList<GlobalDescription> Globals { get; init; }

    /// <summary>All exception tags.</summary>
    public required IReadOnlyList<TagDescription> Tags { get; init; }

    /// <summary>The exports in file order.</summary>
    public required IReadOnlyList<ExportDescription> Exports { get; init; }

    /// <summary>The function that runs at instantiation, or null.</summary>
    public int? StartFunction { get; init; }

    /// <summary>All element segments.</summary>
    public required IReadOnlyList<ElementSegment> Elements { get; init; }

    /// <summary>All data segments.</summary>
    public required IReadOnlyList<DataSegment> Data { get; init; }

    /// <summary>
    /// The parts that it was composed of, in the order in which they are instantiated; empty for a module that is no composition. It is what the module
    /// says of itself.
    /// </summary>
    public IReadOnlyList<ModulePartDescription> Parts { get; init; } = [];

    /// <summary>Names of types in the <c>name</c> section, by index.</summary>
    internal IReadOnlyDictionary<int, string> TypeNames { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<int, string>.Empty;

    /// <summary>Names of globals in the <c>name</c> section, by index.</summary>
    internal IReadOnlyDictionary<int, string> GlobalNames { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<int, string>.Empty;

    /// <summary>Where the element segments lie in the file.</summary>
    internal IReadOnlyList<Binary.SegmentLayout> ElementLayouts { get; init; } = [];

    /// <summary>Where the data segments lie in the file.</summary>
    internal IReadOnlyList<Binary.SegmentLayout> DataLayouts { get; init; } = [];

    /// <summary>Where the initial values of defined globals lie in the file, <c>end</c> included, by index.</summary>
    internal IReadOnlyDictionary<int, Range> GlobalLayouts { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<int, Range>.Empty;

    /// <summary>Where those of tables lie.</summary>
    internal IReadOnlyDictionary<int, Range> TableLayouts { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<int, Range>.Empty;

    /// <summary>
    /// Whether the active segments are applied by a call of their own instead of by instantiation. They are where the module imports what they write
    /// to: then even an instance whose segments fail has done something, can be referred to by others, and must exist.
    /// </summary>
    internal bool DefersSegments { get; init; }

    /// <summary>The sections in file order, custom ones included.</summary>
    public required IReadOnlyList<SectionDescription> Sections { get; init; }

    /// <summary>
    /// The functions that can become references, in rising order: those that an element segment, an initial value or
    /// an export names (code may refer to no others). Only these can stand in a table or a global.
    /// </summary>
    public required IReadOnlyList<int> ReferenceableFunctions { get; init; }

    /// <summary>Reads a module, as a binary or as text in UTF-8, without compiling it.</summary>
    /// <param name="wasmOrWat">The file's bytes.</param>
    /// <param name="file">Where they came from, for messages.</param>
    /// <param name="limits">How large it may be; the defaults if null.</param>
    /// <exception cref="ModuleRefusedException">It is damaged, no core module, or past a limit.</exception>
    public static ModuleDescription Read(ReadOnlyMemory<byte> wasmOrWat, string file, ModuleLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        limits ??= ModuleLimits.Default;
        return Binary.ModuleReader.Read(Interop.WatText.IsBinary(wasmOrWat.Span) ? wasmOrWat : Interop.WatText.ToBinary(wasmOrWat.Span, file, limits), file, limits);
    }

    /// <summary>The export of that name and kind, or null.</summary>
    public ExportDescription? FindExport(string name, ExternalKind kind) =>
        Exports.FirstOrDefault(e => e.Kind == kind && e.Name == name);

    /// <summary>The function type of the function at <paramref name="index"/>.</summary>
    public TypeDefinition FunctionType(int index) => Types[Functions[index].TypeIndex];

    /// <summary>
    /// What to call a function in a back-trace: its name in the <c>name</c> section, else an export's, else the
    /// import's as <c>module.name</c>, else <c>func[7]</c>. Any index is answered.
    /// </summary>
    public string FunctionName(int index)
    {
        if (index < 0 || index >= Functions.Count) return $"func[{index}]";
        var function = Functions[index];
        return function.Name
            ?? Exports.FirstOrDefault(e => e.Kind == ExternalKind.Function && e.Index == index)?.Name
            ?? (function.Import is { } import ? $"{import.Module}.{import.Name}" : $"func[{index}]");
    }

    /// <summary>The import that an item comes from, or null if the module defines it.</summary>
    internal ImportDescription? ImportOf(ExternalKind kind, int index) => kind switch
    {
        ExternalKind.Function => Functions[index].Import,
        ExternalKind.Table => Tables[index].Import,
        ExternalKind.Memory => Memories[index].Import,
        ExternalKind.Global => Globals[index].Import,
        _ => Tags[index].Import,
    };

    /// <summary>How many items of a kind there are, imported ones included.</summary>
    internal int CountOf(ExternalKind kind) => kind switch
    {
        ExternalKind.Function => Functions.Count,
        ExternalKind.Table => Tables.Count,
        ExternalKind.Memory => Memories.Count,
        ExternalKind.Global => Globals.Count,
        _ => Tags.Count,
    };

    /// <summary>Whether a reference to that refers to a function.</summary>
    internal bool IsFunction(HeapType heap) =>
        heap.Kind is HeapKind.Func or HeapKind.NoFunc || (heap.Kind == HeapKind.Concrete && Types[heap.TypeIndex].Kind == CompositeKind.Function);
}
