using System.CommandLine;
using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hosting;

namespace AkkaWasm.Service.Cli;

/// <summary>The options by which a verb finds a running node, or the data folder of one.</summary>
internal sealed class NodeOptions(string folderOption = "--data")
{
    private const string DefaultFile = "mesh.conf";
    private const string DefaultUrl = "http://127.0.0.1:8642";
    private const string TokenVariable = "AKKAWASM_TOKEN";

    private readonly Option<string?> url = new("--url") { Description = $"Where the node listens, as {DefaultUrl}.", HelpName = "URL" };
    private readonly Option<string?> token = new("--token") { Description = $"Its token; otherwise that of the environment variable {TokenVariable} or of the configuration.", HelpName = "TOKEN" };
    private readonly Option<string?> data = new(folderOption) { Description = "The data folder of the node; node.json in it says where it listens.", HelpName = "DIR" };
    private readonly Option<string?> configuration = Options.Configuration();

    /// <summary>Gives a verb that talks to a node the options for it.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in new[] { url, data, configuration, token }) command.Options.Add(option);
        return command;
    }

    /// <summary>Gives a verb that reads a data folder the options for it.</summary>
    public Command AddFolderTo(Command command)
    {
        command.Options.Add(data);
        command.Options.Add(configuration);
        return command;
    }

    /// <summary>The node that is meant.</summary>
    /// <exception cref="CliException">The options say nothing that can be used.</exception>
    public NodeClient Client(ParseResult parsed, CliContext context)
    {
        var tree = Tree(parsed);
        var secret = parsed.GetValue(token) ?? context.Environment(TokenVariable) ?? (tree is null ? null : ConfigurationReader.ReadHttp(tree).Token);
        return new NodeClient(Address(parsed, tree), secret);
    }

    /// <summary>The log that is meant: of the data folder, with the databases of the configuration where one is named.</summary>
    /// <exception cref="CliException">None is, or its folder is not there.</exception>
    public LogLocation Log(ParseResult parsed)
    {
        var tree = Tree(parsed);
        var folder = ExistingFolder(parsed, tree);
        return tree is null ? new LogLocation(folder) : ConfigurationReader.ReadLog(tree) with { DataFolder = folder };
    }

    /// <summary>The running node, or null where nobody says where one is and none serves the folder that is meant.</summary>
    /// <exception cref="CliException">The options say nothing that can be used.</exception>
    public NodeClient? TryClient(ParseResult parsed, CliContext context)
    {
        if (parsed.GetValue(url) is null && FindFolder(parsed, Tree(parsed)) is { } folder && NodeFile.Find(folder)?.IsRunning is not true) return null;
        return Client(parsed, context);
    }

    /// <summary>The data folder that is meant, with the log in it or on its databases; the folder need not be there yet.</summary>
    /// <exception cref="CliException">None is named.</exception>
    public LogLocation Place(ParseResult parsed)
    {
        var tree = Tree(parsed);
        var folder = FindFolder(parsed, tree) ?? throw NoFolder();
        return tree is null ? new LogLocation(folder) : ConfigurationReader.ReadLog(tree) with { DataFolder = folder };
    }

    /// <summary>The section of the configuration about modules, or the defaults where no configuration is named.</summary>
    public ModuleSettings Modules(ParseResult parsed) => Tree(parsed) is { } tree ? ConfigurationReader.ReadModules(tree) : new ModuleSettings(new ModuleOptions(), [], new FetchOptions());

    /// <summary>What names of modules mean in the data folder that is meant, if one is.</summary>
    public ModuleNamesInUse Names(ParseResult parsed) => FindFolder(parsed, Tree(parsed)) is { } folder ? ModuleNamesInUse.Of(folder) : ModuleNamesInUse.None;

    private static CliException NoFolder() => new(ExitCode.BadInput, $"no data folder is named, and there is no {DefaultFile} here that names one; say --data DIR or --config FILE");

    private string ExistingFolder(ParseResult parsed, ConfigurationTree? tree)
    {
        var folder = FindFolder(parsed, tree) ?? throw NoFolder();
        return Directory.Exists(folder) ? folder : throw new CliException(ExitCode.BadInput, $"the data folder '{folder}' is not there; serve the mesh first, or say another one");
    }

    private Uri Address(ParseResult parsed, ConfigurationTree? tree)
    {
        if (parsed.GetValue(url) is { } text)
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                ? address
                : throw new CliException(ExitCode.BadInput, $"--url must be an address but is '{text}'; write one as {DefaultUrl}");
        }
        var folder = FindFolder(parsed, tree);
        if (folder is not null && NodeFile.Find(folder) is { } node) return node.Url;
        if (parsed.GetValue(data) is not null)
            throw new CliException(ExitCode.NoAnswer, $"no node serves the data folder '{folder}' ({NodeFile.PathIn(folder!)} is not there); start one with akkawasm serve, or say --url");
        if (tree is null) return new Uri(DefaultUrl);
        var http = ConfigurationReader.ReadHttp(tree);
        var host = http.Address.Equals(System.Net.IPAddress.Any) ? System.Net.IPAddress.Loopback : http.Address.Equals(System.Net.IPAddress.IPv6Any) ? System.Net.IPAddress.IPv6Loopback : http.Address;
        return new UriBuilder("http", host.ToString(), http.Port).Uri;
    }

    private string? FindFolder(ParseResult parsed, ConfigurationTree? tree) =>
        parsed.GetValue(data) is { } folder ? Path.GetFullPath(folder) : tree is null ? null : ConfigurationReader.ReadDataFolder(tree);

    private ConfigurationTree? Tree(ParseResult parsed)
    {
        var file = parsed.GetValue(configuration) ?? (File.Exists(DefaultFile) && parsed.GetValue(data) is null && parsed.GetValue(url) is null ? DefaultFile : null);
        return file is null ? null : ConfigurationTree.Load(file, []);
    }
}
