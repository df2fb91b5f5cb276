using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Modules;

/// <summary>Modules of the store as JSON, the same over HTTP and on the command line.</summary>
internal static class ModuleJson
{
    /// <summary>Modules as <c>{ "modules": [ … ] }</c>.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<ModuleInfo> modules, string? resolved = null)
    {
        json.WriteStartObject();
        json.WriteList("modules", modules, module => Write(json, module, resolved));
        json.WriteEndObject();
    }

    /// <summary>One module.</summary>
    /// <param name="json">Takes it.</param>
    /// <param name="module">The module.</param>
    /// <param name="resolved">The name and version that were asked for, or null if none were.</param>
    public static void Write(Utf8JsonWriter json, ModuleInfo module, string? resolved)
    {
        json.WriteStartObject();
        if (resolved is not null) json.WriteString("resolved", resolved);
        json.WriteString("sha256", module.Hash);
        json.WriteString("kind", module.IsFolder ? "folder" : "module");
        json.WriteNumber("bytes", module.Bytes);
        json.WriteBoolean("kept", module.IsKept);
        if (module.KeptAt is { } at) json.WriteString("kept_at", at.UtcDateTime);
        json.WriteList("names", module.Names, name => Write(json, name));
        json.WriteNumber("signatures", module.Signatures);
        json.WriteList("signed_by", module.SignedBy, json.WriteStringValue);
        json.WriteList("agents", module.Agents, json.WriteStringValue);
        if (!module.Parts.IsEmpty) WriteParts(json, module.Parts);
        if (module.Topologies is { } topologies)
        {
            json.WriteList("topologies", topologies, use =>
            {
                json.WriteStartObject();
                json.WriteString("position", use.Position);
                json.WriteList("agents", use.Agents, json.WriteStringValue);
                json.WriteEndObject();
            });
        }
        json.WriteEndObject();
    }

    /// <summary>Of what a module is composed, into an object that is open: <c>"parts": [ { "name", "sha256", "main" } ]</c>.</summary>
    public static void WriteParts(Utf8JsonWriter json, IEnumerable<ModulePartDescription> parts) => json.WriteList("parts", parts, part =>
    {
        json.WriteStartObject();
        json.WriteString("name", part.Name);
        json.WriteString("sha256", part.ContentHash);
        json.WriteBoolean("main", part.IsMain);
        json.WriteEndObject();
    });

    /// <summary>The answer to a push.</summary>
    public static void Write(Utf8JsonWriter json, ModulePushed pushed, string? name)
    {
        json.WriteStartObject();
        json.WriteString("outcome", Word(pushed.Outcome));
        json.WriteString("sha256", pushed.Hash);
        if (name is not null) json.WriteString("name", name);
        json.WriteList("signed_by", pushed.SignedBy, json.WriteStringValue);
        if (pushed.Problem is { } problem) json.WriteString("problem", problem);
        json.WriteEndObject();
    }

    /// <summary>What a verification found.</summary>
    public static void Write(Utf8JsonWriter json, ModuleVerification verification)
    {
        json.WriteStartObject();
        json.WriteNumber("contents", verification.Contents);
        json.WriteNumber("bytes", verification.Bytes);
        json.WriteList("findings", verification.Findings, finding =>
        {
            json.WriteStartObject();
            json.WriteString("flaw", Word(finding.Flaw));
            if (finding.Hash is { } hash) json.WriteString("sha256", hash);
            json.WriteString("message", finding.Message);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    /// <summary>What was collected.</summary>
    public static void Write(Utf8JsonWriter json, ModuleCollection collection, bool dryRun)
    {
        json.WriteStartObject();
        json.WriteBoolean("dry_run", dryRun);
        json.WriteList("removed", collection.Removed, module => Write(json, module, null));
        json.WriteNumber("bytes", collection.Bytes);
        json.WriteNumber("used", collection.Used);
        json.WriteNumber("named", collection.Named);
        json.WriteNumber("young", collection.Young);
        json.WriteNumber("busy", collection.Busy);
        json.WriteNumber("leftovers", collection.Leftovers);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ModuleName name)
    {
        json.WriteStartObject();
        json.WriteString("name", name.Name);
        json.WriteString("version", name.Version);
        json.WriteString("pushed_at", name.PushedAt.UtcDateTime);
        json.WriteString("origin", name.Origin);
        json.WriteEndObject();
    }

    private static string Word(Enum value) => HoconCursor.KebabCase(value.ToString());
}
