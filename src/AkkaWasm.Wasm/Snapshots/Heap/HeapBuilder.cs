using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Makes the objects of a checked image. Until everything hangs together the helpers' slots and the roots kept here hold the new objects; so
/// collections in between take nothing away, and since nothing moves raw references stay good.
/// </summary>
internal sealed unsafe class HeapBuilder : IDisposable
{
    private readonly StoreView _store;
    private readonly HeapHelpers _helpers;
    private readonly HeapGraph _graph;
    private readonly nint[] _functions;
    private readonly uint[] _raws;
    private readonly ObjectWriter _writer;
    private readonly Placeholders _placeholders;
    private readonly List<NativeValue> _roots = [];
    private readonly List<int> _incomplete = [];
    private readonly bool _writesDirectly;
    private readonly StructBatches _batches;
    private FixedArrays? _fixedArrays;

    /// <param name="store">The store.</param>
    /// <param name="helpers">Its helpers.</param>
    /// <param name="graph">The objects.</param>
    /// <param name="functions">The functions by their codes less one, as calls take them.</param>
    /// <param name="raws">Raw references by object; those that are there already are set, the others 0.</param>
    /// <param name="writesDirectly">Whether elements of arrays are written where the arrays lie.</param>
    public HeapBuilder(StoreView store, HeapHelpers helpers, HeapGraph graph, nint[] functions, uint[] raws, bool writesDirectly)
    {
        _writesDirectly = writesDirectly;
        _store = store;
        _helpers = helpers;
        _graph = graph;
        _functions = functions;
        _raws = raws;
        _writer = new ObjectWriter(helpers);
        _batches = new StructBatches(graph, functions, raws, _writer);
        _placeholders = new Placeholders(store, helpers.Types, _writer, _roots);
    }

    /// <summary>The raw reference for a code.</summary>
    public uint RawOf(uint code) => ReferenceCode.IsObject(code) ? _batches.Settled(ReferenceCode.ObjectOf(code)) : code;

    /// <summary>Makes what is not there yet and sets the mutable fields of what is.</summary>
    public void Build(int[] order)
    {
        foreach (var id in order)
        {
            if (_raws[id] != 0) _incomplete.Add(id);
        }
        Prepare(order);
        foreach (var id in order)
        {
            if (_raws[id] == 0) _raws[id] = Make(id);
        }
        _batches.SettleAll();
        foreach (var id in _incomplete) Complete(id);
    }

    /// <summary>Lets go of the new objects: what is reachable stays.</summary>
    public void Dispose()
    {
        _writer.Clear();
        _batches.Release();
        _fixedArrays?.Clear();
        foreach (var root in _roots)
        {
            var value = root;
            LibWasmtime.wasmtime_val_unroot(&value);
        }
        _roots.Clear();
    }

    /// <summary>Tables of slots grow once, and where it is needed there is one module for all immutable arrays.</summary>
    private void Prepare(int[] order)
    {
        var slots = new int[_store.Instances.Count];
        var made = _graph.CountByType(_raws);
        for (var type = 0; type < made.Length; type++)
        {
            if (made[type] == 0 || _graph.DefinitionAt(type) is not CanonicalType { } definition) continue;
            if (IsBatched(definition, made[type])) _batches.Add(definition, _helpers.BatchOf(definition, made[type]));
            else slots[_helpers.WriterOf(definition)] += made[type];
        }
        for (var module = 0; module < slots.Length; module++)
        {
            if (slots[module] > 0) _writer.Writer(module).Prepare(slots[module]);
        }
        if (_writesDirectly || !_graph.HasImmutableArrays) return;
        var arrays = new List<int>();
        foreach (var id in order)
        {
            if (_raws[id] == 0 && _graph.DefinitionOf(id) is CanonicalType type && IsFixedArray(id, type)) arrays.Add(id);
        }
        if (arrays.Count > 0) _fixedArrays = new FixedArrays(_store, _helpers, _graph, arrays);
    }

    /// <summary>Not where instances and tables are few, as in a pool.</summary>
    private bool IsBatched(CanonicalType type, int made) =>
        _writesDirectly && made >= _store.LeastBatchedObjects && type.Kind == CompositeKind.Struct && BatchModule.ObjectsPerCall(type.Fields.Length) > 1;

    private bool IsFixedArray(int id, CanonicalType type) =>
        type is { Kind: CompositeKind.Array, Element.IsMutable: false }
        && _graph.LengthOf(id) > 0
        && !IsUniform(_graph.Elements(id, type), type.Element.Bytes);

    private uint Make(int id) => _graph.DefinitionOf(id) switch
    {
        CanonicalType { Kind: CompositeKind.Struct } type => MakeStruct(id, type),
        CanonicalType type => MakeArray(id, type),
        ExceptionTag tag => MakeException(id, tag),
        _ => MakeHostReference(id),
    };

    private uint MakeStruct(int id, CanonicalType type)
    {
        if (_batches.TryAdd(id, type, out var isComplete))
        {
            if (!isComplete) _incomplete.Add(id);
            return _raws[id];
        }
        var fields = _graph.Fields(id);
        if (type.Fields.Length <= HelperNames.FieldsPerCall && TryDecode(type.Fields, fields)) return _writer.NewStruct(type, _writer.Values);
        foreach (var field in type.References)
        {
            if (!IsMissing(MemoryMarshal.Read<uint>(fields[field.ImageOffset..]))) continue;
            _placeholders.Prepare(type);
            _incomplete.Add(id);
            break;
        }
        var values = new SavedFields(this, fields);
        return _writer.NewStruct(type, ref values);
    }

    /// <summary>The usual case, quickly: puts the values of all fields where the writer takes them from, unless an object is still to be made.</summary>
    private bool TryDecode(FieldPlan[] plans, ReadOnlySpan<byte> fields)
    {
        var values = _writer.Values.AsSpan(0, plans.Length);
        for (var i = 0; i < plans.Length; i++)
        {
            ref readonly var plan = ref plans[i];
            var saved = fields[plan.ImageOffset..];
            if (plan.Kind == FieldKind.Number)
            {
                values[i] = DecodeNumber(plan.Bytes, saved);
                continue;
            }
            var code = MemoryMarshal.Read<uint>(saved);
            if (plan.Kind == FieldKind.Function)
            {
                values[i].Low = code == 0 ? 0 : (ulong)_functions[code - 1];
                continue;
            }
            if (ReferenceCode.IsObject(code) && (code = _batches.Settled(ReferenceCode.ObjectOf(code))) == 0) return false;
            values[i].Low = code;
        }
        return true;
    }

    private uint MakeArray(int id, CanonicalType type)
    {
        var length = _graph.LengthOf(id);
        var element = type.Element;
        var elements = _graph.Elements(id, type);
        if (length == 0) return _writer.NewEmptyArray(type);
        var values = new SavedElements(this, element, elements);
        if (IsUniform(elements, element.Bytes) && !(element.Kind != FieldKind.Number && IsMissing(element.Kind, elements)))
            return _writer.NewArray(type, values.ValueOf(0), length);
        if (_writesDirectly && element.Kind == FieldKind.Number) return MakeNumbers(type, length, elements);
        if (!element.IsMutable)
        {
            if (_writesDirectly) return MakeReferences(type, length, ref values);
            return element.Kind == FieldKind.Number
                ? _fixedArrays!.FromNumbers(type, id, length)
                : _fixedArrays!.FromReferences(type, length, ref values);
        }
        var first = element.Kind == FieldKind.Number || element.Type.Nullable ? default : _placeholders.For(element);
        var raw = _writer.NewArray(type, first, length);
        if (element.Kind is FieldKind.Any or FieldKind.Exception && HasMissing(element.Kind, elements)) _incomplete.Add(id);
        else _writer.SetArray(type, raw, length, ref values);
        return raw;
    }

    /// <summary>An array of zeros, which may be immutable, becomes the saved one before anybody has seen it.</summary>
    private uint MakeNumbers(CanonicalType type, int length, ReadOnlySpan<byte> elements)
    {
        var raw = _writer.NewArray(type, default, length);
        elements.CopyTo(ElementsOf(type, raw, elements.Length));
        return raw;
    }

    /// <summary>
    /// An immutable array of references, as long as may be: they are put into a mutable twin, then both change their contents. So for whoever counts
    /// references each still has its place in one array.
    /// </summary>
    private uint MakeReferences(CanonicalType type, int length, ref SavedElements values)
    {
        // The twin lives until the next object is made: what waits is made first.
        for (var i = 0; i < length; i++) values.ValueOf(i);
        var raw = _writer.NewArray(type, values.ValueOf(0), length);
        var twin = _writer.NewTwin(type, values.ValueOf(0), length);
        _writer.SetArray(type, twin, length, ref values);
        var wanted = MemoryMarshal.Cast<byte, uint>(ElementsOf(type, twin, length * type.Element.Bytes));
        var made = MemoryMarshal.Cast<byte, uint>(ElementsOf(type, raw, length * type.Element.Bytes));
        for (var i = 0; i < length; i++) (made[i], wanted[i]) = (wanted[i], made[i]);
        return raw;
    }

    /// <summary>Where the elements of an array or of its twin lie.</summary>
    private Span<byte> ElementsOf(CanonicalType type, uint raw, int bytes)
    {
        var heap = _store.GcHeap!;
        return (nuint)raw + (nuint)type.Element.HeapOffset + (nuint)bytes <= heap.Size
            ? new Span<byte>(heap.Base + raw + type.Element.HeapOffset, bytes)
            : throw new InvalidOperationException($"An array lies at {raw}, beyond the heap of {heap.Size} bytes.");
    }

    private uint MakeException(int id, ExceptionTag tag)
    {
        var saved = new SavedFields(this, _graph.Fields(id));
        var values = new NativeValue[tag.Fields.Length];
        for (var i = 0; i < values.Length; i++) values[i] = Rooted(tag.Fields[i], saved.ValueOf(tag.Fields[i]));
        NativeValue exception = new() { Kind = NativeValueKind.ExnRef };
        nint error;
        var item = tag.Item;
        fixed (NativeValue* first = values) error = LibWasmtime.wasmtime_exnref_new(_store.Context, &item, first, (nuint)values.Length, &exception.Reference);
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (tag.Fields[i].Kind is FieldKind.Any or FieldKind.Exception) LibWasmtime.wasmtime_val_unroot(&value);
        }
        if (error != 0) throw new WasmEngineException($"An exception cannot be restored: {NativeText.TakeError(error)}", isTransient: false);
        _roots.Add(exception);
        return LibWasmtime.wasmtime_exnref_to_raw(_store.Context, &exception.Reference);
    }

    private uint MakeHostReference(int id)
    {
        NativeValue reference = new() { Kind = NativeValueKind.ExternRef, Reference = ReferenceValues.NewHostReference(_store.Context, _graph.KeyOf(id)) };
        _roots.Add(reference);
        return LibWasmtime.wasmtime_externref_to_raw(_store.Context, &reference.Reference);
    }

    /// <summary>Sets the mutable fields of an object now that everything is there.</summary>
    private void Complete(int id)
    {
        if (_graph.DefinitionOf(id) is not CanonicalType { HasMutableFields: true } type) return;
        if (type.Kind == CompositeKind.Struct)
        {
            var fields = new SavedFields(this, _graph.Fields(id));
            _writer.SetStruct(type, _raws[id], ref fields);
            return;
        }
        var elements = new SavedElements(this, type.Element, _graph.Elements(id, type));
        _writer.SetArray(type, _raws[id], _graph.LengthOf(id), ref elements);
    }

    private NativeValue Rooted(FieldPlan field, RawValue value)
    {
        if (field.Kind is FieldKind.Any or FieldKind.Exception)
            return NativeReferences.Rooted(_store.Context, NativeReferences.KindOf(field.Kind, field.Type), (uint)value.Low);
        NativeValue plain = new();
        if (field.Kind == FieldKind.Function)
        {
            plain.Kind = NativeValueKind.FuncRef;
            if (value.Low != 0) LibWasmtime.wasmtime_func_from_raw(_store.Context, (nint)value.Low, &plain.Reference);
            return plain;
        }
        plain.Kind = (NativeValueKind)field.Type.Kind;
        plain.Low = value.Low;
        plain.High = value.High;
        return plain;
    }

    private bool IsMissing(uint code) => ReferenceCode.IsObject(code) && _raws[ReferenceCode.ObjectOf(code)] == 0;

    /// <summary>Whether the first element is not there yet.</summary>
    private bool IsMissing(FieldKind kind, ReadOnlySpan<byte> elements) => kind != FieldKind.Function && IsMissing(MemoryMarshal.Read<uint>(elements));

    private bool HasMissing(FieldKind kind, ReadOnlySpan<byte> elements)
    {
        for (var at = 0; at < elements.Length; at += 4)
        {
            if (IsMissing(kind, elements[at..])) return true;
        }
        return false;
    }

    private static bool IsUniform(ReadOnlySpan<byte> elements, int bytes) => elements[..^bytes].SequenceEqual(elements[bytes..]);

    private RawValue Decode(FieldKind kind, int bytes, in WasmValueType type, ReadOnlySpan<byte> saved)
    {
        if (kind == FieldKind.Number) return DecodeNumber(bytes, saved);
        var code = BinaryPrimitives.ReadUInt32LittleEndian(saved);
        if (kind == FieldKind.Function) return new RawValue { Low = code == 0 ? 0 : (ulong)_functions[code - 1] };
        if (!IsMissing(code)) return new RawValue { Low = RawOf(code) };
        return type.Nullable ? default : _placeholders.For(new FieldPlan(type, kind, true, bytes, 0, 0));
    }

    /// <summary>A number or vector as calls take it.</summary>
    public static RawValue DecodeNumber(int bytes, ReadOnlySpan<byte> saved) => bytes switch
    {
        1 => new RawValue { Low = saved[0] },
        2 => new RawValue { Low = BinaryPrimitives.ReadUInt16LittleEndian(saved) },
        4 => new RawValue { Low = BinaryPrimitives.ReadUInt32LittleEndian(saved) },
        8 => new RawValue { Low = BinaryPrimitives.ReadUInt64LittleEndian(saved) },
        _ => new RawValue { Low = BinaryPrimitives.ReadUInt64LittleEndian(saved), High = BinaryPrimitives.ReadUInt64LittleEndian(saved[8..]) },
    };

    private readonly ref struct SavedFields(HeapBuilder builder, ReadOnlySpan<byte> fields) : IFieldValues
    {
        private readonly ReadOnlySpan<byte> _fields = fields;

        public RawValue ValueOf(FieldPlan field) => builder.Decode(field.Kind, field.Bytes, field.Type, _fields[field.ImageOffset..]);
    }

    private readonly ref struct SavedElements(HeapBuilder builder, FieldPlan element, ReadOnlySpan<byte> elements) : IElementValues
    {
        private readonly ReadOnlySpan<byte> _elements = elements;

        public RawValue ValueOf(int index) => builder.Decode(element.Kind, element.Bytes, element.Type, _elements[(index * element.Bytes)..]);
    }
}
