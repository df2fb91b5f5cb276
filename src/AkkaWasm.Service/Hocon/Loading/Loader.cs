using AkkaWasm.Service.Hocon.Syntax;

namespace AkkaWasm.Service.Hocon.Loading;

/// <summary>Reads the files of one document: the outermost and what it includes, within the limits on number, size and nesting.</summary>
internal sealed class Loader(HoconReaderOptions options)
{
    private const string RemedyForSize = "split it into several configurations";

    private readonly HoconLimits _limits = options.Limits;
    private readonly IncludeLocator _locator = new(options.ResourceFolders);
    private readonly WorkMeter _values = new("MaxValues", options.Limits.MaxValues, "values", RemedyForSize);
    private readonly WorkMeter _files = new("MaxFiles", options.Limits.MaxFiles, "files", "include fewer files");

    public ObjectNode LoadRoot(string path)
    {
        HoconOrigin origin = HoconOrigin.OfWholeFile(path);
        if (path.Length == 0 || path.Contains('\0'))
            throw new HoconException("no file is named", origin, "give the path of a configuration file");
        return LoadFile(path, origin, NewContext(Path.GetDirectoryName(path)) with { Chain = [Identity(path)] });
    }

    public ObjectNode LoadText(string text, string name, string? folder)
    {
        if (text.Length > _limits.MaxFileBytes)
            throw new HoconException(
                $"the text is longer than {_limits.MaxFileBytes} characters (MaxFileBytes)", HoconOrigin.OfWholeFile(name),
                RemedyForSize);
        return HoconParser.Parse(text, name, NewContext(folder));
    }

    /// <summary>The roots of the files that a statement stands for, lowest first; none when a file that may be missing is.</summary>
    public IEnumerable<ObjectNode> Include(
        IncludeStatement statement, ParseContext including, IReadOnlyList<IncludeScope> scopes, int depth)
    {
        foreach (string path in _locator.Locate(statement, including.Folder))
        {
            string identity = Identity(path);
            List<string> chain = [.. including.Chain, identity];
            if (including.Chain.Contains(identity))
                throw new HoconException(
                    $"the file includes itself ({ShowChain(chain)})", statement.Origin, "remove one of these includes");
            if (chain.Count > _limits.MaxIncludeDepth)
                throw new HoconException(
                    $"files include each other more than {_limits.MaxIncludeDepth} deep (MaxIncludeDepth)", statement.Origin,
                    "include them from one file");
            ParseContext context = including with { Folder = Path.GetDirectoryName(path), Scopes = scopes, Depth = depth, Chain = chain };
            yield return LoadFile(path, statement.Origin, context);
        }
    }

    private ParseContext NewContext(string? folder) => new() { Loader = this, Limits = _limits, Values = _values, Folder = folder };

    private ObjectNode LoadFile(string path, HoconOrigin reader, ParseContext context)
    {
        _files.Charge(1, reader);
        string text = FileText.Read(path, reader, _limits.MaxFileBytes);
        return path.EndsWith(IncludeLocator.PropertiesExtension, StringComparison.Ordinal)
            ? PropertiesReader.Read(text, path, context)
            : HoconParser.Parse(text, path, context);
    }

    private static string Identity(string path) => Path.GetFullPath(path);

    private static string ShowChain(List<string> chain) => string.Join(" → ", chain.Select(Path.GetFileName));
}
