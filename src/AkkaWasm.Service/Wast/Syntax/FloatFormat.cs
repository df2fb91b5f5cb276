using System.Numerics;

namespace AkkaWasm.Service.Wast.Syntax;

/// <summary>A binary format of IEEE 754.</summary>
/// <param name="Bits">The width.</param>
/// <param name="Precision">The bits of the mantissa, the hidden one too.</param>
internal sealed record FloatFormat(int Bits, int Precision)
{
    public static readonly FloatFormat F32 = new(32, 24);
    public static readonly FloatFormat F64 = new(64, 53);

    private readonly int bias = (1 << (Bits - Precision - 1)) - 1;

    public ulong SignBit { get; } = 1UL << (Bits - 1);

    public ulong MantissaMask { get; } = (1UL << (Precision - 1)) - 1;

    /// <summary>The bits of positive infinity.</summary>
    public ulong Infinity { get; } = ((1UL << (Bits - Precision)) - 1) << (Precision - 1);

    /// <summary>The bit that a NaN of arithmetic has.</summary>
    public ulong QuietBit { get; } = 1UL << (Precision - 2);

    /// <summary>Whether the bits are a NaN whose payload is the quiet bit alone.</summary>
    public bool IsCanonicalNan(ulong value) => (value & ~SignBit) == (Infinity | QuietBit);

    /// <summary>Whether the bits are a NaN with the quiet bit.</summary>
    public bool IsArithmeticNan(ulong value) => (value & (Infinity | QuietBit)) == (Infinity | QuietBit);

    /// <summary>The bits of <paramref name="mantissa"/> · 2^<paramref name="exponent"/>, to the nearest, ties to even; null if that is infinity.</summary>
    public ulong? Round(BigInteger mantissa, int exponent)
    {
        var length = (int)mantissa.GetBitLength();
        var biased = Math.Max(exponent + length - 1 + bias, 1);
        if (biased > 2 * bias) return null;
        // The lowest bit that the format keeps stands for 2^(exponent + shift).
        var shift = biased - bias - (Precision - 1) - exponent;
        if (shift > length + 1) return 0;
        var kept = shift <= 0 ? mantissa << -shift : RoundAway(mantissa, shift);
        // A mantissa that rounds up to the next power of two carries into the exponent.
        var bits = ((ulong)(biased - 1) << (Precision - 1)) + (ulong)kept;
        return bits < Infinity ? bits : null;
    }

    private static BigInteger RoundAway(BigInteger mantissa, int shift)
    {
        var kept = mantissa >> shift;
        var twiceRest = (mantissa - (kept << shift)) << 1;
        var order = twiceRest.CompareTo(BigInteger.One << shift);
        return order > 0 || (order == 0 && !kept.IsEven) ? kept + 1 : kept;
    }
}
