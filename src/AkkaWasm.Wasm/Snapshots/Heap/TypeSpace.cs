using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>The types of all instances of a store under one numbering, equal ones under one number.</summary>
internal sealed class TypeSpace
{
    private readonly List<CanonicalType> _types = [];
    private readonly List<(int Instance, TypeDefinition Definition)> _sources = [];
    private readonly List<int[]> _numbers = [];
    private readonly Dictionary<string, int> _groups = [];

    private TypeSpace()
    {
    }

    public IReadOnlyList<CanonicalType> Types => _types;

    /// <param name="modules">The module of each instance, in order.</param>
    public static TypeSpace Of(IReadOnlyList<ModuleDescription> modules)
    {
        var space = new TypeSpace();
        var known = new Dictionary<ModuleDescription, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < modules.Count; i++)
        {
            if (known.TryGetValue(modules[i], out var same))
            {
                space._numbers.Add(space._numbers[same]);
                continue;
            }
            known.Add(modules[i], i);
            space.Add(i, modules[i]);
        }
        return space;
    }

    public CanonicalType TypeOf(int instance, int index) => _types[_numbers[instance][index]];

    /// <summary>How many types the instance's module has.</summary>
    public int CountOf(int instance) => _numbers[instance].Length;

    /// <summary>The type with its type index replaced by the number here.</summary>
    public WasmValueType Canonical(int instance, WasmValueType type) =>
        type.Heap.Kind == HeapKind.Concrete ? type with { Heap = new HeapType(HeapKind.Concrete, _numbers[instance][type.Heap.TypeIndex]) } : type;

    public bool IsSubtype(CanonicalType type, int super)
    {
        for (var at = type; at is not null; at = at.Super)
        {
            if (at.Number == super) return true;
        }
        return false;
    }

    /// <summary>How values of a type are kept whose concrete heap type is a number here.</summary>
    public FieldKind KindOf(WasmValueType type) =>
        KindOf(type, type.Heap.Kind == HeapKind.Concrete && _sources[type.Heap.TypeIndex].Definition.Kind == CompositeKind.Function);

    /// <summary>How values of a type are kept whose concrete heap type is an index of a module's.</summary>
    public static FieldKind KindOf(WasmValueType type, IReadOnlyList<TypeDefinition> module) =>
        KindOf(type, type.Heap.Kind == HeapKind.Concrete && module[type.Heap.TypeIndex].Kind == CompositeKind.Function);

    private static FieldKind KindOf(WasmValueType type, bool isFunctionType) => !type.IsReference ? FieldKind.Number : type.Heap.Kind switch
    {
        HeapKind.Func or HeapKind.NoFunc => FieldKind.Function,
        HeapKind.Exn or HeapKind.NoExn => FieldKind.Exception,
        HeapKind.Concrete when isFunctionType => FieldKind.Function,
        _ => FieldKind.Any,
    };

    private void Add(int instance, ModuleDescription module)
    {
        var numbers = new int[module.Types.Count];
        _numbers.Add(numbers);
        foreach (var group in module.RecursionGroups)
        {
            if (group.Count == 0) continue;
            var key = RecursionGroupKey.Of(module, group, numbers);
            if (!_groups.TryGetValue(key, out var first))
            {
                first = _sources.Count;
                _groups.Add(key, first);
                for (var i = 0; i < group.Count; i++) _sources.Add((instance, module.Types[group.FirstType + i]));
            }
            for (var i = 0; i < group.Count; i++) numbers[group.FirstType + i] = first + i;
            for (var i = _types.Count; i < _sources.Count; i++) _types.Add(Make(i));
        }
    }

    private CanonicalType Make(int number)
    {
        var (instance, definition) = _sources[number];
        var numbers = _numbers[instance];
        var super = definition.Supertypes.Count == 0 ? null : _types[numbers[definition.Supertypes[0]]];
        var fields = new FieldPlan[definition.Fields.Count];
        var offset = definition.Kind == CompositeKind.Array ? HeapLayout.ArrayHeaderBytes : HeapLayout.HeaderBytes;
        var image = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            var type = Canonical(instance, definition.Fields[i].Storage);
            var bytes = BytesOf(type.Kind);
            offset = (offset + bytes - 1) & -bytes;
            fields[i] = new FieldPlan(type, KindOf(type), definition.Fields[i].IsMutable, bytes, image, offset);
            offset += bytes;
            image += bytes;
        }
        var references = fields.Where(f => f.Kind is FieldKind.Any or FieldKind.Exception).ToArray();
        return new CanonicalType
        {
            Number = number, Instance = instance, Index = definition.Index, Kind = definition.Kind, Super = super, Depth = super is null ? 0 : super.Depth + 1,
            Fields = fields, References = references, Checked = [.. fields.Where(f => f.Kind != FieldKind.Number)],
            Prerequisites = [.. references.Where(f => !f.IsMutable)],
            HasMutableFields = Array.Exists(fields, f => f.IsMutable), ImageBytes = image, HeapBytes = offset,
        };
    }

    /// <summary>What a field of that storage type takes in an image and in the heap.</summary>
    public static int BytesOf(WasmValueKind kind) => kind switch
    {
        WasmValueKind.I8 => 1,
        WasmValueKind.I16 => 2,
        WasmValueKind.I64 or WasmValueKind.F64 => 8,
        WasmValueKind.V128 => 16,
        _ => 4,
    };
}
