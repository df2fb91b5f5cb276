using System.Text.Json;
using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Tests.Weaving;

/// <summary>Reads a woven module again and compares it with what it was woven from.</summary>
internal static class WovenDescription
{
    private const string NothingReserved = "\uffff";

    public static ModuleDescription ReadWoven(WovenModule woven, string file) =>
        ModuleReader.Read(woven.Bytes, file, ModuleLimits.Default, NothingReserved);

    /// <summary>What differs beyond the woven items, or null.</summary>
    public static string? Difference(ModuleDescription original, WovenModule woven)
    {
        var again = ReadWoven(woven, original.File);
        return First("types", original.Types, again.Types)
            ?? First("imports", original.Imports, again.Imports)
            ?? First("functions", original.Functions.Select(Unplaced), again.Functions.Select(Unplaced))
            ?? First("tables", original.Tables, again.Tables)
            ?? First("memories", original.Memories, again.Memories)
            ?? Same("globals", original.Globals, again.Globals)
            ?? Same("tags", original.Tags, again.Tags)
            ?? First("exports", original.Exports, again.Exports)
            ?? Same("woven exports", ExpectedExports(original, woven), again.Exports.Skip(original.Exports.Count).Select(e => e.Name).Order())
            ?? Same("elements", original.Elements.Select(e => woven.ApplyExport is null ? e : Deferred(e)), again.Elements)
            ?? Same("data", original.Data.Select(d => woven.ApplyExport is null ? d : Deferred(d)), again.Data)
            ?? Same("custom sections", Custom(original), Custom(again))
            ?? Same("kind", original.Kind, again.Kind)
            ?? Same("start", null, again.StartFunction);
    }

    private static ElementSegment Deferred(ElementSegment segment) =>
        segment.Mode == SegmentMode.Active ? segment with { Mode = SegmentMode.Passive, Table = 0 } : segment;

    private static DataSegment Deferred(DataSegment segment) =>
        segment.Mode == SegmentMode.Active ? segment with { Mode = SegmentMode.Passive, Memory = 0 } : segment;

    private static FunctionDescription Unplaced(FunctionDescription function) => function with { BodyOffset = 0 };

    private static IEnumerable<string> ExpectedExports(ModuleDescription original, WovenModule woven)
    {
        var facts = woven.Facts;
        var items = facts.Memories.Concat(facts.Globals).Concat(facts.Tables).Concat(facts.Tags).Concat(facts.Functions).Select(e => e.ExportName);
        var segments = facts.DataSegments.Concat(facts.ElementSegments).SelectMany(s => (string[])[s.ProbeExport, s.DropExport]);
        var contents = facts.Contents.SelectMany(c => (string[])[c.LoadExport, c.TableExport]).Distinct();
        string[] start = original.StartFunction is null ? [] : [woven.StartExport!];
        string[] apply = original.DefersSegments ? [woven.ApplyExport!] : [];
        return items.Concat(segments).Concat(contents).Concat(start).Concat(apply).Order();
    }

    private static IEnumerable<string> Custom(ModuleDescription d) => d.Sections.Where(s => s.Id == 0).Select(s => $"{s.Name} {s.SizeBytes}");

    private static string? First<T>(string what, IEnumerable<T> original, IEnumerable<T> again)
    {
        var list = original.ToList();
        return Same(what, list, again.Take(list.Count));
    }

    private static string? Same(string what, object? original, object? again)
    {
        var (before, after) = (JsonSerializer.Serialize(original), JsonSerializer.Serialize(again));
        return before == after ? null : $"{what}: {before} became {after}";
    }
}
