namespace AkkaWasm.Service.Hocon;

/// <summary>Texts of a configuration as a message can show them.</summary>
internal static class HoconText
{
    private const int ShownChars = 60;

    public static string Shorten(string text)
    {
        string oneLine = text.ReplaceLineEndings("↵");
        return oneLine.Length <= ShownChars ? $"'{oneLine}'" : $"'{oneLine[..ShownChars]}…'";
    }
}
