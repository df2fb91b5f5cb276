using System.Globalization;

namespace AkkaWasm.Service.Wast.Syntax;

/// <summary>Integers of the text format (specification, 6.3.1): a sign, decimal or hexadecimal digits, underscores between them.</summary>
internal static class IntegerLiteral
{
    /// <summary>The number's bits if it lies between -2^(bits-1) and 2^bits-1.</summary>
    /// <param name="text">The number.</param>
    /// <param name="bits">The width, up to 64.</param>
    /// <param name="value">Its low bits; the others are zero.</param>
    public static bool TryRead(string text, int bits, out ulong value)
    {
        value = 0;
        if (text.Length > ScriptLimits.MaxNumberLength) return false;
        var negative = DigitText.TakeSign(ref text);
        var isHex = DigitText.TakeHexPrefix(ref text);
        if (DigitText.Clean(text, isHex ? char.IsAsciiHexDigit : char.IsAsciiDigit) is not { } digits) return false;
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (!UInt128.TryParse(digits, style, CultureInfo.InvariantCulture, out var magnitude)) return false;
        var limit = negative ? UInt128.One << (bits - 1) : (UInt128.One << bits) - 1;
        if (magnitude > limit) return false;
        value = (ulong)(negative ? 0 - magnitude : magnitude) & (ulong)((UInt128.One << bits) - 1);
        return true;
    }

    /// <summary>The number's bits.</summary>
    /// <exception cref="ScriptException">It is no integer, or does not fit that many bits.</exception>
    public static ulong Read(SExpression expression, int bits) => TryRead(expression.Word, bits, out var value)
        ? value
        : throw expression.Error($"{expression.Source} is no integer of {bits} bits; write digits, or 0x and hexadecimal digits, in its range");
}
