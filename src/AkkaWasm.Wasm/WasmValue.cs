using System.Globalization;

namespace AkkaWasm.Wasm;

/// <summary>
/// An argument or a result of a call, or the value of a global. It holds no store alive and may be kept: of references it carries null, 31-bit
/// integers and the keys of host references; of everything else that a guest refers to it only says what it is, since objects stay inside their store.
/// </summary>
public readonly record struct WasmValue
{
    private const int I31UnusedBits = 1;

    private readonly UInt128 _bits;

    private WasmValue(WasmValueKind kind, UInt128 bits, ReferenceKind reference = ReferenceKind.None)
    {
        Kind = kind;
        ReferenceKind = reference;
        _bits = bits;
    }

    /// <summary>Number, vector or reference.</summary>
    public WasmValueKind Kind { get; }

    /// <summary>What a reference refers to; <see cref="ReferenceKind.None"/> for numbers and vectors.</summary>
    public ReferenceKind ReferenceKind { get; }

    /// <summary>The null reference, of whatever type is wanted.</summary>
    public static WasmValue NullReference { get; } = new(WasmValueKind.Reference, 0, ReferenceKind.Null);

    /// <summary>Whether this is the null reference.</summary>
    public bool IsNullReference => ReferenceKind == ReferenceKind.Null;

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

    /// <summary>A reference to a 31-bit integer; it stands wherever an <c>i31ref</c> does, and for an <c>externref</c> it is converted.</summary>
    /// <param name="value">The integer, of which the lowest 31 bits are kept.</param>
    public static WasmValue FromI31(int value) => new(WasmValueKind.Reference, (uint)value & int.MaxValue, ReferenceKind.I31);

    /// <summary>A reference to something of the host's; it stands for an <c>externref</c>, and for an <c>anyref</c> it is converted.</summary>
    /// <param name="key">What the host knows it by. Snapshots carry it; what it stands for is the host's own business.</param>
    public static WasmValue FromHostReference(ulong key) => new(WasmValueKind.Reference, key, ReferenceKind.Host);

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

    /// <summary>The integer of a reference to a 31-bit integer, with its sign.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public int AsI31() => (int)(uint)Expect(ReferenceKind.I31) << I31UnusedBits >> I31UnusedBits;

    /// <summary>The key of a host reference.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public ulong AsHostReference() => (ulong)Expect(ReferenceKind.Host);

    /// <summary>
    /// The value as people read it: numbers in decimal, vectors in hexadecimal, <c>null</c>, <c>i31 5</c>, <c>host 7</c>, or what a reference refers
    /// to, as <c>struct</c>.
    /// </summary>
    public override string ToString() => Kind switch
    {
        WasmValueKind.I32 => AsI32().ToString(CultureInfo.InvariantCulture),
        WasmValueKind.I64 => AsI64().ToString(CultureInfo.InvariantCulture),
        WasmValueKind.F32 => AsF32().ToString("R", CultureInfo.InvariantCulture),
        WasmValueKind.F64 => AsF64().ToString("R", CultureInfo.InvariantCulture),
        WasmValueKind.V128 => $"0x{_bits:x32}",
        _ => ReferenceKind switch
        {
            ReferenceKind.I31 => string.Create(CultureInfo.InvariantCulture, $"i31 {AsI31()}"),
            ReferenceKind.Host => string.Create(CultureInfo.InvariantCulture, $"host {AsHostReference()}"),
            _ => ReferenceKind.ToString().ToLowerInvariant(),
        },
    };

    /// <summary>A reference of which the host can only tell what it refers to. It stands in results and cannot be passed on.</summary>
    internal static WasmValue Opaque(ReferenceKind reference) => new(WasmValueKind.Reference, 0, reference);

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

    private UInt128 Expect(ReferenceKind reference) => ReferenceKind == reference
        ? _bits
        : throw new InvalidOperationException($"The value is {this}, not a reference of the kind {reference}.");
}
