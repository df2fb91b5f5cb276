using System.Buffers.Binary;

namespace AkkaWasm.Wasm.Snapshots.Inspection;

/// <summary>A field, element or payload of an object: its type, where it lies in the image's contents, and whether it refers to a function.</summary>
internal readonly record struct FieldPlace(WasmValueType Type, int Offset, bool IsFunction)
{
    public bool IsReference => Type.IsReference;
}

/// <summary>The objects of an image with where their fields lie, as the modules say. Reads; needs no engine.</summary>
internal sealed class ObjectGraph
{
    private const int ArrayHeaderBytes = 4;
    private const int HostReferenceBytes = 8;

    private readonly HeapImage _heap;
    private readonly Shape[] _shapes;
    private readonly int[] _offsets;

    /// <exception cref="ArgumentException">The image is not of these modules.</exception>
    public ObjectGraph(HeapImage heap, IReadOnlyList<ModuleDescription> modules)
    {
        _heap = heap;
        _shapes = [.. heap.Types.Select(t => ShapeOf(t, modules))];
        _offsets = new int[heap.ObjectTypes.Length + 1];
        long at = 0;
        for (var id = 0; id < heap.ObjectTypes.Length; id++)
        {
            _offsets[id] = (int)at;
            var shape = _shapes[heap.ObjectTypes[id]];
            if (shape.IsArray && at + ArrayHeaderBytes > heap.Fields.Length) throw Misfit(id);
            at += shape.IsArray ? ArrayHeaderBytes + ((long)BinaryPrimitives.ReadUInt32LittleEndian(heap.Fields.AsSpan((int)at)) * shape.Bytes) : shape.Bytes;
            if (at > heap.Fields.Length) throw Misfit(id);
        }
        _offsets[^1] = (int)at;
    }

    public int Count => _heap.ObjectTypes.Length;

    public ReadOnlySpan<byte> Contents => _heap.Fields;

    public ObjectTypeName TypeOf(int id) => _heap.Types[_heap.ObjectTypes[id]];

    public int BytesOf(int id) => _offsets[id + 1] - _offsets[id];

    public bool IsArray(int id) => _shapes[_heap.ObjectTypes[id]].IsArray;

    /// <summary>How many fields or elements it has.</summary>
    public int FieldCount(int id)
    {
        var shape = _shapes[_heap.ObjectTypes[id]];
        return shape.IsArray ? (BytesOf(id) - ArrayHeaderBytes) / shape.Bytes : shape.Fields.Length;
    }

    public FieldPlace Field(int id, int number)
    {
        var shape = _shapes[_heap.ObjectTypes[id]];
        var field = shape.Fields[shape.IsArray ? 0 : number];
        return field with { Offset = _offsets[id] + (shape.IsArray ? ArrayHeaderBytes + (number * shape.Bytes) : field.Offset) };
    }

    /// <summary>Whether objects of the type of this one can refer to others.</summary>
    public bool MayRefer(int id) => _shapes[_heap.ObjectTypes[id]].Refers;

    /// <summary>Whether any of its fields is a reference, to functions too: then equal bytes of two images need not mean the same.</summary>
    public bool HasReferences(int id) => _shapes[_heap.ObjectTypes[id]].HasReferences;

    public ReadOnlySpan<byte> ContentsOf(int id) => Contents[_offsets[id].._offsets[id + 1]];

    public uint CodeAt(FieldPlace field) => BinaryPrimitives.ReadUInt32LittleEndian(Contents[field.Offset..]);

    /// <summary>What a value of a type takes in an image, bytes.</summary>
    public static int BytesOf(WasmValueKind kind) => kind switch
    {
        WasmValueKind.I8 => 1,
        WasmValueKind.I16 => 2,
        WasmValueKind.I64 or WasmValueKind.F64 => 8,
        WasmValueKind.V128 => 16,
        _ => 4,
    };

    private static Shape ShapeOf(ObjectTypeName name, IReadOnlyList<ModuleDescription> modules)
    {
        if (name.Kind == ObjectKind.HostReference) return new Shape(false, [new FieldPlace(new WasmValueType(WasmValueKind.I64), 0, false)], HostReferenceBytes);
        if (name.Instance >= modules.Count) throw new ArgumentException($"The snapshot has a type of instance {name.Instance}, and {modules.Count} modules are given.");
        var module = modules[name.Instance];
        if (name.Index >= (name.Kind == ObjectKind.Exception ? module.Tags.Count : module.Types.Count))
            throw new ArgumentException($"The snapshot has a type {name.Index} that the module {module.File} has not.");
        var types = name.Kind == ObjectKind.Exception
            ? module.Types[module.Tags[name.Index].TypeIndex].Parameters
            : [.. module.Types[name.Index].Fields.Select(f => f.Storage)];
        var fields = new FieldPlace[types.Count];
        var offset = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = new FieldPlace(types[i], offset, types[i].IsReference && module.IsFunction(types[i].Heap));
            offset += BytesOf(types[i].Kind);
        }
        return new Shape(name.Kind == ObjectKind.Array, fields, offset);
    }

    private static ArgumentException Misfit(int id) => new($"The snapshot is not of these modules: object {id} is longer than what it has.");

    /// <param name="IsArray">Whether <paramref name="Fields"/> is its one element.</param>
    /// <param name="Fields">Its fields with their offsets from its beginning.</param>
    /// <param name="Bytes">What the fields, or one element, take.</param>
    private sealed record Shape(bool IsArray, FieldPlace[] Fields, int Bytes)
    {
        public bool HasReferences { get; } = Array.Exists(Fields, f => f.IsReference);

        public bool Refers { get; } = Array.Exists(Fields, f => f is { IsReference: true, IsFunction: false });
    }
}
