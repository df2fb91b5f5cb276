using System.Text.Json;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Http;

/// <summary>States of guests and what they differ in as JSON, the same for the HTTP interface and for verbs.</summary>
internal static class DifferenceJson
{
    public static void Write(Utf8JsonWriter json, StateSummary state)
    {
        json.WriteStartObject();
        json.WriteList("memories", state.Memories, m => Object(json, ("name", m.Name), ("bytes", m.SizeBytes), ("content_bytes", m.ContentBytes)));
        json.WriteList("globals", state.Globals, g => Object(json, ("name", g.Name), ("type", g.Type), ("value", g.Text)));
        json.WriteList("tables", state.Tables, t => Object(json, ("name", t.Name), ("type", t.Type), ("elements", t.Elements), ("set", t.Set)));
        json.WriteList("objects", state.Objects, o => Object(json, ("type", o.Type), ("count", o.Count), ("content_bytes", o.ContentBytes)));
        json.WriteList("files", state.Files, f => Object(json, ("path", f.Path), ("kind", f.Kind), ("bytes", f.SizeBytes), ("digest", f.Digest)));
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, StateDifference difference)
    {
        json.WriteStartObject();
        json.WriteList("memories", difference.Memories, m => WriteMemory(json, m));
        json.WriteList("globals", difference.Globals, v => WriteValue(json, v));
        json.WriteList("tables", difference.Tables, t => WriteTable(json, t));
        json.WriteList("segments", difference.Segments, v => WriteValue(json, v));
        WriteObjects(json, difference);
        json.WriteList("files", difference.Files, v => WriteValue(json, v));
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, MemoryChange memory)
    {
        json.WriteStartObject();
        json.WriteString("name", memory.Name);
        json.WriteNumber("bytes_before", memory.SizeBefore);
        json.WriteNumber("bytes_after", memory.SizeAfter);
        json.WriteNumber("changed_pages", memory.ChangedPages);
        json.WriteList("runs", memory.Pages.SelectMany(ByteRuns.Of), run =>
        {
            json.WriteStartObject();
            json.WriteNumber("address", run.Address);
            json.WriteString("before", Convert.ToHexStringLower(run.Before.Span));
            json.WriteString("after", Convert.ToHexStringLower(run.After.Span));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void WriteTable(Utf8JsonWriter json, TableChange table)
    {
        json.WriteStartObject();
        json.WriteString("name", table.Name);
        json.WriteNumber("elements_before", table.SizeBefore);
        json.WriteNumber("elements_after", table.SizeAfter);
        json.WriteNumber("changed_elements", table.ChangedElements);
        json.WriteList("elements", table.Elements, v => WriteValue(json, v));
        json.WriteEndObject();
    }

    private static void WriteObjects(Utf8JsonWriter json, StateDifference difference)
    {
        json.WriteStartObject("objects");
        json.WriteNumber("changed", difference.ObjectCounts.Changed);
        json.WriteNumber("added", difference.ObjectCounts.Added);
        json.WriteNumber("removed", difference.ObjectCounts.Removed);
        json.WriteList("listed", difference.Objects, o =>
        {
            json.WriteStartObject();
            json.WriteString("type", o.Type);
            if (o.NumberBefore is { } before) json.WriteNumber("number_before", before);
            if (o.NumberAfter is { } after) json.WriteNumber("number_after", after);
            json.WriteList("fields", o.Fields, v => WriteValue(json, v));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, ValueChange value)
    {
        json.WriteStartObject();
        json.WriteString("name", value.Name);
        if (value.Before is not null) json.WriteString("before", value.Before);
        if (value.After is not null) json.WriteString("after", value.After);
        json.WriteEndObject();
    }

    private static void Object(Utf8JsonWriter json, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        json.WriteStartObject();
        foreach (var (name, value) in fields)
        {
            if (value is string text) json.WriteString(name, text);
            else json.WriteNumber(name, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
        }
        json.WriteEndObject();
    }
}
