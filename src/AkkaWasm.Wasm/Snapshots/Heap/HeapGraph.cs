using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// The objects of an image as a store's types see them. Everything that is to be restored goes through the checks here first: helpers trust what
/// they are given, so a reference must be known to fit where it goes before it goes there.
/// </summary>
internal sealed class HeapGraph
{
    private const int MaxAnswers = 4 << 20;

    /// <summary>Of so many types of objects all are asked for at once, so that a field that all of them fit need not be asked for again.</summary>
    private const int MaxTypesAskedAtOnce = 64;

    private readonly TypeSpace _types;
    private readonly HeapImage _image;
    private readonly object?[] _definitions;
    private readonly CanonicalType[] _functionTypes;
    private readonly int[] _offsets;
    private readonly Answer[]?[] _answers;
    private long _answerRoom = MaxAnswers;

    /// <summary>Whether objects of a type fit a field, once that was asked.</summary>
    private enum Answer : byte
    {
        Unknown,
        Fits,
    }

    /// <exception cref="ArgumentException">The image does not fit the store; the message says where.</exception>
    public HeapGraph(TypeSpace types, ExceptionTags? tags, FunctionMap functions, IReadOnlyList<ModuleDescription> modules, ItemImage items)
    {
        _types = types;
        _image = items.Heap;
        _definitions = [.. _image.Types.Select(t => Definition(t, tags, modules.Count))];
        if (_definitions.Distinct().Count() != _definitions.Length) throw Misfit("it names a type twice");
        if (items.Functions.Distinct().Count() != items.Functions.Length) throw Misfit("it names a function twice");
        _functionTypes = [.. items.Functions.Select(f => FunctionType(f, functions, modules))];
        _offsets = new int[Count];
        _answers = new Answer[_definitions.Length][];
        RequireSound();
    }

    /// <summary>The number of objects.</summary>
    public int Count => _image.ObjectTypes.Length;

    /// <summary>The <see cref="CanonicalType"/> or <see cref="ExceptionTag"/> of an object, or null of a host reference.</summary>
    public object? DefinitionOf(int id) => _definitions[_image.ObjectTypes[id]];

    /// <summary>The same of a place in the image's list of types.</summary>
    public object? DefinitionAt(int type) => _definitions[type];

    /// <summary>Whether there can be arrays that can only be made with what is in them.</summary>
    public bool HasImmutableArrays => Array.Exists(_definitions, d => d is CanonicalType { Kind: CompositeKind.Array, Element.IsMutable: false });

    /// <summary>How many objects of each of the image's types have no raw reference yet.</summary>
    public int[] CountByType(ReadOnlySpan<uint> raws)
    {
        var counts = new int[_definitions.Length];
        for (var id = 0; id < raws.Length; id++)
        {
            if (raws[id] == 0) counts[_image.ObjectTypes[id]]++;
        }
        return counts;
    }

    /// <summary>What the objects without a raw reference take of the heap at least, in bytes.</summary>
    public long LeastHeapBytes(ReadOnlySpan<uint> raws)
    {
        var counts = CountByType(raws);
        long bytes = 0;
        for (var type = 0; type < counts.Length; type++)
        {
            if (_definitions[type] is CanonicalType { } definition) bytes += (long)counts[type] * definition.HeapBytes;
        }
        return bytes;
    }

    /// <summary>Whether there can be objects that need others before they are made.</summary>
    public bool HasPrerequisites => Array.Exists(_definitions, d => d is CanonicalType { Prerequisites.Length: > 0 } or ExceptionTag { References.Length: > 0 });

    /// <summary>The fields of a struct or exception, one after the other.</summary>
    public ReadOnlySpan<byte> Fields(int id) => _image.Fields.AsSpan(_offsets[id]);

    public int LengthOf(int id) => (int)BinaryPrimitives.ReadUInt32LittleEndian(Fields(id));

    public ReadOnlySpan<byte> Elements(int id, CanonicalType type) => Fields(id).Slice(4, LengthOf(id) * type.Element.Bytes);

    public ulong KeyOf(int id) => BinaryPrimitives.ReadUInt64LittleEndian(Fields(id));

    /// <summary>Whether a place of that type can hold the reference.</summary>
    public bool Fits(WasmValueType type, FieldKind kind, uint code)
    {
        if (code == ReferenceCode.Null) return type.Nullable;
        if (kind == FieldKind.Function) return code <= _functionTypes.Length && IsFunction(type.Heap, _functionTypes[code - 1]);
        if (ReferenceCode.IsI31(code)) return kind == FieldKind.Any && type.Heap.Kind is HeapKind.Any or HeapKind.Eq or HeapKind.I31 or HeapKind.Extern;
        var id = ReferenceCode.ObjectOf(code);
        return id < Count && IsObject(type.Heap, DefinitionOf(id));
    }

    public static ArgumentException Misfit(string what) => new($"The snapshot's objects do not fit the modules: {what}.");

    private bool IsFunction(HeapType heap, CanonicalType type) =>
        heap.Kind == HeapKind.Func || (heap.Kind == HeapKind.Concrete && _types.IsSubtype(type, heap.TypeIndex));

    private bool IsObject(HeapType heap, object? definition) => heap.Kind switch
    {
        HeapKind.Concrete => definition is CanonicalType type && _types.IsSubtype(type, heap.TypeIndex),
        HeapKind.Any or HeapKind.Extern => definition is not ExceptionTag,
        HeapKind.Eq => definition is CanonicalType,
        HeapKind.Struct => definition is CanonicalType { Kind: CompositeKind.Struct },
        HeapKind.Array => definition is CanonicalType { Kind: CompositeKind.Array },
        HeapKind.Exn => definition is ExceptionTag,
        _ => false,
    };

    private object? Definition(ObjectTypeName name, ExceptionTags? tags, int instances)
    {
        if (name.Kind == ObjectKind.HostReference) return null;
        if (name.Instance >= instances) throw Misfit($"it has a type of instance {name.Instance} and there are {instances}");
        if (name.Kind == ObjectKind.Exception)
            return tags?.Find(name.Instance, name.Index) ?? throw Misfit($"instance {name.Instance} defines no tag {name.Index}");
        if (name.Index >= _types.CountOf(name.Instance)) throw Misfit($"instance {name.Instance} has no type {name.Index}");
        var type = _types.TypeOf(name.Instance, name.Index);
        var wanted = name.Kind == ObjectKind.Struct ? CompositeKind.Struct : CompositeKind.Array;
        return type.Kind == wanted ? type : throw Misfit($"type {name.Index} of instance {name.Instance} is a {type.Kind}, not a {wanted}");
    }

    private CanonicalType FunctionType(FunctionName name, FunctionMap functions, IReadOnlyList<ModuleDescription> modules) => functions.Knows(name)
        ? _types.TypeOf(name.Instance, modules[name.Instance].Functions[name.Index].TypeIndex)
        : throw Misfit($"function {name.Index} of instance {name.Instance} cannot be a reference");

    private void RequireSound()
    {
        long at = 0;
        for (var id = 0; id < Count; id++)
        {
            _offsets[id] = (int)at;
            var definition = DefinitionOf(id);
            var isArray = definition is CanonicalType { Kind: CompositeKind.Array };
            RequireRoom(id, at, isArray ? 4 : BytesOf(definition));
            if (!isArray)
            {
                at += BytesOf(definition);
                RequireFields(id, definition);
                continue;
            }
            var element = ((CanonicalType)definition!).Element;
            var bytes = 4 + (long)BinaryPrimitives.ReadUInt32LittleEndian(Fields(id)) * element.Bytes;
            RequireRoom(id, at, bytes);
            at += bytes;
            RequireElements(id, (CanonicalType)definition);
        }
        if (at != _image.Fields.Length) throw Misfit($"{_image.Fields.Length - at} bytes follow the last one");
    }

    private static int BytesOf(object? definition) => definition switch
    {
        CanonicalType type => type.ImageBytes,
        ExceptionTag tag => tag.ImageBytes,
        _ => 8,
    };

    private void RequireRoom(int id, long at, long bytes)
    {
        if (at + bytes > _image.Fields.Length) throw Misfit($"object {id} is cut off");
    }

    private void RequireFields(int id, object? definition)
    {
        var plans = definition switch
        {
            CanonicalType type => type.Checked,
            ExceptionTag tag => tag.Fields,
            _ => [],
        };
        var answers = AnswersFor((int)_image.ObjectTypes[id], plans);
        var row = answers.Length == 0 ? 0 : RowLength;
        var fields = Fields(id);
        for (var i = 0; i < plans.Length; i++)
        {
            ref readonly var plan = ref plans[i];
            if (plan.Kind == FieldKind.Number) continue;
            var code = MemoryMarshal.Read<uint>(fields[plan.ImageOffset..]);
            if (!Fits(plan, code, answers.AsSpan(row * i))) throw Misfit($"object {id} has a reference that its field cannot hold");
        }
    }

    /// <summary>Asks once for the objects of a type, if there is a row for the answers.</summary>
    private bool Fits(in FieldPlan plan, uint code, Span<Answer> row)
    {
        if (row.IsEmpty || plan.Kind == FieldKind.Function || !ReferenceCode.IsObject(code) || ReferenceCode.ObjectOf(code) >= Count)
            return Fits(plan.Type, plan.Kind, code);
        if (row[0] == Answer.Fits) return true;
        ref var answer = ref row[1 + (int)_image.ObjectTypes[ReferenceCode.ObjectOf(code)]];
        if (answer == Answer.Unknown && Fits(plan.Type, plan.Kind, code)) answer = Answer.Fits;
        return answer == Answer.Fits;
    }

    /// <summary>The answer for objects of all types, then one for each.</summary>
    private int RowLength => _definitions.Length + 1;

    /// <summary>What is known of each field of a type, by the types of objects: a row for each field. Empty where that would take too much room.</summary>
    private Answer[] AnswersFor(int type, FieldPlan[] plans)
    {
        if (_answers[type] is { } known) return known;
        var size = (long)plans.Length * RowLength;
        if (size > _answerRoom) return _answers[type] = [];
        _answerRoom -= size;
        var answers = new Answer[size];
        if (_definitions.Length <= MaxTypesAskedAtOnce)
        {
            for (var i = 0; i < plans.Length; i++)
            {
                if (Array.TrueForAll(_definitions, d => IsObject(plans[i].Type.Heap, d))) answers[i * RowLength] = Answer.Fits;
            }
        }
        return _answers[type] = answers;
    }

    private void RequireElements(int id, CanonicalType type)
    {
        var element = type.Element;
        if (element.Kind == FieldKind.Number) return;
        foreach (var code in MemoryMarshal.Cast<byte, uint>(Elements(id, type)))
        {
            if (!Fits(element.Type, element.Kind, code)) throw Misfit($"object {id} has a reference that its elements cannot be");
        }
    }
}
