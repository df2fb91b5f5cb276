using System.Globalization;
using System.Text;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>What two states differ in, as lines for people: bytes in hexadecimal and as text, the changed ones marked.</summary>
internal static class DifferenceText
{
    private const int RowBytes = 16;
    private const int MaxFields = 8;

    /// <summary>The lines; none if nothing differs.</summary>
    /// <param name="difference">What differs.</param>
    /// <param name="maxRows">How many rows of bytes are shown of each memory at most.</param>
    public static IEnumerable<string> Lines(StateDifference difference, int maxRows)
    {
        foreach (var memory in difference.Memories)
        {
            yield return $"memory {memory.Name}: {Count(memory.ChangedPages, "page")} changed{Grown(memory.SizeBefore, memory.SizeAfter, "bytes")}";
            foreach (var line in Rows(memory, maxRows)) yield return "  " + line;
        }
        foreach (var global in difference.Globals) yield return $"global {Change(global)}";
        foreach (var table in difference.Tables)
        {
            yield return $"table {table.Name}: {Count(table.ChangedElements, "element")} changed{Grown(table.SizeBefore, table.SizeAfter, "elements")}";
            foreach (var element in table.Elements) yield return $"  {Change(element)}";
        }
        foreach (var segment in difference.Segments) yield return Change(segment);
        if (difference.ObjectCounts is var (changed, added, removed) && changed + added + removed > 0)
        {
            yield return $"objects: {changed} changed, {added} new, {removed} gone";
            foreach (var line in difference.Objects.SelectMany(Object)) yield return "  " + line;
        }
        foreach (var file in difference.Files) yield return $"file {Change(file)}";
    }

    private static IEnumerable<string> Rows(MemoryChange memory, int maxRows)
    {
        var shown = 0;
        var left = 0;
        foreach (var page in memory.Pages)
        {
            var (before, after) = ByteRuns.Both(page);
            for (var at = 0; at < before.Length; at += RowBytes)
            {
                var (old, now) = (before.AsMemory(at, RowBytes), after.AsMemory(at, RowBytes));
                if (old.Span.SequenceEqual(now.Span)) continue;
                if (shown++ >= maxRows)
                {
                    left++;
                    continue;
                }
                var address = (page.Address + at).ToString("x8", CultureInfo.InvariantCulture);
                yield return $"{address}  - {Hex(old.Span)}  {Ascii(old.Span)}";
                yield return $"{new string(' ', address.Length)}  + {Hex(now.Span)}  {Ascii(now.Span)}";
                yield return $"{new string(' ', address.Length)}    {Marks(old.Span, now.Span)}";
            }
        }
        if (left > 0) yield return $"and {Count(left, "row")} more";
        if (memory.ChangedPages > memory.Pages.Length) yield return $"and {Count(memory.ChangedPages - memory.Pages.Length, "page")} more";
    }

    private static IEnumerable<string> Object(ObjectChange o)
    {
        var what = o switch { { NumberBefore: null } => "new", { NumberAfter: null } => "gone", _ => "changed" };
        var number = o.NumberBefore is { } before && o.NumberAfter is { } after && before != after ? $"#{before} (now #{after})" : $"#{o.NumberAfter ?? o.NumberBefore}";
        yield return $"{o.Type} {number} {what}";
        foreach (var field in o.Fields.Take(MaxFields)) yield return $"  {Change(field)}";
        if (o.Fields.Length > MaxFields) yield return $"  and {o.Fields.Length - MaxFields} more";
    }

    private static string Change(ValueChange value) => (value.Before, value.After) switch
    {
        (null, { } after) => $"{value.Name} = {after}",
        ({ } before, null) => $"{value.Name} was {before}",
        _ => $"{value.Name}  {value.Before} → {value.After}",
    };

    private static string Grown(long before, long after, string unit) => before == after ? "" : $", {before} → {after} {unit}";

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var i = 0; i < bytes.Length; i++) text.Append(i == 0 ? "" : i == 8 ? "  " : " ").Append(bytes[i].ToString("x2", CultureInfo.InvariantCulture));
        return text.ToString();
    }

    private static string Marks(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var text = new StringBuilder();
        for (var i = 0; i < before.Length; i++) text.Append(i == 0 ? "" : i == 8 ? "  " : " ").Append(before[i] == after[i] ? "  " : "^^");
        return text.ToString().TrimEnd();
    }

    private static string Ascii(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("|");
        foreach (var b in bytes) text.Append(b is >= 0x20 and < 0x7f ? (char)b : '.');
        return text.Append('|').ToString();
    }
}
