using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>
/// A configuration file over the defaults, with everything resolved: substitutions, and for each agent, group and source the
/// defaults of its kind.
/// </summary>
internal sealed class ConfigurationTree
{
    public const string RootKey = "akka-wasm";
    public const string AkkaKey = "akka";

    private const string SettingPrefix = "--set ";
    private const int MaxRootKeyDistance = 3;

    private readonly HoconObject layered;

    private ConfigurationTree(string file, HoconObject layered)
    {
        File = file;
        this.layered = layered;
        Root = FillIn(layered);
    }

    /// <summary>The configuration file as it was named.</summary>
    public string File { get; }

    /// <summary>Everything.</summary>
    public HoconObject Root { get; }

    /// <summary>Reads a file, lays it over the defaults and single settings over both.</summary>
    /// <param name="file">The configuration file.</param>
    /// <param name="settings">Settings as <c>akka-wasm.http.port=0</c>, the last one strongest.</param>
    /// <param name="options">What the reader may see besides; the environment of the process if null.</param>
    /// <exception cref="HoconException">Something cannot be read or resolved.</exception>
    public static ConfigurationTree Load(string file, IEnumerable<string> settings, HoconReaderOptions? options = null)
    {
        var document = HoconReader.ReadFile(file, options);
        foreach (var setting in settings)
            document = ReadSetting(setting, options).WithFallback(document);
        var root = document.WithFallback(ReferenceConfiguration.Document()).Resolve();
        RefuseMistypedRoot(root);
        return new ConfigurationTree(file, root);
    }

    /// <summary>Lays text over the defaults, as a file would be.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">What stands for the file in messages; paths are relative to the working folder.</param>
    /// <param name="options">What the reader may see besides; the environment of the process if null.</param>
    /// <exception cref="HoconException">Something cannot be read or resolved.</exception>
    public static ConfigurationTree OfText(string text, string name, HoconReaderOptions? options = null)
    {
        var root = HoconReader.ReadText(text, name, options, Environment.CurrentDirectory).WithFallback(ReferenceConfiguration.Document()).Resolve();
        RefuseMistypedRoot(root);
        return new ConfigurationTree(name, root);
    }

    /// <summary>Only what files and settings say, without the defaults.</summary>
    public HoconObject WithoutDefaults() => Given(layered, HoconOrigin.OfWholeFile(File));

    /// <summary>
    /// Where a path below <c>akka-wasm</c> was written, or the last object on the way to it. Keys of the path are joined by dots and not quoted.
    /// </summary>
    public HoconOrigin OriginOf(string path)
    {
        var origin = HoconOrigin.OfWholeFile(File);
        HoconValue? at = Root.Find(RootKey)?.Value;
        for (var rest = path; at is HoconObject fields;)
        {
            var field = fields.Fields.Where(f => rest == f.Key || rest.StartsWith(f.Key + '.', StringComparison.Ordinal)).MaxBy(f => f.Key.Length);
            if (field is null) break;
            if (field.KeyOrigin.File != ReferenceConfiguration.FileName) origin = field.KeyOrigin;
            rest = rest.Length == field.Key.Length ? "" : rest[(field.Key.Length + 1)..];
            at = field.Value;
        }
        return origin;
    }

    /// <summary>
    /// A path as an absolute one: relative to the file that says it; to the configuration file if the defaults say it; to the working
    /// folder if the environment or a single setting does.
    /// </summary>
    public string FullPath(HoconCursor value)
    {
        var origin = value.Origin;
        var folder = origin.Line == 0 || origin.File.StartsWith(SettingPrefix, StringComparison.Ordinal) ? Environment.CurrentDirectory
            : FolderOf(origin.File == ReferenceConfiguration.FileName ? File : origin.File);
        return Path.GetFullPath(value.AsString(), folder);
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;

    private static HoconDocument ReadSetting(string setting, HoconReaderOptions? options)
    {
        var name = SettingPrefix + setting;
        if (setting.IndexOf('=', StringComparison.Ordinal) < 1)
            throw new HoconException("a setting has no '='", HoconOrigin.OfWholeFile(name), "write it as akka-wasm.http.port=0");
        return HoconReader.ReadText(setting, name, options);
    }

    private static void RefuseMistypedRoot(HoconObject root)
    {
        foreach (var field in root.Fields.Where(f => f.Key is not (RootKey or AkkaKey)))
            if (NearestName.Distance(field.Key, RootKey) <= MaxRootKeyDistance)
                throw new HoconException($"unknown key '{field.Key}'", field.KeyOrigin, $"did you mean '{RootKey}'?");
    }

    private static HoconObject FillIn(HoconObject root)
    {
        var supervision = Find(root, "supervision");
        var defaults = Overlay.At(root, [RootKey, "mesh", "defaults", "group"], group => Overlay.Over(group, supervision));
        var (forGroup, forAgent, forSource, forRule) = (Find(defaults, "defaults", "group"), Find(defaults, "defaults", "agent"), Find(defaults, "defaults", "source"), Find(defaults, "defaults", "rule"));
        var filled = Overlay.At(defaults, [RootKey, "mesh", "groups"], groups => Overlay.Each(groups, group => Overlay.Over(group, forGroup)));
        filled = Overlay.At(filled, [RootKey, "mesh", "agents"], agents => Overlay.Each(agents, agent => Overlay.Over(agent, forAgent)));
        filled = Overlay.At(filled, [RootKey, "mesh", "rules"], rules => Overlay.Each(rules, rule => Overlay.Over(rule, forRule)));
        return Overlay.At(filled, [RootKey, "mesh", "sources"], sources => Overlay.Each(sources, source => Overlay.Over(source, forSource)));
    }

    private static HoconObject Find(HoconObject root, params ReadOnlySpan<string> pathInMesh)
    {
        HoconValue? at = (root.Find(RootKey)?.Value as HoconObject)?.Find("mesh")?.Value;
        foreach (var key in pathInMesh) at = (at as HoconObject)?.Find(key)?.Value;
        return at as HoconObject ?? new HoconObject(root.Origin, []);
    }

    private static HoconObject Given(HoconObject all, HoconOrigin origin) => new(origin, all.Fields
        .Where(field => field.KeyOrigin.File != ReferenceConfiguration.FileName)
        .Select(field => field.Value is HoconObject value ? field with { Value = Given(value, field.KeyOrigin) } : field));
}
