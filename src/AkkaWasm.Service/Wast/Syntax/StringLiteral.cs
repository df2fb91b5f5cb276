using System.Globalization;
using System.Text;

namespace AkkaWasm.Service.Wast.Syntax;

/// <summary>The bytes that a string stands for (specification, 6.3.3).</summary>
internal static class StringLiteral
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static readonly Dictionary<char, byte> Letters = new()
    {
        ['t'] = (byte)'\t', ['n'] = (byte)'\n', ['r'] = (byte)'\r', ['"'] = (byte)'"', ['\''] = (byte)'\'', ['\\'] = (byte)'\\',
    };

    /// <summary>The bytes of a string.</summary>
    /// <exception cref="ScriptException">It is no string, or an escape in it means nothing.</exception>
    public static byte[] Read(SExpression expression) => expression.Kind == SExpressionKind.String
        ? Read(expression, expression.Start)
        : throw expression.Error($"a string is wanted and not {expression.Source}; write it in quotation marks");

    /// <summary>The string as a name, which has to be UTF-8.</summary>
    /// <exception cref="ScriptException">It is no string, or not UTF-8.</exception>
    public static string ReadName(SExpression expression) => Name(expression, Read(expression));

    /// <summary>The same of a string that is the end of an expression.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="start">The string's first byte in the script.</param>
    /// <exception cref="ScriptException">An escape in it means nothing, or it is not UTF-8.</exception>
    public static string ReadName(SExpression expression, int start) => Name(expression, Read(expression, start));

    private static string Name(SExpression expression, byte[] bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw expression.Error("the name is not UTF-8; correct its escapes");
        }
    }

    private static byte[] Read(SExpression expression, int start)
    {
        var text = expression.Text.Bytes.AsSpan((start + 1)..(expression.End - 1));
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (text[i] != '\\') bytes.Add(text[i++]);
            else i += 1 + Escape(expression, text[(i + 1)..], start + 1 + i, bytes);
        }
        return [.. bytes];
    }

    /// <summary>One escape; gives how many bytes of the text it took behind the backslash, which stands at an offset of the script.</summary>
    private static int Escape(SExpression expression, ReadOnlySpan<byte> text, int offset, List<byte> bytes)
    {
        if (Letters.TryGetValue((char)text[0], out var letter))
        {
            bytes.Add(letter);
            return 1;
        }
        if (text.Length >= 2 && byte.TryParse(text[..2], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            bytes.Add(value);
            return 2;
        }
        var close = text.IndexOf((byte)'}');
        if (text.StartsWith("u{"u8) && close > 0 && ScalarValue(text[2..close]) is { } rune)
        {
            Span<byte> encoded = stackalloc byte[4];
            bytes.AddRange(encoded[..rune.EncodeToUtf8(encoded)]);
            return close + 1;
        }
        throw expression.Text.Error(offset, "the escape means nothing; write \\t, \\n, \\r, \\\", \\', \\\\, two hexadecimal digits, or \\u{…} with a Unicode scalar value");
    }

    private static Rune? ScalarValue(ReadOnlySpan<byte> digits)
    {
        var hex = DigitText.Clean(Encoding.UTF8.GetString(digits), char.IsAsciiHexDigit);
        return hex is not null && uint.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && Rune.TryCreate(value, out var rune)
            ? rune
            : null;
    }
}
