namespace AkkaWasm.Wasm.Binary;

/// <summary>A module while it is being read: what the sections so far said.</summary>
internal sealed class ModuleDraft(string reservedPrefix)
{
    public string ReservedPrefix { get; } = reservedPrefix;

    public List<TypeDefinition> Types { get; } = [];

    /// <summary>How many types may be named at this point: all before and the whole of the current recursion group.</summary>
    public int KnownTypes { get; set; }

    public List<RecursionGroup> RecursionGroups { get; } = [];

    public List<int> SubtypingDepths { get; } = [];

    public int TypeParts { get; set; }

    public List<ImportDescription> Imports { get; } = [];

    public List<FunctionDescription> Functions { get; } = [];

    public int ImportedFunctions { get; set; }

    public List<TableDescription> Tables { get; } = [];

    public List<MemoryDescription> Memories { get; } = [];

    public List<GlobalDescription> Globals { get; } = [];

    public List<TagDescription> Tags { get; } = [];

    public List<ExportDescription> Exports { get; } = [];

    public int? StartFunction { get; set; }

    public List<ElementSegment> Elements { get; } = [];

    public long SegmentElements { get; set; }

    /// <summary>Those of them that instances compute instead of copying.</summary>
    public long ComputedElements { get; set; }

    public List<SegmentLayout> ElementLayouts { get; } = [];

    public List<DataSegment> Data { get; } = [];

    public List<SegmentLayout> DataLayouts { get; } = [];

    public int? DataCount { get; set; }

    public bool HasCode { get; set; }

    public List<SectionDescription> Sections { get; } = [];

    public WasmFeatures Features { get; set; }

    public NameSection Names { get; } = new();

    /// <summary>What each global, table and element segment holds at first, where it can hold references.</summary>
    public Dictionary<int, InitialValue> GlobalValues { get; } = [];

    public Dictionary<int, InitialValue> TableValues { get; } = [];

    public Dictionary<int, InitialValue> ElementValues { get; } = [];

    /// <summary>Where the initial values of the globals that the module defines lie in the file, <c>end</c> included, by index.</summary>
    public Dictionary<int, Range> GlobalLayouts { get; } = [];

    /// <summary>Where those of the tables that have one lie.</summary>
    public Dictionary<int, Range> TableLayouts { get; } = [];

    /// <summary>The parts that the module says it was composed of.</summary>
    public IReadOnlyList<ModulePartDescription> Parts { get; set; } = [];

    public SortedSet<int> ReferenceableFunctions { get; } = [];

    public HashSet<int> WrittenGlobals { get; } = [];

    public HashSet<int> WrittenTables { get; } = [];

    public HashSet<int> DroppedData { get; } = [];

    public HashSet<int> DroppedElements { get; } = [];

    /// <summary>Whether active segments are applied later than by instantiation; see <see cref="ModuleDescription.DefersSegments"/>.</summary>
    public bool DefersSegments => ImportsWhatSegmentsWrite && (Elements.Exists(e => e.Mode == SegmentMode.Active) || Data.Exists(d => d.Mode == SegmentMode.Active));

    /// <summary>Whether a memory or a table is imported.</summary>
    public bool ImportsWhatSegmentsWrite => Imports.Exists(i => i.Kind is ExternalKind.Memory or ExternalKind.Table);

    public int CountOf(ExternalKind kind) => kind switch
    {
        ExternalKind.Function => Functions.Count,
        ExternalKind.Table => Tables.Count,
        ExternalKind.Memory => Memories.Count,
        ExternalKind.Global => Globals.Count,
        _ => Tags.Count,
    };
}
