using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Composition;

/// <summary>What indices in a binary count.</summary>
internal enum IndexSpace : byte
{
    Function = ExternalKind.Function,
    Table = ExternalKind.Table,
    Memory = ExternalKind.Memory,
    Global = ExternalKind.Global,
    Tag = ExternalKind.Tag,
    Type,
    Element,
    Data,
}

/// <summary>A module that is being composed, and for each of its indices the one of the composed module.</summary>
internal sealed class Part
{
    private static readonly int Spaces = Enum.GetValues<IndexSpace>().Length;

    private readonly int[][] _maps = new int[Spaces][];
    private readonly ModuleLimits _limits;

    public Part(ModulePart source, ReadOnlyMemory<byte> wasm, ModuleDescription description, ModulePartDescription summary, ModuleLimits limits)
    {
        Source = source;
        Wasm = wasm;
        Description = description;
        Summary = summary;
        _limits = limits;
        TypeContext = new ModuleDraft(ModuleDescription.ReservedExportPrefix) { KnownTypes = description.Types.Count };
        TypeContext.Types.AddRange(description.Types);
    }

    public ModulePart Source { get; }

    public string Name => Source.Name;

    public ReadOnlyMemory<byte> Wasm { get; }

    public ModuleDescription Description { get; }

    public ModulePartDescription Summary { get; }

    /// <summary>Its place in the order of instantiation.</summary>
    public int Number { get; set; }

    /// <summary>What types are read against.</summary>
    public ModuleDraft TypeContext { get; }

    /// <summary>The name of the part that serves imports from a module name, if there is a part of that name.</summary>
    public string ServerOf(string module) => Source.Links.GetValueOrDefault(module, module);

    public int[] Map(IndexSpace space) => _maps[(int)space];

    public void SetMap(IndexSpace space, int[] map) => _maps[(int)space] = map;

    /// <summary>A type of this part as a type of the composed module.</summary>
    public WasmValueType Map(WasmValueType type) => type with { Heap = Map(type.Heap) };

    public HeapType Map(HeapType heap) => heap.Kind == HeapKind.Concrete ? heap with { TypeIndex = Map(IndexSpace.Type)[heap.TypeIndex] } : heap;

    /// <summary>A cursor that reads a range of the file.</summary>
    public BinaryCursor Cursor(Range range)
    {
        var (offset, length) = range.GetOffsetAndLength(Wasm.Length);
        var cursor = new BinaryCursor(Wasm.Span, Description.File, _limits);
        cursor.Skip((uint)offset);
        cursor.Confine((uint)length, "the range");
        return cursor;
    }

    public ModuleRefusedException Refusal(string reason) => new(Description.File, $"part '{Name}': {reason}");
}
