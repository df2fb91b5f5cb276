using System.Security.Cryptography;
using System.Text.Json;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Cli;

/// <summary>Writes what a component is.</summary>
internal static class WasmComponentInspection
{
    private static readonly Dictionary<ComponentItemKind, string> Kinds = new()
    {
        [ComponentItemKind.CoreModule] = "core module",
        [ComponentItemKind.Function] = "function",
        [ComponentItemKind.Value] = "value",
        [ComponentItemKind.Type] = "type",
        [ComponentItemKind.Component] = "component",
        [ComponentItemKind.Instance] = "instance",
    };

    public static void Write(CliContext context, ComponentDescription component, byte[] bytes, bool json)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (json) JsonText.WritePage(context.Out, writer => WriteJson(writer, component, hash));
        else WriteText(context, component, hash);
    }

    private static void WriteText(CliContext context, ComponentDescription component, string hash)
    {
        TextTable.WritePairs(context,
        [
            ("file", component.File),
            ("sha256", hash),
            ("size", $"{component.SizeBytes} bytes"),
            ("kind", "component"),
            ("core modules", $"{component.CoreModules}"),
            ("components", $"{component.Components}"),
            ("agent", $"cannot be one: {ComponentDescription.Remedy}"),
        ]);
        Section(context, "Imports", component.Imports);
        Section(context, "Exports", component.Exports);
    }

    private static void Section(CliContext context, string title, IReadOnlyList<ComponentItem> items)
    {
        if (items.Count == 0) return;
        context.Out.WriteLine();
        context.Out.WriteLine($"{title}:");
        TextTable.Write(context, ["item", "kind"], items.Select(item => new[] { item.Name, Kinds[item.Kind] }));
    }

    private static void WriteJson(Utf8JsonWriter json, ComponentDescription component, string hash)
    {
        json.WriteStartObject();
        json.WriteString("file", component.File);
        json.WriteString("sha256", hash);
        json.WriteNumber("bytes", component.SizeBytes);
        json.WriteString("kind", "component");
        json.WriteNumber("core_modules", component.CoreModules);
        json.WriteNumber("components", component.Components);
        json.WriteList("imports", component.Imports, item => WriteItem(json, item));
        json.WriteList("exports", component.Exports, item => WriteItem(json, item));
        json.WriteBoolean("can_be_agent", false);
        json.WriteString("remedy", ComponentDescription.Remedy);
        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, ComponentItem item)
    {
        json.WriteStartObject();
        json.WriteString("name", item.Name);
        json.WriteString("kind", Kinds[item.Kind]);
        json.WriteEndObject();
    }
}
