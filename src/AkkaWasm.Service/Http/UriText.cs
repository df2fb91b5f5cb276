namespace AkkaWasm.Service.Http;

/// <summary>The characters of RFC 3986: enough to tell a reference from text that is none.</summary>
internal static class UriText
{
    private const string Allowed = "-._~:/?#[]@!$&'()*+,;=%";

    /// <summary>Whether it is a URI or a relative reference, and not empty.</summary>
    public static bool IsReference(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(text[i]) && !Allowed.Contains(text[i], StringComparison.Ordinal)) return false;
            if (text[i] == '%' && (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))) return false;
        }
        return text.Length > 0;
    }

    /// <summary>A query with its question mark, of what is not null; empty if all is.</summary>
    public static string Query(params (string Name, object? Value)[] values)
    {
        var said = values.Where(v => v.Value is not null).Select(v => $"{v.Name}={Uri.EscapeDataString(Convert.ToString(v.Value, System.Globalization.CultureInfo.InvariantCulture)!)}").ToArray();
        return said.Length == 0 ? "" : "?" + string.Join('&', said);
    }

    /// <summary>Whether it is a URI with a scheme.</summary>
    public static bool IsAbsolute(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetter(text[0]) && text.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0 && IsReference(text);
    }

    private static readonly System.Buffers.SearchValues<char> SchemeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
}
