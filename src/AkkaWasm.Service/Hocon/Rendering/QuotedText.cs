using System.Globalization;
using System.Text;

namespace AkkaWasm.Service.Hocon.Rendering;

/// <summary>Writes a string in double quotes as JSON does.</summary>
internal static class QuotedText
{
    public static StringBuilder AppendQuoted(this StringBuilder target, string text)
    {
        target.Append('"');
        for (int index = 0; index < text.Length; index++)
        {
            char c = text[index];
            bool pair = char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);
            if (pair)
                target.Append(c).Append(text[++index]);
            else
                AppendEscaped(target, c);
        }
        return target.Append('"');
    }

    private static void AppendEscaped(StringBuilder target, char c)
    {
        switch (c)
        {
            case '"' or '\\':
                target.Append('\\').Append(c);
                break;
            case '\n':
                target.Append("\\n");
                break;
            case '\r':
                target.Append("\\r");
                break;
            case '\t':
                target.Append("\\t");
                break;
            case < ' ' or '\x7f' or '\uFEFF' or '\u2028' or '\u2029':
            case >= '\x80' when char.IsSurrogate(c) || char.IsControl(c):
                target.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                break;
            default:
                target.Append(c);
                break;
        }
    }
}
