using System.Globalization;

namespace AkkaWasm.Wasm;

/// <summary>An argument or a result of a call. References carry only whether they are null: objects of a guest stay inside it.</summary>
public readonly record struct WasmValue
{
    private readonly UInt128 _bits;

    private WasmValue(WasmValueKind kind, UInt128 bits)
    {
        Kind = kind;
        _bits = bits;
    }

    /// <summary>Number, vector or reference.</summary>
    public WasmValueKind Kind { get; }

    /// <summary>The null reference, of whatever type is wanted.</summary>
    public static WasmValue NullReference { get; } = new(WasmValueKind.Reference, 0);

    /// <summary>A reference that is not null; it stands in results only and cannot be passed on.</summary>
    internal static WasmValue OpaqueReference { get; } = new(WasmValueKind.Reference, 1);

    /// <summary>Whether this is the null reference.</summary>
    public bool IsNullReference => Kind == WasmValueKind.Reference && _bits == 0;

    internal UInt128 Bits => _bits;

    /// <summary>A 32-bit integer.</summary>
    public static WasmValue FromI32(int value) => new(WasmValueKind.I32, (uint)value);

    /// <summary>A 64-bit integer.</summary>
    public static WasmValue FromI64(long value) => new(WasmValueKind.I64, (ulong)value);

    /// <summary>A 32-bit number; the bits of a NaN are kept.</summary>
    public static WasmValue FromF32(float value) => new(WasmValueKind.F32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>A 64-bit number; the bits of a NaN are kept.</summary>
    public static WasmValue FromF64(double value) => new(WasmValueKind.F64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>A vector; lane 0 in the lowest bits.</summary>
    public static WasmValue FromV128(UInt128 value) => new(WasmValueKind.V128, value);

    /// <summary>The 32-bit integer.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public int AsI32() => (int)(uint)Expect(WasmValueKind.I32);

    /// <summary>The 64-bit integer.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public long AsI64() => (long)(ulong)Expect(WasmValueKind.I64);

    /// <summary>The 32-bit number.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public float AsF32() => BitConverter.UInt32BitsToSingle((uint)Expect(WasmValueKind.F32));

    /// <summary>The 64-bit number.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public double AsF64() => BitConverter.UInt64BitsToDouble((ulong)Expect(WasmValueKind.F64));

    /// <summary>The vector.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public UInt128 AsV128() => Expect(WasmValueKind.V128);

    /// <summary>The value as people read it: numbers in decimal, vectors in hexadecimal, <c>null</c> or <c>ref</c>.</summary>
    public override string ToString() => Kind switch
    {
        WasmValueKind.I32 => AsI32().ToString(CultureInfo.InvariantCulture),
        WasmValueKind.I64 => AsI64().ToString(CultureInfo.InvariantCulture),
        WasmValueKind.F32 => AsF32().ToString("R", CultureInfo.InvariantCulture),
        WasmValueKind.F64 => AsF64().ToString("R", CultureInfo.InvariantCulture),
        WasmValueKind.V128 => $"0x{_bits:x32}",
        _ => IsNullReference ? "null" : "ref",
    };

    internal static WasmValue FromBits(WasmValueKind kind, UInt128 bits) => kind switch
    {
        WasmValueKind.I32 or WasmValueKind.F32 => new(kind, (uint)bits),
        WasmValueKind.I64 or WasmValueKind.F64 => new(kind, (ulong)bits),
        WasmValueKind.V128 => new(kind, bits),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "References are not made from bits."),
    };

    private UInt128 Expect(WasmValueKind kind) => Kind == kind
        ? _bits
        : throw new InvalidOperationException($"The value is a {Kind}, not a {kind}.");
}
