using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>The binary format's codes of the types and instructions that helper modules are made of.</summary>
internal static class Op
{
    public const byte RecursionGroup = 0x4e;
    public const byte FinalSubtype = 0x4f;
    public const byte OpenSubtype = 0x50;
    public const byte FunctionType = 0x60;
    public const byte StructType = 0x5f;
    public const byte ArrayType = 0x5e;
    public const byte Unreachable = 0x00;
    public const byte Block = 0x02;
    public const byte If = 0x04;
    public const byte NoResult = 0x40;
    public const byte Throw = 0x08;
    public const byte End = 0x0b;
    public const byte Return = 0x0f;
    public const byte TryTable = 0x1f;
    public const byte CatchAllRef = 0x03;
    public const byte SelectTyped = 0x1c;
    public const byte LocalGet = 0x20;
    public const byte LocalTee = 0x22;
    public const byte GlobalGet = 0x23;
    public const byte GlobalSet = 0x24;
    public const byte TableGet = 0x25;
    public const byte TableSet = 0x26;
    public const byte I32Const = 0x41;
    public const byte I64Const = 0x42;
    public const byte F32Const = 0x43;
    public const byte F64Const = 0x44;
    public const byte I32Add = 0x6a;
    public const byte I32And = 0x71;
    public const byte RefNull = 0xd0;
    public const byte RefIsNull = 0xd1;
    public const byte RefAsNonNull = 0xd4;
    public const byte Gc = 0xfb;
    public const byte Misc = 0xfc;
    public const byte Vector = 0xfd;
    public const byte StructNew = 0;
    public const byte StructGet = 2;
    public const byte StructGetUnsigned = 4;
    public const byte StructSet = 5;
    public const byte ArrayNew = 6;
    public const byte ArrayNewDefault = 7;
    public const byte ArrayNewFixed = 8;
    public const byte ArrayNewData = 9;
    public const byte ArrayGet = 11;
    public const byte ArrayGetUnsigned = 13;
    public const byte ArraySet = 14;
    public const byte ArrayLength = 15;
    public const byte RefTest = 20;
    public const byte RefCast = 22;
    public const byte RefCastNull = 23;
    public const byte TableGrow = 15;
    public const byte TableFill = 17;
    public const byte VectorConst = 12;

    private const byte I8 = 0x78;
    private const byte I16 = 0x77;
    private const byte NullableReference = 0x63;
    private const byte NonNullReference = 0x64;

    public static readonly byte[] I32 = [0x7f];

    public static readonly byte[] AnyRef = [0x6e];

    private static readonly Dictionary<WasmValueKind, byte> Numbers = new()
    {
        [WasmValueKind.I32] = 0x7f, [WasmValueKind.I64] = 0x7e, [WasmValueKind.F32] = 0x7d, [WasmValueKind.F64] = 0x7c, [WasmValueKind.V128] = 0x7b,
        [WasmValueKind.I8] = I8, [WasmValueKind.I16] = I16,
    };

    /// <summary>A storage type.</summary>
    public static byte[] Storage(WasmValueType type) => type.IsReference
        ? Heap(new BinaryBuffer().Byte(type.Nullable ? NullableReference : NonNullReference), type.Heap).Written.ToArray()
        : [Numbers[type.Kind]];

    /// <summary>The type that a value of this storage type has on the stack.</summary>
    public static byte[] Value(WasmValueType type) => IsPacked(type) ? I32 : Storage(type);

    public static byte[] Reference(int type, bool nullable) =>
        Storage(new WasmValueType(WasmValueKind.Reference, nullable, new HeapType(HeapKind.Concrete, type)));

    public static byte[] Field(FieldType field) => [.. Storage(field.Storage), field.IsMutable ? (byte)1 : (byte)0];

    public static bool IsPacked(WasmValueType type) => type.Kind is WasmValueKind.I8 or WasmValueKind.I16;

    public static BinaryBuffer Heap(BinaryBuffer buffer, HeapType heap) =>
        heap.Kind == HeapKind.Concrete ? buffer.S33(heap.TypeIndex) : buffer.Byte(TypeReader.AbstractCode(heap.Kind));

    /// <summary>A zero of a number or vector, or a null.</summary>
    public static BinaryBuffer Default(BinaryBuffer code, WasmValueType type) => type.Kind switch
    {
        WasmValueKind.I64 => code.Byte(I64Const).Byte(0),
        WasmValueKind.F32 => code.Byte(F32Const).Bytes([0, 0, 0, 0]),
        WasmValueKind.F64 => code.Byte(F64Const).Bytes([0, 0, 0, 0, 0, 0, 0, 0]),
        WasmValueKind.V128 => code.Byte(Vector).U32(VectorConst).Bytes(new byte[16]),
        WasmValueKind.Reference => Heap(code.Byte(RefNull), type.Heap),
        _ => code.Byte(I32Const).Byte(0),
    };

    public static BinaryBuffer Local(this BinaryBuffer code, int index) => code.Byte(LocalGet).U32((uint)index);

    public static BinaryBuffer Const(this BinaryBuffer code, int value) => code.Byte(I32Const).S33(value);

    public static BinaryBuffer Object(this BinaryBuffer code, byte instruction, int type) => code.Byte(Gc).U32(instruction).U32((uint)type);
}
