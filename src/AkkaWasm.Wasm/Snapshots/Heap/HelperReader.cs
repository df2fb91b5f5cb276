using System.Buffers.Binary;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>Reads objects through functions of helper modules: everywhere, in about 100 ns each.</summary>
internal sealed unsafe class HelperReader(HeapHelpers helpers, FunctionCodes functions) : ObjectReader
{
    private readonly NativeItem[]?[] _getters = new NativeItem[helpers.Types.Types.Count][];
    private readonly RawValue[] _values = GC.AllocateUninitializedArray<RawValue>(HelperNames.MaxValues, pinned: true);
    private NativeItem _length;

    public override int TypeOf(uint raw) => helpers.TypeOf(raw);

    public override void ReadStruct(CanonicalType type, uint raw, Span<byte> fields)
    {
        if (type.Fields.Length == 0) return;
        var getters = _getters[type.Number] ??= StructGetters(type);
        fixed (RawValue* values = _values)
        {
            for (var chunk = 0; chunk < getters.Length; chunk++)
            {
                var first = chunk * HelperNames.FieldsPerCall;
                var count = Math.Min(HelperNames.FieldsPerCall, type.Fields.Length - first);
                values[0] = new RawValue { Low = raw };
                helpers.Reader(type).Call(ref getters[chunk], values, count);
                for (var i = 0; i < count; i++)
                {
                    var field = type.Fields[first + i];
                    Write(field, values[i], fields[field.ImageOffset..]);
                }
            }
        }
    }

    public override uint LengthOf(uint raw)
    {
        var helper = helpers.AnyReader;
        if (_length.IsNull) _length = helper.Find(HelperNames.Length);
        RawValue value = new() { Low = raw };
        helper.Call(ref _length, &value, 1);
        return (uint)value.I32;
    }

    public override void ReadArray(CanonicalType type, uint raw, Span<byte> elements)
    {
        var getters = _getters[type.Number] ??= ArrayGetters(type);
        var element = type.Element;
        var length = elements.Length / element.Bytes;
        fixed (RawValue* values = _values)
        {
            for (var at = 0; at < length;)
            {
                var isMany = length - at >= HelperNames.ElementsPerCall;
                var count = isMany ? HelperNames.ElementsPerCall : 1;
                values[0] = new RawValue { Low = raw };
                values[1] = new RawValue { Low = (uint)at };
                helpers.Reader(type).Call(ref getters[isMany ? 1 : 0], values, HelperNames.ElementsPerCall);
                for (var i = 0; i < count; i++) Write(element, values[i], elements[((at + i) * element.Bytes)..]);
                at += count;
            }
        }
    }

    private void Write(FieldPlan field, RawValue value, Span<byte> destination)
    {
        if (field.Kind == FieldKind.Function)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination, functions.CodeOf((nint)value.Low));
            return;
        }
        switch (field.Bytes)
        {
            case 1:
                destination[0] = (byte)value.Low;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)value.Low);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)value.Low);
                break;
            case 8:
                BinaryPrimitives.WriteUInt64LittleEndian(destination, value.Low);
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(destination, value.Low);
                BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], value.High);
                break;
        }
    }

    private NativeItem[] StructGetters(CanonicalType type)
    {
        var getters = new NativeItem[(type.Fields.Length + HelperNames.FieldsPerCall - 1) / HelperNames.FieldsPerCall];
        for (var i = 0; i < getters.Length; i++) getters[i] = helpers.Reader(type).Find(HelperNames.Get(type.Index, i));
        return getters;
    }

    private NativeItem[] ArrayGetters(CanonicalType type) =>
        [helpers.Reader(type).Find(HelperNames.GetElement(type.Index)), helpers.Reader(type).Find(HelperNames.GetElements(type.Index))];
}
