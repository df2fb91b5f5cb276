namespace AkkaWasm.Wasm.Weaving;

/// <summary>
/// Adds, for each passive segment that code can drop, a function that traps exactly if it was dropped and one that drops it.
/// The probe copies 0 elements from source offset 1: out of bounds of a dropped segment, which has length 0, in bounds of
/// any other, and it writes nothing.
/// </summary>
internal sealed class SegmentWeaver(ModuleDescription module)
{
    private const byte FunctionType = 0x60;
    private const byte NullableReference = 0x63;
    private const byte End = 0x0b;
    private const byte I32Const = 0x41;
    private const byte I64Const = 0x42;
    private const byte Misc = 0xfc;
    private const byte MemoryInit = 8;
    private const byte DataDrop = 9;
    private const byte TableInit = 12;
    private const byte ElementDrop = 13;
    private const byte MaximumPresent = 1;
    private readonly Dictionary<HeapType, int> _privateTables = [];
    private int? _privateMemory;

    public Addition Types { get; } = new();

    public Addition Functions { get; } = new();

    public Addition Tables { get; } = new();

    public Addition Memories { get; } = new();

    public Addition Bodies { get; } = new();

    public List<(string Name, int Function)> Exports { get; } = [];

    public List<SegmentProbe> DataProbes { get; } = [];

    public List<SegmentProbe> ElementProbes { get; } = [];

    public void Weave()
    {
        if (module.State.DroppableData.Count + module.State.DroppableElements.Count == 0) return;
        Types.Add().Byte(FunctionType).U32(0).U32(0);
        foreach (var index in module.State.DroppableData) Data(index);
        foreach (var index in module.State.DroppableElements) Element(index);
    }

    private void Data(int index)
    {
        var memory = module.Memories.Count > 0 ? 0 : _privateMemory ??= PrivateMemory();
        var is64 = module.Memories.Count > 0 && module.Memories[0].Is64;
        var probe = Init(is64, MemoryInit, index, memory);
        DataProbes.Add(Pair("data", index, probe, DataDrop));
    }

    private void Element(int index)
    {
        var (table, is64) = TableFor(module.Elements[index].ElementType.Heap);
        var probe = Init(is64, TableInit, index, table);
        ElementProbes.Add(Pair("elem", index, probe, ElementDrop));
    }

    private SegmentProbe Pair(string segment, int index, BinaryBuffer probe, byte drop)
    {
        var pair = new SegmentProbe(index, ReservedNames.Probe(segment, index), ReservedNames.Drop(segment, index));
        Function(pair.ProbeExport, probe);
        Function(pair.DropExport, new BinaryBuffer().Byte(Misc).U32(drop).U32((uint)index));
        return pair;
    }

    private static BinaryBuffer Init(bool is64, byte instruction, int segment, int target) => new BinaryBuffer()
        .Byte(is64 ? I64Const : I32Const).Byte(0)
        .Byte(I32Const).Byte(1)
        .Byte(I32Const).Byte(0)
        .Byte(Misc).U32(instruction).U32((uint)segment).U32((uint)target);

    private void Function(string export, BinaryBuffer instructions)
    {
        Exports.Add((export, module.Functions.Count + Functions.Count));
        Functions.Add().U32((uint)module.Types.Count);
        const int localsAndEnd = 2;
        Bodies.Add().U32((uint)(instructions.Length + localsAndEnd)).U32(0).Bytes(instructions.Written.Span).Byte(End);
    }

    /// <summary>A table that takes the segment's references: one of the guest's, or an empty private one.</summary>
    private (int Index, bool Is64) TableFor(HeapType heap)
    {
        var own = module.Tables.FirstOrDefault(t => t.ElementType.Nullable && t.ElementType.Heap == heap);
        if (own is not null) return (own.Index, own.Is64);
        if (!_privateTables.TryGetValue(heap, out var index))
        {
            index = _privateTables[heap] = module.Tables.Count + Tables.Count;
            var table = Tables.Add().Byte(NullableReference);
            WriteHeap(table, heap).Byte(MaximumPresent).U32(0).U32(0);
        }
        return (index, false);
    }

    private static BinaryBuffer WriteHeap(BinaryBuffer buffer, HeapType heap) =>
        heap.Kind == HeapKind.Concrete ? buffer.S33(heap.TypeIndex) : buffer.Byte(Binary.TypeReader.AbstractCode(heap.Kind));

    private int PrivateMemory()
    {
        Memories.Add().Byte(MaximumPresent).U32(0).U32(0);
        return 0;
    }
}
