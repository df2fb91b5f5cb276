using System.Collections.Immutable;
using System.CommandLine;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Service.Cli;

/// <summary>The options of <c>wasm run</c> that say what a program finds in its world.</summary>
internal sealed class WasiOptions
{
    private const string FolderSeparator = "::";

    private readonly Option<string[]> folders = new("--dir")
    {
        Description = "A folder that the program may read and write, and the path under which it finds it; the same path if only one is given. Repeatable.",
        HelpName = "HOST[::GUEST]",
    };

    private readonly Option<string[]> variables = new("--env")
    {
        Description = "A variable of the program's environment; with a name alone its value here. Repeatable.",
        HelpName = "NAME[=VALUE]",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(folders);
        command.Options.Add(variables);
    }

    /// <exception cref="CliException">An option cannot be read.</exception>
    public WasiSettings Read(ParseResult parsed, CliContext context, string program, string[] arguments) => new()
    {
        Arguments = [program, .. arguments],
        Environment = [.. (parsed.GetValue(variables) ?? []).Select(text => Variable(text, context))],
        HasMemoryRoot = false,
        HostFolders = [.. (parsed.GetValue(folders) ?? []).Select(Folder)],
        Limits = WasiLimits.Default with { WrittenBytesPerTurn = long.MaxValue },
    };

    private static WasiHostMount Folder(string text)
    {
        var parts = text.Split(FolderSeparator);
        if (parts.Length > 2 || parts.Any(part => part.Length == 0)) throw new CliException(ExitCode.BadInput, $"--dir must be HOST or HOST::GUEST but is '{text}'; write it as data::/data");
        return new WasiHostMount(parts[^1], parts[0]);
    }

    private static KeyValuePair<string, string> Variable(string text, CliContext context)
    {
        var end = text.IndexOf('=', StringComparison.Ordinal);
        var name = end < 0 ? text : text[..end];
        if (name.Length == 0) throw new CliException(ExitCode.BadInput, $"--env must be NAME=VALUE but is '{text}'; write it as HOME=/");
        return new(name, end < 0 ? context.Environment(name) ?? "" : text[(end + 1)..]);
    }
}
