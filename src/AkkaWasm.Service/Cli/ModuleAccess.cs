using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;
using AkkaWasm.Service.Modules;

namespace AkkaWasm.Service.Cli;

/// <summary>The store of modules that a verb works on: that of a running node, or that of a data folder without one. Either answers with the same JSON.</summary>
internal abstract class ModuleAccess : IDisposable
{
    /// <summary>Finds it.</summary>
    /// <param name="node">The options that say where.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="context">What the verb has around it.</param>
    /// <param name="toWrite">Whether it is to be changed; without a node the data folder is held meanwhile.</param>
    /// <exception cref="CliException">The options say nothing that can be used, or the folder is not there.</exception>
    /// <exception cref="MeshNodeException">The folder is in use, or a key cannot be used.</exception>
    public static ModuleAccess Open(NodeOptions node, ParseResult parsed, CliContext context, bool toWrite = false)
    {
        if (node.TryClient(parsed, context) is { } client) return new OfNode(client);
        var place = node.Place(parsed);
        if (!toWrite && !Directory.Exists(place.DataFolder)) throw new CliException(ExitCode.BadInput, $"the data folder '{place.DataFolder}' is not there; push a module first, or say another one");
        var options = node.Modules(parsed).WithKeys();
        return new OfFolder(toWrite ? OfflineModules.Take(place, options) : OfflineModules.Open(place, options));
    }

    public abstract Task<JsonDocument> PushAsync(ModulePush push, CancellationToken cancellation);

    public abstract Task<JsonDocument> ListAsync(bool withLog, CancellationToken cancellation);

    /// <exception cref="CliException">There is none.</exception>
    public abstract Task<JsonDocument> FindAsync(ModuleReference reference, CancellationToken cancellation);

    /// <exception cref="CliException">There is none.</exception>
    public abstract Task<byte[]> ContentAsync(ModuleReference reference, CancellationToken cancellation);

    public abstract Task<JsonDocument> VerifyAsync(ModuleReference? only, CancellationToken cancellation);

    public abstract Task<JsonDocument> CollectAsync(CollectOptions collect, CancellationToken cancellation);

    public abstract void Dispose();

    private sealed class OfNode(NodeClient client) : ModuleAccess
    {
        public override Task<JsonDocument> PushAsync(ModulePush push, CancellationToken cancellation)
        {
            var name = push.Name is null ? "" : $"&name={Uri.EscapeDataString(push.Name)}&version={Uri.EscapeDataString(push.Version ?? "")}";
            var signatures = push.Signatures?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
            return client.SendBytesAsync(HttpMethod.Post, $"/v1/modules?origin={Uri.EscapeDataString(push.Origin)}{name}", push.Bytes, (ModuleEndpoints.SignatureHeader, string.Join(',', signatures)), cancellation);
        }

        public override Task<JsonDocument> ListAsync(bool withLog, CancellationToken cancellation) => client.GetAsync(withLog ? "/v1/modules?log=true" : "/v1/modules", cancellation);

        public override Task<JsonDocument> FindAsync(ModuleReference reference, CancellationToken cancellation) => client.GetAsync(Path(reference), cancellation);

        public override Task<byte[]> ContentAsync(ModuleReference reference, CancellationToken cancellation) => client.ContentAsync(reference, cancellation);

        public override Task<JsonDocument> VerifyAsync(ModuleReference? only, CancellationToken cancellation) =>
            client.PostAsync(only is null ? "/v1/modules/verify" : $"/v1/modules/verify?only={Uri.EscapeDataString(only.Text)}", Nothing, cancellation);

        public override Task<JsonDocument> CollectAsync(CollectOptions collect, CancellationToken cancellation)
        {
            var age = collect.OlderThan is { } span ? FormattableString.Invariant($"&older_than={(long)Math.Ceiling(span.TotalMilliseconds)}ms") : "";
            return client.PostAsync($"/v1/modules/gc?dry_run={(collect.DryRun ? "true" : "false")}&named={(collect.Named ? "true" : "false")}{age}", Nothing, cancellation);
        }

        public override void Dispose() => client.Dispose();

        private static string Path(ModuleReference reference) => $"/v1/modules/{Uri.EscapeDataString(reference.Text)}";

        private static void Nothing(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }
    }

    private sealed class OfFolder(OfflineModules modules) : ModuleAccess
    {
        public override async Task<JsonDocument> PushAsync(ModulePush push, CancellationToken cancellation)
        {
            var pushed = await modules.PushAsync(push, cancellation);
            if (pushed.Problem is { } problem) throw new CliException(ExitCode.Failed, ErrorReport.AsClause(problem));
            return Json(json => ModuleJson.Write(json, pushed, push.Name is null ? null : $"{push.Name}@{push.Version}"));
        }

        public override async Task<JsonDocument> ListAsync(bool withLog, CancellationToken cancellation)
        {
            var list = await modules.ListAsync(withLog, cancellation);
            return Json(json => ModuleJson.Write(json, list));
        }

        public override async Task<JsonDocument> FindAsync(ModuleReference reference, CancellationToken cancellation)
        {
            var found = await modules.FindAsync(reference, withLog: true, cancellation) ?? throw None(reference);
            return Json(json => ModuleJson.Write(json, found, modules.Resolve(reference)?.Name));
        }

        public override Task<byte[]> ContentAsync(ModuleReference reference, CancellationToken cancellation) =>
            Task.FromResult((modules.Resolve(reference) is { } resolved ? modules.Read(resolved.Hash) : null)?.ToArray() ?? throw None(reference));

        public override async Task<JsonDocument> VerifyAsync(ModuleReference? only, CancellationToken cancellation)
        {
            var verification = await modules.VerifyAsync(only, cancellation);
            return Json(json => ModuleJson.Write(json, verification));
        }

        public override async Task<JsonDocument> CollectAsync(CollectOptions collect, CancellationToken cancellation)
        {
            var collection = await modules.CollectAsync(collect, cancellation);
            return Json(json => ModuleJson.Write(json, collection, collect.DryRun));
        }

        public override void Dispose() => modules.Dispose();

        private static CliException None(ModuleReference reference) => new(ExitCode.Failed, $"there is no module '{reference}'; module list says what there is");

        private static JsonDocument Json(Action<Utf8JsonWriter> write)
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(buffer)) write(json);
            return JsonDocument.Parse(buffer.WrittenMemory.ToArray());
        }
    }
}
