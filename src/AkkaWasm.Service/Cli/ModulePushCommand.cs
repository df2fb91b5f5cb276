using System.CommandLine;
using AkkaWasm.Actors;
using AkkaWasm.Service.Modules;

namespace AkkaWasm.Service.Cli;

/// <summary><c>module push</c>.</summary>
internal static class ModulePushCommand
{
    private const string SourceDescription =
        "A .wasm or .wat file; a folder, of which every such file is pushed; an address (http, https); or oci:PATH[:TAG], a folder with the OCI image layout.";

    public static Command Build(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var source = new Argument<string>("SOURCE") { Description = SourceDescription };
        var name = new Option<string?>("--name") { Description = "Its name; otherwise that of a file called NAME@VERSION.wasm or of the image's annotations, else none.", HelpName = "NAME" };
        var version = new Option<string?>("--version") { Description = "Its version (Semantic Versioning 2.0.0), which never names other content again.", HelpName = "VERSION" };
        var signature = new Option<string?>("--signature") { Description = "File with its signatures, base64, one a line; otherwise SOURCE.sig if it is there.", HelpName = "FILE" };
        var sha256 = new Option<string?>("--sha256") { Description = "The digest that its bytes must have, 64 hexadecimal digits.", HelpName = "HEX" };
        var command = node.AddTo(new Command("push", "Keeps a module on the node, or in the data folder where no node runs, after making sure that it can be an agent.") { source, name, version, signature, sha256 });
        command.SetAction(async (parsed, cancellation) =>
        {
            var fetched = await ModuleSource.FetchAsync(parsed.GetRequiredValue(source), node.Modules(parsed), cancellation);
            if (fetched.Count > 1 && (parsed.GetValue(name) ?? parsed.GetValue(signature) ?? parsed.GetValue(sha256)) is not null)
                throw new CliException(ExitCode.BadInput, $"the folder has {fetched.Count} modules, and --name, --signature and --sha256 are for one; name its file, or call the files NAME@VERSION.wasm");
            var signatures = parsed.GetValue(signature) is { } file ? ReadText(file) : null;
            var pushes = fetched.Select(module => PushOf(module.Expect(parsed.GetValue(sha256)), parsed.GetValue(name), parsed.GetValue(version), signatures)).ToArray();
            using var store = ModuleAccess.Open(node, parsed, context, toWrite: true);
            foreach (var push in pushes)
            {
                using var pushed = await store.PushAsync(push, cancellation);
                if (output.Of(parsed)) JsonText.WriteLine(context.Out, pushed.RootElement.WriteTo);
                else ModuleText.WritePushed(context, pushed.RootElement, push.Origin);
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static ModulePush PushOf(FetchedModule module, string? name, string? version, string? signatures)
    {
        var (n, v) = (name ?? module.Name, version ?? module.Version);
        if (v is null && name is null) n = null; // a title alone, that nobody asked for, is no name
        return new ModulePush(module.Bytes, module.Origin) { Name = n, Version = v, Signatures = signatures ?? module.Signatures };
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, $"the signature '{file}' cannot be read: {e.Message.TrimEnd('.')}; check the path", e);
        }
    }
}
