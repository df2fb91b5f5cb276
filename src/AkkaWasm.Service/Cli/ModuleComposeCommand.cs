using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Modules;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Cli;

/// <summary><c>module compose</c>.</summary>
internal static class ModuleComposeCommand
{
    /// <summary>Digits of a hash that are shown.</summary>
    private const int ShortHash = 12;

    public static Command Build(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var main = new Argument<string>("MAIN") { Description = "The main part, whose exports the composed module has: a file, or NAME@VERSION of the store." };
        var with = new Option<string[]>("--with") { Description = "A part: its exports serve the imports that others have from a module of its name.", HelpName = "NAME=MODULE", AllowMultipleArgumentsPerToken = true };
        var link = new Option<string[]>("--link") { Description = "Imports from this module name are served by that part.", HelpName = "MODULE=NAME", AllowMultipleArgumentsPerToken = true };
        var to = new Option<string?>("--out") { Description = "Writes the composed module to a file.", HelpName = "FILE" };
        var name = new Option<string?>("--name") { Description = "Pushes it to the store under this name; needs --version.", HelpName = "NAME" };
        var version = new Option<string?>("--version") { Description = "The version that it is pushed as.", HelpName = "VERSION" };
        var command = node.AddTo(new Command("compose", "Links modules into one: exports of one serve imports of another, and their types are checked. Shows what serves what.") { main, with, link, to, name, version });
        command.SetAction(async (parsed, cancellation) =>
        {
            var pushName = parsed.GetValue(name);
            if (pushName is null != parsed.GetValue(version) is null) throw new CliException(ExitCode.BadInput, "--name and --version go together; say both or none");
            var links = Links(parsed.GetValue(link));
            var parts = new List<ModulePart>();
            foreach (var (part, module) in Pairs("--with", parsed.GetValue(with)).Append(KeyValuePair.Create(CompositionOptions.DefaultMain, parsed.GetRequiredValue(main))))
                parts.Add(new ModulePart(part, await BytesAsync(node, parsed, context, module, cancellation), module) { Links = links });
            var composed = Compose(parts);
            if (parsed.GetValue(to) is { } file) Write(file, composed.Bytes);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, json => WriteJson(json, composed));
            else WriteText(context, composed);
            if (pushName is null) return (int)ExitCode.Done;
            using var store = ModuleAccess.Open(node, parsed, context, toWrite: true);
            using var pushed = await store.PushAsync(new ModulePush(composed.Bytes, "module compose") { Name = pushName, Version = parsed.GetValue(version) }, cancellation);
            if (!output.Of(parsed)) ModuleText.WritePushed(context, pushed.RootElement, "composed");
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static ComposedModule Compose(IReadOnlyList<ModulePart> parts)
    {
        try
        {
            return ModuleComposer.Compose(parts);
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.BadInput, e.Message.Replace(" (Parameter 'parts')", "", StringComparison.Ordinal).TrimEnd('.'), e);
        }
    }

    /// <summary>A module name is served by one part.</summary>
    private static Dictionary<string, string> Links(string[]? texts)
    {
        var links = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (module, part) in Pairs("--link", texts))
            if (!links.TryAdd(module, part)) throw new CliException(ExitCode.BadInput, $"--link says twice which part serves imports from '{module}', {links[module]} and {part}; say one of them");
        return links;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string option, string[]? texts)
    {
        foreach (var text in texts ?? [])
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == text.Length - 1) throw new CliException(ExitCode.BadInput, $"{option} must be two names with '=' between them but is '{text}'; write it as math=math.wasm");
            yield return new(text[..at], text[(at + 1)..]);
        }
    }

    private static async Task<byte[]> BytesAsync(NodeOptions node, ParseResult parsed, CliContext context, string module, CancellationToken cancellation)
    {
        if (File.Exists(module) || !ModuleReference.TryParse(module, out var reference, out _) || !ModuleReference.LooksLikeOne(module)) return WasmCommands.Read(module);
        using var store = ModuleAccess.Open(node, parsed, context);
        return await store.ContentAsync(reference, cancellation);
    }

    private static void Write(string file, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            File.WriteAllBytes(file, bytes.Span);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"the composed module cannot be written to '{file}': {e.Message.TrimEnd('.')}; name another file", e);
        }
    }

    private static void WriteText(CliContext context, ComposedModule composed)
    {
        foreach (var part in composed.Parts) context.Out.WriteLine($"part {part.Name}{(part.IsMain ? " (main)" : "")}: {part.ContentHash[..ShortHash]}");
        foreach (var link in composed.Links) context.Out.WriteLine($"{link.Part}: {link.Import.Kind.ToString().ToLowerInvariant()} {link.Import.Module}.{link.Import.Name} from {link.From}");
        context.Out.WriteLine($"{composed.ContentHash}, {composed.Bytes.Length} bytes");
    }

    private static void WriteJson(Utf8JsonWriter json, ComposedModule composed)
    {
        json.WriteStartObject();
        json.WriteString("sha256", composed.ContentHash);
        json.WriteNumber("bytes", composed.Bytes.Length);
        ModuleJson.WriteParts(json, composed.Parts);
        json.WriteList("links", composed.Links, link =>
        {
            json.WriteStartObject();
            json.WriteString("part", link.Part);
            json.WriteString("kind", link.Import.Kind.ToString().ToLowerInvariant());
            json.WriteString("module", link.Import.Module);
            json.WriteString("name", link.Import.Name);
            json.WriteString("from", link.From);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }
}
