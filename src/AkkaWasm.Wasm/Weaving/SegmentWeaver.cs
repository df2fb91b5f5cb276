using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Snapshots.Heap;

namespace AkkaWasm.Wasm.Weaving;

/// <summary>
/// Adds functions <c>() -> ()</c> for segments. For each that can be dropped: one that traps exactly if it was dropped, and one that drops it; the probe
/// copies 0 elements from source offset 1: out of bounds of a dropped segment, which has length 0, in bounds of any other, and it writes nothing.
/// For each that keeps objects: one that copies its references into a private table. For all that are deferred: one that applies them.
/// </summary>
internal sealed class SegmentWeaver(ModuleDescription module, ReadOnlyMemory<byte> wasm)
{
    private const byte FunctionType = 0x60;
    private const byte NullableReference = 0x63;
    private const byte MaximumPresent = 1;

    private readonly List<ElementSegment> _objectSegments = [.. ObjectSegmentsOf(module)];
    private readonly Dictionary<HeapType, int> _privateTables = [];
    private int? _privateMemory;

    public Addition Types { get; } = new();

    public Addition Functions { get; } = new();

    public Addition Tables { get; } = new();

    public Addition Memories { get; } = new();

    public Addition Bodies { get; } = new();

    /// <summary>Sections to be written in place of the module's own, by id.</summary>
    public Dictionary<byte, ReadOnlyMemory<byte>> Replaced { get; } = [];

    public List<(string Name, ExternalKind Kind, int Index)> Exports { get; } = [];

    public List<SegmentProbe> DataProbes { get; } = [];

    public List<SegmentProbe> ElementProbes { get; } = [];

    public List<SegmentContents> Contents { get; } = [];

    /// <exception cref="ModuleRefusedException">The offsets of deferred segments make a longer function than the engine takes.</exception>
    public void Weave()
    {
        if (module.State.DroppableData.Count + module.State.DroppableElements.Count + _objectSegments.Count == 0 && !module.DefersSegments) return;
        Types.Add().Byte(FunctionType).U32(0).U32(0);
        foreach (var index in module.State.DroppableData) Data(index);
        foreach (var index in module.State.DroppableElements) Element(index);
        foreach (var segment in _objectSegments) Load(segment);
        if (module.DefersSegments) Defer();
    }

    /// <summary>Segments of references to what has an identity or can change: their objects are made once, and live until the segment is dropped.</summary>
    private static IEnumerable<ElementSegment> ObjectSegmentsOf(ModuleDescription module) => module.Elements.Where(e =>
        e.Count > 0
        && (e.Mode == SegmentMode.Passive || (e.Mode == SegmentMode.Active && module.DefersSegments))
        && !module.IsFunction(e.ElementType.Heap)
        && e.ElementType.Heap.Kind is not (HeapKind.NoAny or HeapKind.NoExtern or HeapKind.NoExn or HeapKind.I31));

    private void Defer()
    {
        var deferred = new DeferredSegments(module, wasm);
        var instructions = deferred.Instructions();
        var limit = ModuleLimits.Default.MaxFunctionBytes;
        if (instructions.Length > limit)
        {
            throw new ModuleRefusedException(module.File,
                $"{instructions.Length} bytes of instructions to apply its active segments are more than the limit of {limit}; use fewer segments");
        }
        Function(ReservedNames.ApplySegments, instructions);
        foreach (var (id, content) in deferred.Sections()) Replaced.Add(id, content);
    }

    private void Data(int index)
    {
        var memory = module.Memories.Count > 0 ? 0 : _privateMemory ??= PrivateMemory();
        var is64 = module.Memories.Count > 0 && module.Memories[0].Is64;
        var probe = Init(is64, Opcodes.MemoryInit, index, memory);
        DataProbes.Add(Pair("data", index, probe, Opcodes.DataDrop));
    }

    private void Element(int index)
    {
        var heap = module.Elements[index].ElementType.Heap;
        var own = module.Tables.FirstOrDefault(t => t.ElementType.Nullable && t.ElementType.Heap == heap);
        var probe = Init(own?.Is64 ?? false, Opcodes.TableInit, index, own?.Index ?? PrivateTable(heap));
        ElementProbes.Add(Pair("elem", index, probe, Opcodes.ElementDrop));
    }

    private void Load(ElementSegment segment)
    {
        var table = PrivateTable(segment.ElementType.Heap);
        var contents = new SegmentContents(segment.Index, segment.Count, ReservedNames.Load(segment.Index), ReservedNames.PrivateTable(table));
        if (!Contents.Exists(c => c.TableExport == contents.TableExport)) Exports.Add((contents.TableExport, ExternalKind.Table, table));
        Contents.Add(contents);
        Function(contents.LoadExport, new BinaryBuffer()
            .I32Const(0).I32Const(0).I32Const(segment.Count).Misc(Opcodes.TableInit).U32((uint)segment.Index).U32((uint)table));
    }

    private SegmentProbe Pair(string segment, int index, BinaryBuffer probe, byte drop)
    {
        var pair = new SegmentProbe(index, ReservedNames.Probe(segment, index), ReservedNames.Drop(segment, index));
        Function(pair.ProbeExport, probe);
        Function(pair.DropExport, new BinaryBuffer().Misc(drop).U32((uint)index));
        return pair;
    }

    private static BinaryBuffer Init(bool is64, byte instruction, int segment, int target) => new BinaryBuffer()
        .AddressConst(is64, 0).I32Const(1).I32Const(0).Misc(instruction).U32((uint)segment).U32((uint)target);

    private void Function(string export, BinaryBuffer instructions)
    {
        Exports.Add((export, ExternalKind.Function, module.Functions.Count + Functions.Count));
        Functions.Add().U32((uint)module.Types.Count);
        const int localsAndEnd = 2;
        Bodies.Add().U32((uint)(instructions.Length + localsAndEnd)).U32(0).Bytes(instructions.Written.Span).Byte(Opcodes.End);
    }

    /// <summary>An empty table that takes references of that type; it has room for the longest segment whose objects are to be read by it.</summary>
    private int PrivateTable(HeapType heap)
    {
        if (_privateTables.TryGetValue(heap, out var index)) return index;
        index = _privateTables[heap] = module.Tables.Count + Tables.Count;
        var room = _objectSegments.Where(s => s.ElementType.Heap == heap).Select(s => s.Count).DefaultIfEmpty(0).Max();
        Op.Heap(Tables.Add().Byte(NullableReference), heap).Byte(MaximumPresent).U32(0).U32((uint)room);
        return index;
    }

    private int PrivateMemory()
    {
        Memories.Add().Byte(MaximumPresent).U32(0).U32(0);
        return 0;
    }
}
