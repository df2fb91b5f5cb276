using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon;

/// <summary>Paths as people write them: keys joined by dots, a key quoted when it is empty or holds other characters.</summary>
internal static class HoconPath
{
    /// <summary>Splits a path expression such as <c>a."b.c".d</c> into its keys.</summary>
    /// <exception cref="HoconException">The text is no path expression.</exception>
    public static IReadOnlyList<string> Parse(string path)
    {
        SourceText source = new(path, $"path '{path}'");
        IReadOnlyList<string> keys = PathExpression.Read(source, HoconLimits.Default.MaxDepth);
        if (!source.AtEnd)
            throw source.Error($"the path has an unexpected {source.DescribeNext()}", "put the key in double quotes");
        return keys;
    }

    public static string Render(IEnumerable<string> keys) => string.Join('.', keys.Select(RenderKey));

    public static string Append(string path, string key) => path.Length == 0 ? RenderKey(key) : $"{path}.{RenderKey(key)}";

    private static string RenderKey(string key) =>
        key.Length > 0 && key.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '/') ? key : $"\"{key}\"";
}
