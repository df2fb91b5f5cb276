using System.Buffers.Binary;
using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Walks the objects that the roots lead to, breadth first, and writes them down. The collector of this library never moves an object and everything
/// here is reachable, so a raw reference identifies its object throughout.
/// </summary>
/// <param name="context">The store as the library's functions take it.</param>
/// <param name="types">Its types.</param>
/// <param name="tags">Its exceptions' tags.</param>
/// <param name="reader">Reads the objects.</param>
/// <param name="functions">Gives functions their codes.</param>
/// <param name="mostFixed">The most references of an immutable array that are not all the same: what cannot be restored is not saved.</param>
internal sealed unsafe class HeapCapture(nint context, TypeSpace types, ExceptionTags tags, ObjectReader reader, FunctionCodes functions, int mostFixed)
{
    /// <summary>A type in <see cref="_foundTypes"/> by canonical number; 0 until one of its objects is found.</summary>
    private readonly int[] _typePlaces = new int[types.Types.Count];
    private readonly Dictionary<ExceptionTag, int> _tagPlaces = [];
    private readonly Dictionary<ulong, uint> _hostReferences = [];
    private readonly List<ObjectTypeName> _foundTypes = [];
    private readonly List<object?> _foundDefinitions = [];
    private readonly List<uint> _raws = [];
    private readonly List<uint> _objectTypes = [];
    private readonly ObjectIds _codes = new();
    private readonly ByteList _fields = new();
    private int _hostReferencePlace = -1;

    /// <summary>The code of a reference in the hierarchies of <c>any</c> and <c>extern</c>.</summary>
    public uint CodeOf(uint raw)
    {
        if (raw == 0 || (raw & 1) != 0) return raw;
        ref var code = ref _codes[raw];
        return code != 0 ? code : Discover(raw, ref code);
    }

    /// <summary>The code of a reference to an exception.</summary>
    public uint CodeOfException(uint raw)
    {
        if (raw == 0) return ReferenceCode.Null;
        ref var code = ref _codes[raw];
        if (code != 0) return code;
        var exception = Exception(raw);
        var tag = tags.TagOf(exception);
        LibWasmtime.wasmtime_exnref_unroot(&exception);
        if (!_tagPlaces.TryGetValue(tag, out var place))
        {
            place = AddType(new ObjectTypeName(ObjectKind.Exception, tag.Instance, tag.Index), tag);
            _tagPlaces.Add(tag, place);
        }
        return code = Add(raw, place);
    }

    /// <summary>Reads all objects that were found, and those that they lead to.</summary>
    public HeapImage Finish()
    {
        for (var id = 0; id < _raws.Count; id++)
        {
            switch (_foundDefinitions[(int)_objectTypes[id]])
            {
                case CanonicalType { Kind: CompositeKind.Struct } type:
                    ReadStruct(type, _raws[id]);
                    break;
                case CanonicalType type:
                    ReadArray(type, _raws[id]);
                    break;
                case ExceptionTag tag:
                    ReadException(tag, _raws[id]);
                    break;
                default:
                    _fields.AppendU64(KeyOf(_raws[id]));
                    break;
            }
        }
        return new HeapImage([.. _foundTypes], [.. _objectTypes], _fields.ToArray());
    }

    private uint Discover(uint raw, ref uint code)
    {
        var number = reader.TypeOf(raw);
        if (number == ObjectReader.HostReference) return code = DiscoverHostReference(raw);
        ref var place = ref _typePlaces[number];
        if (place == 0)
        {
            var type = types.Types[number];
            var kind = type.Kind == CompositeKind.Struct ? ObjectKind.Struct : ObjectKind.Array;
            place = AddType(new ObjectTypeName(kind, type.Instance, type.Index), type) + 1;
        }
        return code = Add(raw, place - 1);
    }

    /// <summary>References with the same key are the same to the host, and no guest can tell them apart.</summary>
    private uint DiscoverHostReference(uint raw)
    {
        var key = KeyOf(raw);
        if (_hostReferences.TryGetValue(key, out var code)) return code;
        if (_hostReferencePlace < 0) _hostReferencePlace = AddType(new ObjectTypeName(ObjectKind.HostReference, 0, 0), null);
        code = Add(raw, _hostReferencePlace);
        _hostReferences.Add(key, code);
        return code;
    }

    private int AddType(ObjectTypeName name, object? definition)
    {
        _foundTypes.Add(name);
        _foundDefinitions.Add(definition);
        return _foundTypes.Count - 1;
    }

    private uint Add(uint raw, int place)
    {
        if (_raws.Count >= ReferenceCode.MaxObjects)
            throw new WasmEngineException($"The GC heap has more than {ReferenceCode.MaxObjects} objects, which no snapshot carries.", isTransient: false);
        _raws.Add(raw);
        _objectTypes.Add((uint)place);
        return ReferenceCode.OfObject(_raws.Count - 1);
    }

    private void ReadStruct(CanonicalType type, uint raw)
    {
        var fields = _fields.Append(type.ImageBytes);
        reader.ReadStruct(type, raw, fields);
        foreach (var field in type.References) Encode(field.Kind, fields[field.ImageOffset..]);
    }

    private void ReadArray(CanonicalType type, uint raw)
    {
        var length = reader.LengthOf(raw);
        _fields.AppendU32(length);
        var elements = _fields.Append((long)length * type.Element.Bytes);
        reader.ReadArray(type, raw, elements);
        if (length > mostFixed && type.Element is { IsMutable: false, Kind: not FieldKind.Number } && !elements[..^4].SequenceEqual(elements[4..])) ThrowTooLong(length);
        if (type.References.Length == 0) return;
        for (var at = 0; at < elements.Length; at += type.Element.Bytes) Encode(type.Element.Kind, elements[at..]);
    }

    private void ThrowTooLong(uint length) => throw new WasmEngineException(
        $"An immutable array of {length} references that are not all the same cannot be saved: where the host does not serve the GC heap's memory, as in a pool, "
        + $"only one of up to {mostFixed} can be restored. Let the guest keep them in a mutable array, or use another {nameof(WasmEngineOptions.Allocation)}.",
        isTransient: false);

    /// <summary>Replaces a raw reference by its code.</summary>
    private void Encode(FieldKind kind, Span<byte> field)
    {
        var raw = MemoryMarshal.Read<uint>(field);
        BinaryPrimitives.WriteUInt32LittleEndian(field, kind == FieldKind.Exception ? CodeOfException(raw) : CodeOf(raw));
    }

    private void ReadException(ExceptionTag tag, uint raw)
    {
        var exception = Exception(raw);
        Span<byte> all = stackalloc byte[16];
        for (var i = 0; i < tag.Fields.Length; i++)
        {
            NativeValue value;
            if (LibWasmtime.wasmtime_exnref_field(context, &exception, (nuint)i, &value) is var error and not 0)
                throw new InvalidOperationException($"An exception does not tell its payload: {NativeText.TakeError(error)}");
            var field = tag.Fields[i];
            var bits = BitsOf(field, value);
            BinaryPrimitives.WriteUInt128LittleEndian(all, bits);
            all[..field.Bytes].CopyTo(_fields.Append(field.Bytes));
        }
        LibWasmtime.wasmtime_exnref_unroot(&exception);
    }

    /// <summary>A number's bits, or the code of a reference. The value's root is given back.</summary>
    public UInt128 BitsOf(FieldPlan field, NativeValue value)
    {
        switch (field.Kind)
        {
            case FieldKind.Function:
                return functions.CodeOf(value.Reference.IsNull ? 0 : LibWasmtime.wasmtime_func_to_raw(context, &value.Reference));
            case FieldKind.Any or FieldKind.Exception:
                var raw = NativeReferences.TakeRaw(context, value);
                return field.Kind == FieldKind.Any ? CodeOf(raw) : CodeOfException(raw);
            default:
                return field.Bytes == 4 ? (uint)value.Low : field.Bytes == 8 ? value.Low : new UInt128(value.High, value.Low);
        }
    }

    private NativeItem Exception(uint raw)
    {
        NativeItem exception;
        LibWasmtime.wasmtime_exnref_from_raw(context, raw, &exception);
        return exception;
    }

    private ulong KeyOf(uint raw)
    {
        NativeItem reference;
        LibWasmtime.wasmtime_externref_from_raw(context, raw, &reference);
        var key = LibWasmtime.wasmtime_externref_data(context, &reference);
        LibWasmtime.wasmtime_externref_unroot(&reference);
        return key;
    }
}
