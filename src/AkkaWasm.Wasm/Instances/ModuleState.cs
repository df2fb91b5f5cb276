using System.Collections.Frozen;
using System.Text;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Instances;

/// <summary>An export as linking needs it.</summary>
internal readonly record struct NamedExport(ExternalKind Kind, int Index, byte[] NameUtf8);

/// <summary>An exported function as calls need it.</summary>
internal sealed record FunctionExport(string Name, byte[] NameUtf8, WasmFunctionType Type);

/// <summary>A memory, and whether its contents live only within a turn.</summary>
internal readonly record struct MemorySlot(byte[] ExportName, bool IsScratch);

/// <summary>A woven export of an item whose state is saved.</summary>
internal readonly record struct SavedItem(int Index, byte[] ExportName);

/// <summary>Woven functions that tell whether a segment was dropped, and that drop it.</summary>
internal readonly record struct SavedSegment(byte[] Probe, byte[] Drop);

/// <summary>
/// A woven function that copies an element segment's references into a private table, which must have been grown to that many elements, and the table.
/// </summary>
internal readonly record struct SegmentObjects(int Index, int Count, byte[] Load, byte[] Table);

/// <summary>Where the instances of a module keep what the host reads, writes and saves. Made once per module.</summary>
internal sealed class ModuleState
{
    /// <summary>Memories exported under a name that begins so are neither saved nor hashed, only their sizes are.</summary>
    public const string ScratchPrefix = "scratch";

    public required FrozenDictionary<string, FunctionExport> FunctionsByName { get; init; }

    /// <summary>The guest's own exports.</summary>
    public required FrozenDictionary<string, NamedExport> Exports { get; init; }

    /// <summary>For each kind how many items are imported; they come first.</summary>
    public required int[] Imported { get; init; }

    public required MemorySlot[] Memories { get; init; }

    public required bool HasScratch { get; init; }

    /// <summary>How many memories an instance has of its own, woven ones included.</summary>
    public required int OwnMemories { get; init; }

    public required SavedItem[] Globals { get; init; }

    public required SavedItem[] Tables { get; init; }

    /// <summary>The tables that the module defines, saved or not, for accounting.</summary>
    public required SavedItem[] OwnTables { get; init; }

    public required SavedItem[] Functions { get; init; }

    public required SavedItem[] Tags { get; init; }

    /// <summary>Data segments, then element segments, that can be dropped later than by instantiation.</summary>
    public required SavedSegment[] Segments { get; init; }

    /// <summary>Element segments whose objects live on.</summary>
    public required SegmentObjects[] ObjectSegments { get; init; }

    /// <summary>Applies the active segments; null if instantiation does that.</summary>
    public required byte[]? ApplyExport { get; init; }

    public required byte[]? StartExport { get; init; }

    public static ModuleState Of(ModuleDescription description, WovenModule woven)
    {
        var memoryExports = description.Exports.Where(e => e.Kind == ExternalKind.Memory).ToArray();
        var scratch = memoryExports
            .Where(e => e.Name.StartsWith(ScratchPrefix, StringComparison.Ordinal)).Select(e => e.Index).ToHashSet();
        return new ModuleState
        {
            FunctionsByName = description.Exports.Where(e => e.Kind == ExternalKind.Function).ToFrozenDictionary(
                e => e.Name,
                e => new FunctionExport(e.Name, Encoding.UTF8.GetBytes(e.Name), WasmFunctionType.From(description.FunctionType(e.Index)))),
            Exports = description.Exports.ToFrozenDictionary(e => e.Name, e => new NamedExport(e.Kind, e.Index, Encoding.UTF8.GetBytes(e.Name))),
            Imported = [.. Enum.GetValues<ExternalKind>().Select(kind => description.Imports.Count(i => i.Kind == kind))],
            Memories = [.. woven.Facts.Memories.Select(m => new MemorySlot(Encoding.UTF8.GetBytes(m.ExportName), scratch.Contains(m.Index)))],
            HasScratch = scratch.Count > 0,
            OwnMemories = description.Memories.Count(m => m.Import is null) + woven.Facts.AddedMemories,
            Globals = Saved(woven.Facts.Globals, description.State.Globals),
            Tables = Saved(woven.Facts.Tables, description.State.Tables),
            OwnTables = Saved(woven.Facts.Tables, [.. description.Tables.Where(t => t.Import is null).Select(t => t.Index)]),
            Functions = Saved(woven.Facts.Functions, null),
            Tags = Saved(woven.Facts.Tags, null),
            Segments = [.. woven.Facts.DataSegments.Concat(woven.Facts.ElementSegments)
                .Select(s => new SavedSegment(Encoding.UTF8.GetBytes(s.ProbeExport), Encoding.UTF8.GetBytes(s.DropExport)))],
            ObjectSegments = [.. woven.Facts.Contents.Select(c =>
                new SegmentObjects(c.Index, c.Count, Encoding.UTF8.GetBytes(c.LoadExport), Encoding.UTF8.GetBytes(c.TableExport)))],
            ApplyExport = woven.ApplyExport is null ? null : Encoding.UTF8.GetBytes(woven.ApplyExport),
            StartExport = woven.StartExport is null ? null : Encoding.UTF8.GetBytes(woven.StartExport),
        };
    }

    private static SavedItem[] Saved(IReadOnlyList<WovenExport> exports, IReadOnlyList<int>? only)
    {
        var wanted = only?.ToHashSet();
        return [.. exports.Where(e => wanted?.Contains(e.Index) ?? true).Select(e => new SavedItem(e.Index, Encoding.UTF8.GetBytes(e.ExportName)))];
    }
}
