using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Objects that stand in fields that may not be null until what belongs there is made. Nothing refers to them once a heap is restored.
/// </summary>
internal sealed unsafe class Placeholders(StoreView store, TypeSpace types, ObjectWriter writer, List<NativeValue> roots)
{
    private const uint I31Zero = 1;

    private readonly Dictionary<HeapType, RawValue> _made = [];
    private Inhabitants? _inhabitants;

    /// <summary>A value for a field that may not be null.</summary>
    public RawValue For(FieldPlan field)
    {
        var heap = field.Type.Heap;
        if (_made.TryGetValue(heap, out var known)) return known;
        var made = field.Kind switch
        {
            FieldKind.Function => Function(heap),
            FieldKind.Exception => Exception(),
            _ => heap.Kind switch
            {
                HeapKind.Struct => Other(HelperNames.AnyStruct),
                HeapKind.Array => Other(HelperNames.AnyArray),
                HeapKind.Concrete => Object(heap.TypeIndex),
                _ => new RawValue { Low = I31Zero },
            },
        };
        _made[heap] = made;
        return made;
    }

    private RawValue Other(string export)
    {
        var helper = writer.Writer(0);
        var make = helper.Find(export);
        RawValue value;
        return new RawValue { Low = helper.Make(ref make, &value, 0) };
    }

    private RawValue Function(HeapType heap)
    {
        var type = heap.Kind == HeapKind.Concrete ? types.Types[heap.TypeIndex] : null;
        var function = type is null ? writer.Writer(0).Find(HelperNames.AnyFunction) : writer.WriterOf(type).Find(HelperNames.Function(type.Index));
        return new RawValue { Low = (ulong)LibWasmtime.wasmtime_func_to_raw(store.Context, &function) };
    }

    private RawValue Exception()
    {
        var helper = writer.Writer(0);
        var make = helper.Find(HelperNames.AnyException);
        RawValue value;
        helper.Call(ref make, &value, 1);
        roots.Add(NativeReferences.Rooted(store.Context, NativeValueKind.ExnRef, (uint)value.Low));
        return new RawValue { Low = (uint)value.Low };
    }

    /// <summary>Makes an object of a type from those below it, without recursion since types may be nested deeply.</summary>
    private RawValue Object(int wanted)
    {
        _inhabitants ??= new Inhabitants(types);
        var open = new Stack<int>([wanted]);
        while (open.TryPeek(out var number))
        {
            var type = _inhabitants.For(number) ?? throw HeapGraph.Misfit($"there can be no object of type {types.Types[number].Index}");
            var missing = _inhabitants.Needs(type).FirstOrDefault(n => !_made.ContainsKey(new HeapType(HeapKind.Concrete, n)), -1);
            if (missing >= 0)
            {
                open.Push(missing);
                continue;
            }
            open.Pop();
            Prepare(type);
            var values = new Values(this);
            _made[new HeapType(HeapKind.Concrete, number)] = new RawValue
            {
                Low = type.Kind == CompositeKind.Array ? writer.NewEmptyArray(type) : writer.NewStruct(type, ref values),
            };
        }
        return _made[new HeapType(HeapKind.Concrete, wanted)];
    }

    /// <summary>Makes what all fields of a struct need. To be done before the arguments of a call are put together, for it makes calls itself.</summary>
    public void Prepare(CanonicalType type)
    {
        foreach (var field in type.Checked)
        {
            if (!field.Type.Nullable) For(field);
        }
    }

    /// <summary>Zeros, nulls, and placeholders where null may not be.</summary>
    private readonly struct Values(Placeholders all) : IFieldValues
    {
        public RawValue ValueOf(FieldPlan field) =>
            field.Kind == FieldKind.Number || field.Type.Nullable ? default : all.For(field);
    }
}
