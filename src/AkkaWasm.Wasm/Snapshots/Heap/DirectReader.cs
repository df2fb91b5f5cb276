using System.Buffers.Binary;
using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Reads objects where they lie in the library's heap, without a call for each. Possible where the host serves the heap's memory and the layout is
/// what <see cref="HeapCalibration"/> has found. Nothing may be allocated while it reads, but by the helpers that it asks itself.
/// </summary>
internal sealed unsafe class DirectReader(StoreView store, HeapHelpers helpers, FunctionIds functionIds, FunctionCodes functions) : ObjectReader
{
    private const int Unknown = int.MinValue;

    private readonly Dictionary<uint, int> _types = [];
    private uint _lastWord;
    private int _lastType = Unknown;

    public override int TypeOf(uint raw)
    {
        var word = *(uint*)At(raw, HeapLayout.HeaderBytes, HeapLayout.TypeOffset);
        if (word == _lastWord && _lastType != Unknown) return _lastType;
        if (!_types.TryGetValue(word, out var type)) _types.Add(word, type = helpers.TypeOf(raw));
        (_lastWord, _lastType) = (word, type);
        return type;
    }

    public override void ReadStruct(CanonicalType type, uint raw, Span<byte> fields)
    {
        var at = At(raw, type.HeapBytes, 0);
        foreach (ref readonly var field in type.Fields.AsSpan())
        {
            var from = at + field.HeapOffset;
            var to = fields[field.ImageOffset..];
            switch (field.Bytes)
            {
                case 4:
                    var value = *(uint*)from;
                    BinaryPrimitives.WriteUInt32LittleEndian(to, field.Kind == FieldKind.Function ? CodeOf(value) : value);
                    break;
                case 8:
                    BinaryPrimitives.WriteUInt64LittleEndian(to, *(ulong*)from);
                    break;
                default:
                    new ReadOnlySpan<byte>(from, field.Bytes).CopyTo(to);
                    break;
            }
        }
    }

    public override uint LengthOf(uint raw) => *(uint*)At(raw, HeapLayout.ArrayHeaderBytes, HeapLayout.ArrayLengthOffset);

    public override void ReadArray(CanonicalType type, uint raw, Span<byte> elements)
    {
        var from = At(raw, type.Element.HeapOffset + (long)elements.Length, type.Element.HeapOffset);
        new ReadOnlySpan<byte>(from, elements.Length).CopyTo(elements);
        if (type.Element.Kind != FieldKind.Function) return;
        for (var at = 0; at < elements.Length; at += type.Element.Bytes)
            BinaryPrimitives.WriteUInt32LittleEndian(elements[at..], CodeOf(BinaryPrimitives.ReadUInt32LittleEndian(elements[at..])));
    }

    private uint CodeOf(uint functionId) => functions.CodeOf(functionIds.RawOf(functionId));

    /// <summary>A place in an object that takes at least that many bytes.</summary>
    private byte* At(uint raw, long objectBytes, int offset)
    {
        var heap = store.GcHeap!;
        return raw + objectBytes <= (long)heap.Size
            ? heap.Base + raw + offset
            : throw new InvalidOperationException($"An object lies at {raw}, beyond the heap of {heap.Size} bytes.");
    }
}
