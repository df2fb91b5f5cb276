using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Composition;

/// <summary>
/// The types of all parts under one numbering, equal ones under one number, and when one is a subtype of another (specification, Validation, Types and
/// Matching). Making it numbers the types of the parts.
/// </summary>
internal sealed class TypeTable
{
    private readonly List<TypeDefinition> _types = [];
    private readonly Dictionary<string, int> _groups = [];
    private readonly BinaryBuffer _section = new();
    private readonly List<int> _groupSizes = [];

    public TypeTable(IReadOnlyList<Part> parts)
    {
        foreach (var part in parts)
        {
            part.SetMap(IndexSpace.Type, new int[part.Description.Types.Count]);
            foreach (var group in part.Description.RecursionGroups.Where(g => g.Count > 0)) Add(part, group);
        }
    }

    /// <summary>The types; indices in them are those of the composed module.</summary>
    public IReadOnlyList<TypeDefinition> Types => _types;

    /// <summary>The number of the type <c>() -> ()</c>, which is added if no part has it.</summary>
    public int NothingToNothing()
    {
        var known = _types.FindIndex(t => t is { Kind: CompositeKind.Function, IsFinal: true, Supertypes.Count: 0, Parameters.Count: 0, Results.Count: 0 } && _groupSizes[t.RecursionGroup] == 1);
        if (known >= 0) return known;
        _types.Add(new TypeDefinition { Index = _types.Count, RecursionGroup = _groupSizes.Count, Kind = CompositeKind.Function });
        _section.Byte(Op.FunctionType).U32(0).U32(0);
        _groupSizes.Add(1);
        return _types.Count - 1;
    }

    /// <summary>The content of the type section; empty without types.</summary>
    public ReadOnlyMemory<byte> Section() =>
        _groupSizes.Count == 0 ? default : new BinaryBuffer().U32((uint)_groupSizes.Count).Bytes(_section.Written.Span).Written;

    /// <summary>Whether a type, by its number, is the other or declared as its subtype.</summary>
    public bool IsSubtype(int type, int super)
    {
        for (var at = type; ; at = _types[at].Supertypes[0])
        {
            if (at == super) return true;
            if (_types[at].Supertypes.Count == 0) return false;
        }
    }

    /// <summary>Whether values of the one type are values of the other; type indices are numbers here.</summary>
    public bool IsSubtype(WasmValueType type, WasmValueType super)
    {
        if (!type.IsReference || !super.IsReference) return type.Kind == super.Kind;
        return (super.Nullable || !type.Nullable) && IsSubtype(type.Heap, super.Heap);
    }

    private bool IsSubtype(HeapType heap, HeapType super)
    {
        if (heap == super) return true;
        if (heap.Kind == HeapKind.Concrete && super.Kind == HeapKind.Concrete) return IsSubtype(heap.TypeIndex, super.TypeIndex);
        return AbstractAbove(heap).Contains(super.Kind) || (super.Kind == HeapKind.Concrete && heap.Kind == BottomOf(_types[super.TypeIndex].Kind));
    }

    /// <summary>The abstract heap types above one.</summary>
    private HeapKind[] AbstractAbove(HeapType heap) => heap.Kind switch
    {
        HeapKind.NoFunc => [HeapKind.Func],
        HeapKind.NoExtern => [HeapKind.Extern],
        HeapKind.NoExn => [HeapKind.Exn],
        HeapKind.NoAny => [HeapKind.I31, HeapKind.Struct, HeapKind.Array, HeapKind.Eq, HeapKind.Any],
        HeapKind.I31 or HeapKind.Struct or HeapKind.Array => [HeapKind.Eq, HeapKind.Any],
        HeapKind.Eq => [HeapKind.Any],
        HeapKind.Concrete => _types[heap.TypeIndex].Kind switch
        {
            CompositeKind.Function => [HeapKind.Func],
            CompositeKind.Struct => [HeapKind.Struct, HeapKind.Eq, HeapKind.Any],
            _ => [HeapKind.Array, HeapKind.Eq, HeapKind.Any],
        },
        _ => [],
    };

    private static HeapKind BottomOf(CompositeKind kind) => kind == CompositeKind.Function ? HeapKind.NoFunc : HeapKind.NoAny;

    private void Add(Part part, RecursionGroup group)
    {
        var (module, numbers) = (part.Description, part.Map(IndexSpace.Type));
        var key = RecursionGroupKey.Of(module, group, numbers);
        var isNew = _groups.TryAdd(key, _types.Count);
        for (var i = 0; i < group.Count; i++) numbers[group.FirstType + i] = _groups[key] + i;
        if (!isNew) return;
        if (group.Count > 1) _section.Byte(Op.RecursionGroup).U32((uint)group.Count);
        for (var i = 0; i < group.Count; i++)
        {
            var type = Mapped(part, module.Types[group.FirstType + i]) with { Index = _types.Count, RecursionGroup = _groupSizes.Count };
            _types.Add(type);
            Write(type);
        }
        _groupSizes.Add(group.Count);
    }

    private static TypeDefinition Mapped(Part part, TypeDefinition type) => type with
    {
        Supertypes = [.. type.Supertypes.Select(s => part.Map(IndexSpace.Type)[s])],
        Parameters = [.. type.Parameters.Select(part.Map)],
        Results = [.. type.Results.Select(part.Map)],
        Fields = [.. type.Fields.Select(f => f with { Storage = part.Map(f.Storage) })],
    };

    private void Write(TypeDefinition type)
    {
        if (!type.IsFinal || type.Supertypes.Count > 0)
        {
            _section.Byte(type.IsFinal ? Op.FinalSubtype : Op.OpenSubtype).U32((uint)type.Supertypes.Count);
            foreach (var super in type.Supertypes) _section.U32((uint)super);
        }
        switch (type.Kind)
        {
            case CompositeKind.Function:
                _section.Byte(Op.FunctionType);
                Write(type.Parameters);
                Write(type.Results);
                break;
            case CompositeKind.Struct:
                _section.Byte(Op.StructType).U32((uint)type.Fields.Count);
                foreach (var field in type.Fields) _section.Bytes(Op.Field(field));
                break;
            default:
                _section.Byte(Op.ArrayType).Bytes(Op.Field(type.Fields[0]));
                break;
        }
    }

    private void Write(IReadOnlyList<WasmValueType> values)
    {
        _section.U32((uint)values.Count);
        foreach (var value in values) _section.Bytes(Op.Storage(value));
    }
}
