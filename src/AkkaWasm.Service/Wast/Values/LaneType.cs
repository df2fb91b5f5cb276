using System.Globalization;
using AkkaWasm.Service.Wast.Syntax;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Values;

/// <summary>A type of numbers, alone or as lanes of a vector.</summary>
/// <param name="Name">As <c>i16</c>.</param>
/// <param name="Bits">The width.</param>
/// <param name="Float">The format of floating-point numbers; null for integers.</param>
internal sealed record LaneType(string Name, int Bits, FloatFormat? Float)
{
    public static readonly LaneType I8 = new("i8", 8, null);
    public static readonly LaneType I16 = new("i16", 16, null);
    public static readonly LaneType I32 = new("i32", 32, null);
    public static readonly LaneType I64 = new("i64", 64, null);
    public static readonly LaneType F32 = new("f32", 32, FloatFormat.F32);
    public static readonly LaneType F64 = new("f64", 64, FloatFormat.F64);

    /// <summary>The shapes that a vector can be written in.</summary>
    public static readonly IReadOnlyDictionary<string, LaneType> Shapes = new[] { I8, I16, I32, I64, F32, F64 }.ToDictionary(type => type.Shape);

    /// <summary>The numbers that stand alone, by their kind.</summary>
    public static readonly IReadOnlyDictionary<WasmValueKind, LaneType> Numbers = new Dictionary<WasmValueKind, LaneType>
    {
        [WasmValueKind.I32] = I32, [WasmValueKind.I64] = I64, [WasmValueKind.F32] = F32, [WasmValueKind.F64] = F64,
    };

    /// <summary>How many lanes a vector of them has.</summary>
    public int Lanes => 128 / Bits;

    /// <summary>As <c>i16x8</c>.</summary>
    public string Shape => $"{Name}x{Lanes}";

    /// <summary>Lane <paramref name="index"/> of a vector.</summary>
    public ulong LaneOf(UInt128 vector, int index) => (ulong)(vector >> (Bits * index)) & (ulong)((UInt128.One << Bits) - 1);

    /// <summary>The bits as people read them: integers with their sign, floating-point numbers with their bits beside them.</summary>
    public string Show(ulong bits)
    {
        if (Float is null)
            return ((long)(bits << (64 - Bits)) >> (64 - Bits)).ToString(CultureInfo.InvariantCulture);
        var number = Bits == 32 ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits);
        var digits = Bits == 32 ? ((float)number).ToString("R", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture);
        return double.IsFinite(number) ? digits : $"{(number == double.PositiveInfinity ? "inf" : number == double.NegativeInfinity ? "-inf" : "nan")} (0x{bits.ToString(Bits == 32 ? "x8" : "x16")})";
    }
}
