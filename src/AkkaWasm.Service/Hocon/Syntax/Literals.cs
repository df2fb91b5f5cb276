using System.Globalization;
using System.Text;

namespace AkkaWasm.Service.Hocon.Syntax;

/// <summary>Reads the three ways of writing a simple value: unquoted, in double quotes, in triple quotes.</summary>
internal static class Literals
{
    /// <summary>A run of unquoted characters. A number may hold the plus sign of its exponent; nothing else may.</summary>
    public static string ReadUnquoted(SourceText source)
    {
        int start = source.Index;
        if (source.Peek() == '-' || IsDigit(source.Peek()))
            SkipNumber(source);
        while (source.AtUnquoted)
            source.Advance();
        return source.Since(start);
    }

    /// <summary>A string in double or triple quotes; the source stands at the first quote.</summary>
    public static string ReadQuoted(SourceText source) => source.LooksAt("\"\"\"") ? ReadTripleQuoted(source) : ReadDoubleQuoted(source);

    /// <summary>What one unquoted word by itself means.</summary>
    public static HoconScalar Classify(string word, HoconOrigin origin)
    {
        HoconKind kind = word switch
        {
            "true" or "false" => HoconKind.Boolean,
            "null" => HoconKind.Null,
            _ => IsNumber(word) ? HoconKind.Number : HoconKind.String,
        };
        return new HoconScalar(origin, kind, word);
    }

    /// <summary>Whether a text is a number as JSON writes it.</summary>
    public static bool IsNumber(ReadOnlySpan<char> text)
    {
        int at = text is ['-', ..] ? 1 : 0;
        int whole = Digits(text, ref at);
        if (whole == 0 || (whole > 1 && text[at - whole] == '0'))
            return false;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            if (Digits(text, ref at) == 0)
                return false;
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            if (at < text.Length && text[at] is '+' or '-')
                at++;
            if (Digits(text, ref at) == 0)
                return false;
        }
        return at == text.Length;
    }

    private static int Digits(ReadOnlySpan<char> text, ref int at)
    {
        int start = at;
        while (at < text.Length && IsDigit(text[at]))
            at++;
        return at - start;
    }

    private static bool IsDigit(int c) => c is >= '0' and <= '9';

    private static void SkipNumber(SourceText source)
    {
        int length = 0, plus = -1;
        for (; source.Peek(length) is (>= '0' and <= '9') or 'e' or 'E' or '+' or '-' or '.'; length++)
        {
            if (source.Peek(length) != '+')
                continue;
            if (source.Peek(length + 1) == '=')
                break;
            plus = plus < 0 ? length : plus;
        }
        int start = source.Index;
        HoconOrigin origin = source.Here;
        source.Advance(length);
        string text = source.Since(start);
        if (plus >= 0 && !IsNumber(text))
            throw new HoconException(
                $"'{text}' is no number and holds a '+'", origin with { Column = origin.Column + plus },
                "put the value in double quotes");
    }

    private static string ReadTripleQuoted(SourceText source)
    {
        HoconOrigin open = source.Here;
        source.Advance(3);
        int start = source.Index;
        while (!source.LooksAt("\"\"\""))
        {
            if (source.AtEnd)
                throw new HoconException("the string in triple quotes is never closed", open, "close it with \"\"\"");
            source.Advance();
        }
        // of a longer run of quotes the last three close the string and the others belong to it
        while (source.Peek(3) == '"')
            source.Advance();
        string text = source.Since(start);
        source.Advance(3);
        return text;
    }

    private static string ReadDoubleQuoted(SourceText source)
    {
        HoconOrigin open = source.Here;
        source.Advance();
        StringBuilder text = new();
        while (source.Peek() != '"')
        {
            switch (source.Peek())
            {
                case SourceText.End or '\n':
                    throw new HoconException(
                        "the string in double quotes is not closed on its line", open,
                        "close it with a double quote, or use triple quotes for several lines");
                case '\\':
                    text.Append(ReadEscape(source));
                    break;
                case < 0x20:
                    throw source.Error(
                        $"a {source.DescribeNext()} stands in a string in double quotes", "write it as an escape, or use triple quotes");
                case int c:
                    text.Append((char)c);
                    source.Advance();
                    break;
            }
        }
        source.Advance();
        return text.ToString();
    }

    private static char ReadEscape(SourceText source)
    {
        char? escaped = source.Peek(1) switch
        {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => null,
            int c => throw source.Error(
                $"a backslash before {SourceText.Describe(c)} is no escape",
                "write \\\\ for a backslash, or use triple quotes, in which nothing is escaped"),
        };
        if (escaped is { } simple)
        {
            source.Advance(2);
            return simple;
        }
        return ReadUnicodeEscape(source);
    }

    /// <summary>The UTF-16 unit that <c>\u</c> and four hexadecimal digits stand for; the source stands at the backslash.</summary>
    public static char ReadUnicodeEscape(SourceText source)
    {
        int value = 0;
        for (int digit = 2; digit < 6; digit++)
        {
            int c = source.Peek(digit);
            if (c is SourceText.End or > 'f' || !char.IsAsciiHexDigit((char)c))
                throw source.Error("an escape with \\u lacks four hexadecimal digits", "write it as in \\u00e9");
            value = (value << 4) | int.Parse([(char)c], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }
        source.Advance(6);
        return (char)value;
    }
}
