namespace AkkaWasm.Service.Hocon.Loading;

/// <summary>
/// Finds the files that an include stands for. A name without a known extension means all of <c>name.properties</c>,
/// <c>name.json</c> and <c>name.conf</c> that exist, the last winning.
/// </summary>
internal sealed class IncludeLocator(IReadOnlyList<string> resourceFolders)
{
    public const string PropertiesExtension = ".properties";

    private static readonly string[] ExtensionsLowestFirst = [PropertiesExtension, ".json", ".conf"];

    private const string FileScheme = "file:";

    private static readonly string[] KnownSchemes = [FileScheme, "http:", "https:", "ftp:", "jar:"];

    public IReadOnlyList<string> Locate(IncludeStatement statement, string? folder)
    {
        if (statement.Name.Length == 0 || statement.Name.Contains('\0'))
            throw new HoconException("the include names no file", statement.Origin, "write the name of a file");
        List<string> tried = [];
        List<string> found = statement.Kind switch
        {
            IncludeKind.Url => InFolder(folder, PathOfUrl(statement), tried, statement),
            IncludeKind.Classpath => InResourceFolders(statement, tried),
            IncludeKind.File => InFolder(folder, statement.Name, tried, statement),
            _ => Guess(statement, folder, tried),
        };
        if (found.Count == 0 && statement.IsRequired)
        {
            string looked = tried.Count == 0 ? "there is no folder to look in" : $"looked for {string.Join(", ", tried)}";
            throw new HoconException(
                $"the required file '{statement.Name}' does not exist ({looked})", statement.Origin,
                "add the file, or remove required(…)");
        }
        return found;
    }

    private List<string> Guess(IncludeStatement statement, string? folder, List<string> tried)
    {
        if (Array.Exists(KnownSchemes, scheme => statement.Name.StartsWith(scheme, StringComparison.Ordinal)))
            return InFolder(folder, PathOfUrl(statement), tried, statement);
        List<string> beside = InFolder(folder, statement.Name, tried, statement);
        return beside.Count > 0 ? beside : InResourceFolders(statement, tried);
    }

    private List<string> InResourceFolders(IncludeStatement statement, List<string> tried)
    {
        foreach (string folder in resourceFolders)
        {
            List<string> found = InFolder(folder, statement.Name.TrimStart('/'), tried, statement);
            if (found.Count > 0)
                return found;
        }
        return [];
    }

    private static List<string> InFolder(string? folder, string name, List<string> tried, IncludeStatement statement)
    {
        if (folder is null && !Path.IsPathRooted(name))
            return [];
        string path = Path.Combine(folder ?? "", name);
        List<string> candidates = HasKnownExtension(path) ? [path] : [.. ExtensionsLowestFirst.Select(extension => path + extension)];
        tried.AddRange(candidates);
        List<string> found = candidates.FindAll(File.Exists);
        if (found.Count == 0 && File.Exists(path))
            found.Add(path);
        if (found.Count == 0 && Directory.Exists(path))
            throw new HoconException($"'{name}' is a folder", statement.Origin, "include a file in it");
        return found;
    }

    private static bool HasKnownExtension(string path) =>
        Array.Exists(ExtensionsLowestFirst, extension => path.EndsWith(extension, StringComparison.Ordinal));

    private static string PathOfUrl(IncludeStatement statement)
    {
        string path = statement.Name.StartsWith(FileScheme, StringComparison.Ordinal) ? statement.Name[FileScheme.Length..] : "//";
        if (path.StartsWith("///", StringComparison.Ordinal))
            path = path[2..];
        else if (path.StartsWith("//localhost/", StringComparison.Ordinal))
            path = path["//localhost".Length..];
        if (path.Length > 0 && !path.StartsWith("//", StringComparison.Ordinal))
            return Uri.UnescapeDataString(path);
        throw new HoconException(
            $"'{statement.Name}' is not on this machine", statement.Origin,
            "copy the file here and include it by name, or write a file: URL");
    }
}
