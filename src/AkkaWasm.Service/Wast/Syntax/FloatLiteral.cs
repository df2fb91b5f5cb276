using System.Globalization;
using System.Numerics;

namespace AkkaWasm.Service.Wast.Syntax;

/// <summary>Floating-point numbers of the text format (specification, 6.3.2), rounded once, to the nearest, ties to even.</summary>
internal static class FloatLiteral
{
    /// <summary>Exponents beyond this are beyond both formats whatever digits a literal may have.</summary>
    private const int FarExponent = 1_000_000;

    /// <summary>The bits of a number of 32 bits.</summary>
    /// <exception cref="ScriptException">It is none, or out of range.</exception>
    public static uint ReadF32(SExpression expression) => (uint)Read(expression, FloatFormat.F32);

    /// <summary>The bits of a number of 64 bits.</summary>
    /// <exception cref="ScriptException">It is none, or out of range.</exception>
    public static ulong ReadF64(SExpression expression) => Read(expression, FloatFormat.F64);

    /// <summary>The number's bits, or null if the text is no number, or one that rounds to infinity.</summary>
    public static ulong? TryRead(string text, FloatFormat format)
    {
        if (text.Length > ScriptLimits.MaxNumberLength) return null;
        var negative = DigitText.TakeSign(ref text);
        var magnitude = text switch
        {
            "inf" => format.Infinity,
            "nan" => format.Infinity | format.QuietBit,
            _ when text.StartsWith("nan:0x", StringComparison.Ordinal) => Payload(text["nan:".Length..], format),
            _ when DigitText.TakeHexPrefix(ref text) => Hexadecimal(text, format),
            _ => Decimal(text, format),
        };
        return negative ? magnitude | format.SignBit : magnitude;
    }

    private static ulong Read(SExpression expression, FloatFormat format) => TryRead(expression.Word, format)
        ?? throw expression.Error($"{expression.Source} is no number of {format.Bits} bits; write digits, 0x and hexadecimal digits, inf, nan or nan:0x…, in its range");

    private static ulong? Payload(string text, FloatFormat format) =>
        IntegerLiteral.TryRead(text, 64, out var payload) && payload != 0 && payload < format.Infinity && payload <= format.MantissaMask ? format.Infinity | payload : null;

    private static ulong? Decimal(string text, FloatFormat format)
    {
        if (Split(text, 'e', char.IsAsciiDigit) is not { } parts) return null;
        var plain = $"{parts.Whole}.{parts.Fraction}e{parts.Exponent.ToString(CultureInfo.InvariantCulture)}";
        var bits = format.Bits == 32
            ? BitConverter.SingleToUInt32Bits(float.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture))
            : BitConverter.DoubleToUInt64Bits(double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture));
        return bits < format.Infinity ? bits : null;
    }

    private static ulong? Hexadecimal(string text, FloatFormat format)
    {
        if (Split(text, 'p', char.IsAsciiHexDigit) is not { } parts) return null;
        var mantissa = BigInteger.Parse($"0{parts.Whole}{parts.Fraction}", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return mantissa.IsZero ? 0 : format.Round(mantissa, parts.Exponent - (4 * parts.Fraction.Length));
    }

    /// <summary>Digits before and behind the point, and the exponent; the fraction has one digit at least.</summary>
    private static (string Whole, string Fraction, int Exponent)? Split(string text, char mark, Func<char, bool> isDigit)
    {
        var exponent = 0;
        var at = text.IndexOfAny([mark, char.ToUpperInvariant(mark)]);
        if (at >= 0)
        {
            var written = text[(at + 1)..];
            var negative = DigitText.TakeSign(ref written);
            if (DigitText.Clean(written, char.IsAsciiDigit) is not { } digits) return null;
            var far = !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out exponent) || exponent > FarExponent;
            if (far) exponent = FarExponent;
            if (negative) exponent = -exponent;
            text = text[..at];
        }
        var point = text.IndexOf('.');
        var whole = DigitText.Clean(point < 0 ? text : text[..point], isDigit);
        var fraction = point < 0 || point == text.Length - 1 ? "0" : DigitText.Clean(text[(point + 1)..], isDigit);
        return whole is null || fraction is null ? null : (whole, fraction, exponent);
    }
}
