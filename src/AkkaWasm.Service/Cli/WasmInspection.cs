using System.Text.Json;
using AkkaWasm.Service.Modules;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Cli;

/// <summary>Writes what a module is.</summary>
internal static class WasmInspection
{
    private static readonly Dictionary<ModuleKind, string> Kinds = new()
    {
        [ModuleKind.Core] = "core module",
        [ModuleKind.Mesh] = "agent of a mesh (mesh_v1)",
        [ModuleKind.WasiCommand] = "WASI command",
        [ModuleKind.WasiReactor] = "WASI reactor",
    };

    private static readonly Dictionary<WasmFeatures, string> FeatureNames = new()
    {
        [WasmFeatures.MutableGlobals] = "mutable globals",
        [WasmFeatures.SignExtension] = "sign extension",
        [WasmFeatures.SaturatingFloatToInt] = "saturating conversions",
        [WasmFeatures.MultiValue] = "multi-value",
        [WasmFeatures.BulkMemory] = "bulk memory",
        [WasmFeatures.ReferenceTypes] = "reference types",
        [WasmFeatures.Simd] = "SIMD",
        [WasmFeatures.RelaxedSimd] = "relaxed SIMD",
        [WasmFeatures.ExtendedConst] = "extended constant expressions",
        [WasmFeatures.TailCall] = "tail calls",
        [WasmFeatures.MultiMemory] = "multi-memory",
        [WasmFeatures.Memory64] = "memory64",
        [WasmFeatures.FunctionReferences] = "function references",
        [WasmFeatures.Gc] = "GC",
        [WasmFeatures.Exceptions] = "exceptions",
    };

    public static void WriteText(CliContext context, WasmModule module)
    {
        var description = module.Description;
        TextTable.WritePairs(context, Summary(module));
        Section(context, "Sections", ["name", "offset", "bytes"], description.Sections.Select(s => new[] { s.Name, $"0x{s.Offset:x}", $"{s.SizeBytes}" }));
        Section(context, "Imports", ["item", "kind", "type"], description.Imports.Select(i => new[] { $"{i.Module}.{i.Name}", Kind(i.Kind), Type(description, i.Kind, i.Index) }));
        Section(context, "Exports", ["item", "kind", "type"], description.Exports.Select(e => new[] { e.Name, Kind(e.Kind), Type(description, e.Kind, e.Index) }));
    }

    public static void WriteJson(CliContext context, WasmModule module) => JsonText.WritePage(context.Out, json =>
    {
        var description = module.Description;
        json.WriteStartObject();
        json.WriteString("file", description.File);
        json.WriteString("sha256", module.ContentHash);
        json.WriteNumber("bytes", description.SizeBytes);
        json.WriteString("kind", description.Kind.ToString().ToLowerInvariant());
        if (description.Name is { } name) json.WriteString("name", name);
        if (description.Parts.Count > 0) ModuleJson.WriteParts(json, description.Parts);
        json.WriteList("features", Features(description), json.WriteStringValue);
        json.WriteList("sections", description.Sections, section =>
        {
            json.WriteStartObject();
            json.WriteString("name", section.Name);
            json.WriteNumber("offset", section.Offset);
            json.WriteNumber("bytes", section.SizeBytes);
            json.WriteEndObject();
        });
        json.WriteList("imports", description.Imports, i => WriteItem(json, description, i.Module, i.Name, i.Kind, i.Index));
        json.WriteList("exports", description.Exports, e => WriteItem(json, description, null, e.Name, e.Kind, e.Index));
        WriteState(json, description.State);
        json.WriteEndObject();
    });

    private static IEnumerable<(string Name, string Value)> Summary(WasmModule module)
    {
        var description = module.Description;
        yield return ("file", description.File);
        yield return ("sha256", module.ContentHash);
        yield return ("size", $"{description.SizeBytes} bytes");
        yield return ("kind", Kinds[description.Kind]);
        if (description.Name is { } name) yield return ("name", name);
        yield return ("features", string.Join(", ", Features(description).DefaultIfEmpty("WebAssembly 1.0 only")));
        foreach (var part in description.Parts) yield return (part.IsMain ? "main part" : "part", $"{part.Name}, {part.ContentHash}");
        yield return ("functions", $"{description.Functions.Count}{(description.StartFunction is { } start ? $", {description.FunctionName(start)} starts" : "")}");
        foreach (var memory in description.Memories) yield return ($"memory {memory.Index}", Describe(memory));
        foreach (var table in description.Tables) yield return ($"table {table.Index}", Describe(table));
        yield return ("state", $"saved: {Saved(description.State)}");
    }

    private static string Saved(StateReport state)
    {
        (int Count, string Noun)[] parts =
        [
            (state.Memories.Count, "memories"), (state.Globals.Count, "globals"), (state.Tables.Count, "tables"),
            (state.DroppableData.Count + state.DroppableElements.Count, "segments that can be dropped"),
        ];
        return string.Join(", ", parts.Where(part => part.Count > 0).Select(part => $"{part.Count} {part.Noun}").DefaultIfEmpty("there is none"));
    }

    private static void WriteState(Utf8JsonWriter json, StateReport state)
    {
        json.WriteStartObject("state");
        json.WriteList("memories", state.Memories, json.WriteNumberValue);
        json.WriteList("globals", state.Globals, json.WriteNumberValue);
        json.WriteList("tables", state.Tables, json.WriteNumberValue);
        json.WriteList("droppable_data", state.DroppableData, json.WriteNumberValue);
        json.WriteList("droppable_elements", state.DroppableElements, json.WriteNumberValue);
        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, ModuleDescription description, string? module, string name, ExternalKind kind, int index)
    {
        json.WriteStartObject();
        if (module is not null) json.WriteString("module", module);
        json.WriteString("name", name);
        json.WriteString("kind", Kind(kind));
        json.WriteString("type", Type(description, kind, index));
        json.WriteEndObject();
    }

    private static void Section(CliContext context, string title, string[] headers, IEnumerable<string[]> rows)
    {
        var all = rows.ToArray();
        if (all.Length == 0) return;
        context.Out.WriteLine();
        context.Out.WriteLine($"{title}:");
        TextTable.Write(context, headers, all);
    }

    private static IEnumerable<string> Features(ModuleDescription description) =>
        FeatureNames.Where(feature => description.Features.HasFlag(feature.Key)).Select(feature => feature.Value);

    private static string Kind(ExternalKind kind) => kind.ToString().ToLowerInvariant();

    private static string Type(ModuleDescription description, ExternalKind kind, int index) => kind switch
    {
        ExternalKind.Function => description.FunctionType(index).ToString(),
        ExternalKind.Memory => Describe(description.Memories[index]),
        ExternalKind.Table => Describe(description.Tables[index]),
        ExternalKind.Global => $"{(description.Globals[index].IsMutable ? "mut " : "")}{description.Globals[index].Type}",
        _ => description.Types[description.Tags[index].TypeIndex].ToString(),
    };

    private static string Describe(MemoryDescription memory) =>
        $"{(memory.Is64 ? "i64" : "i32")}, {memory.MinimumPages} to {memory.MaximumPages?.ToString() ?? "any number of"} pages of 64 KiB";

    private static string Describe(TableDescription table) =>
        $"{table.ElementType}, {(table.Is64 ? "i64, " : "")}{table.Minimum} to {table.Maximum?.ToString() ?? "any number of"} elements";
}
