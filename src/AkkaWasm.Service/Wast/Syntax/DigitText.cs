namespace AkkaWasm.Service.Wast.Syntax;

/// <summary>Digits with underscores between them.</summary>
internal static class DigitText
{
    /// <summary>The digits alone, or null if there are none, another character, or an underscore that is not between two digits.</summary>
    public static string? Clean(string text, Func<char, bool> isDigit)
    {
        if (text.Length == 0 || text[0] == '_' || text[^1] == '_' || text.Contains("__", StringComparison.Ordinal)) return null;
        return text.All(c => c == '_' || isDigit(c)) ? text.Replace("_", "", StringComparison.Ordinal) : null;
    }

    /// <summary>Takes the sign off; gives whether it is a minus.</summary>
    public static bool TakeSign(ref string text)
    {
        var negative = text.StartsWith('-');
        if (negative || text.StartsWith('+')) text = text[1..];
        return negative;
    }

    /// <summary>Takes <c>0x</c> off; gives whether it was there.</summary>
    public static bool TakeHexPrefix(ref string text)
    {
        var isHex = text.StartsWith("0x", StringComparison.Ordinal);
        if (isHex) text = text[2..];
        return isHex;
    }
}
