using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Composition;

/// <summary>Copies instructions of a part and writes other indices into them. What names nothing is copied as it is.</summary>
/// <param name="part">The part.</param>
/// <param name="target">Where they go.</param>
/// <param name="map">The index to write for an index of the part; that of the composed module if null.</param>
internal sealed class InstructionRewriter(Part part, BinaryBuffer target, Func<IndexSpace, int, int>? map = null)
{
    private const uint NamesMemory = 0x40;
    private const byte EmptyBlock = 0x40;

    /// <summary>Where the bytes begin that are to be copied as they are.</summary>
    private int _copyFrom;

    /// <summary>The functions that <c>ref.func</c> names, as they are written.</summary>
    public HashSet<int> ReferredFunctions { get; } = [];

    /// <summary>Copies whole instructions.</summary>
    /// <param name="range">Where they lie in the file.</param>
    public void Rewrite(Range range)
    {
        var c = part.Cursor(range);
        _copyFrom = c.Position;
        Rewrite(ref c);
    }

    /// <summary>Copies the body of a function, locals first.</summary>
    public void RewriteBody(FunctionDescription function)
    {
        var c = part.Cursor(function.BodyOffset..(function.BodyOffset + function.BodySize));
        var groups = c.U32();
        target.U32(groups);
        for (var i = 0; i < groups; i++)
        {
            target.U32(c.U32());
            target.Bytes(Op.Storage(Type(TypeReader.ValueType(ref c, part.TypeContext))));
        }
        _copyFrom = c.Position;
        Rewrite(ref c);
    }

    private void Rewrite(ref BinaryCursor c)
    {
        while (!c.AtEnd)
        {
            foreach (var immediate in CodeWalker.Opcode(ref c).Immediates)
            {
                var before = c.Position;
                if (!TryWrite(ref c, immediate, before)) CodeWalker.Plain(ref c, immediate);
            }
        }
        Copy(c.Position);
    }

    /// <summary>Writes an immediate that names something; false if it is none.</summary>
    private bool TryWrite(ref BinaryCursor c, Immediate immediate, int at)
    {
        if (SpaceOf(immediate) is { } space)
        {
            Copy(at);
            var index = Index(space, (int)c.U32());
            if (immediate == Immediate.FunctionReference) ReferredFunctions.Add(index);
            target.U32((uint)index);
        }
        else
        {
            switch (immediate)
            {
                case Immediate.BlockType: Block(ref c, at); break;
                case Immediate.MemoryArgument: MemoryArgument(ref c, at); break;
                case Immediate.Heap: Heap(ref c, at); break;
                case Immediate.ValueTypes: ValueTypes(ref c, at); break;
                case Immediate.Catches: Catches(ref c, at); break;
                default: return false;
            }
        }
        _copyFrom = c.Position;
        return true;
    }

    private static IndexSpace? SpaceOf(Immediate immediate) => immediate switch
    {
        Immediate.Function or Immediate.FunctionReference => IndexSpace.Function,
        Immediate.Type or Immediate.AllocatedType => IndexSpace.Type,
        Immediate.Table or Immediate.WrittenTable => IndexSpace.Table,
        Immediate.Global or Immediate.WrittenGlobal => IndexSpace.Global,
        Immediate.Memory => IndexSpace.Memory,
        Immediate.Data or Immediate.DroppedData => IndexSpace.Data,
        Immediate.Element or Immediate.DroppedElement => IndexSpace.Element,
        Immediate.Tag => IndexSpace.Tag,
        _ => null,
    };

    private void Block(ref BinaryCursor c, int at)
    {
        Copy(at);
        var code = c.Peek();
        if (code == EmptyBlock) target.Byte(c.Byte());
        else if ((code & 0xc0) == 0x40) target.Bytes(Op.Storage(Type(TypeReader.ValueType(ref c, part.TypeContext))));
        else target.S33(Index(IndexSpace.Type, (int)c.S33()));
    }

    private void MemoryArgument(ref BinaryCursor c, int at)
    {
        Copy(at);
        var align = c.U32();
        var memory = Index(IndexSpace.Memory, (align & NamesMemory) != 0 ? (int)c.U32() : 0);
        align &= ~NamesMemory;
        if (memory == 0) target.U32(align);
        else target.U32(align | NamesMemory).U32((uint)memory);
        target.U64(c.U64());
    }

    private void Heap(ref BinaryCursor c, int at)
    {
        Copy(at);
        Op.Heap(target, Type(new WasmValueType(WasmValueKind.Reference, true, TypeReader.HeapType(ref c, part.TypeContext))).Heap);
    }

    private void ValueTypes(ref BinaryCursor c, int at)
    {
        Copy(at);
        var count = c.U32();
        target.U32(count);
        for (var i = 0; i < count; i++) target.Bytes(Op.Storage(Type(TypeReader.ValueType(ref c, part.TypeContext))));
    }

    private void Catches(ref BinaryCursor c, int at)
    {
        const int namesTag = 2;
        Copy(at);
        var count = c.U32();
        target.U32(count);
        for (var i = 0; i < count; i++)
        {
            var kind = c.Byte();
            target.Byte(kind);
            if (kind < namesTag) target.U32((uint)Index(IndexSpace.Tag, (int)c.U32()));
            target.U32(c.U32());
        }
    }

    private int Index(IndexSpace space, int index) => map is null ? part.Map(space)[index] : map(space, index);

    private WasmValueType Type(WasmValueType type) => type.Heap.Kind == HeapKind.Concrete
        ? type with { Heap = type.Heap with { TypeIndex = Index(IndexSpace.Type, type.Heap.TypeIndex) } }
        : type;

    private void Copy(int to) => target.Bytes(part.Wasm.Span[_copyFrom..to]);
}
