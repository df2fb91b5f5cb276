using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Composition;

/// <summary>
/// Decides which parts' active segments the composed module's start function applies, instead of instantiation. Instantiation applies the segments of all parts
/// before any code runs. That cannot be told from one part after another where the segments are sure to fit and nothing that goes before a part can get to what it
/// writes; everywhere else the start function does it in order. The same goes for initial values of tables that instantiation can no longer compute.
/// </summary>
internal sealed class DeferralPlan
{
    private const string ReactorInitialize = "_initialize";
    private const byte I32Const = 0x41;
    private const byte I64Const = 0x42;

    private readonly PartOrder _order;
    private readonly ImportResolver _resolver;
    private readonly HashSet<Part> _deferred = [];
    private readonly HashSet<Item> _filledLate = [];

    public DeferralPlan(PartOrder order, ImportResolver resolver)
    {
        (_order, _resolver) = (order, resolver);
        var actsBefore = false;
        foreach (var part in order.Parts)
        {
            foreach (var (index, range) in part.Description.TableLayouts)
            {
                if (ReadsWhatPartsDefine(part, range) && part.Description.Tables[index].ElementType.Nullable) _filledLate.Add(new Item(part, ExternalKind.Table, index));
            }
            var fillsTables = _filledLate.Any(table => table.Part == part);
            var isDeferred = HasActiveSegments(part) && (fillsTables || !Fit(part) || (actsBefore && !WritesOnlyOwn(part)));
            if (isDeferred) _deferred.Add(part);
            actsBefore |= isDeferred || fillsTables || CallsAtStart(part).Any();
        }
    }

    /// <summary>Whether the start function applies the part's active segments.</summary>
    public bool IsDeferred(Part part) => _deferred.Contains(part);

    /// <summary>Whether the start function writes the initial value of a table.</summary>
    public bool IsFilledLate(Item table) => _filledLate.Contains(table);

    /// <summary>Whether an initial value reads a global that another part defines.</summary>
    public bool ReadsWhatPartsDefine(Part part, Range range) =>
        GlobalOrder.ReadBy(part, range).Any(i => _resolver.OriginOf(new Item(part, ExternalKind.Global, i)).Import is null);

    /// <summary>
    /// The functions that start a part, by their indices in it: its start function, and <c>_initialize</c>, which a WASI reactor wants called before all else, unless
    /// it is the main part, whose own is called by the host, or another part imports it.
    /// </summary>
    public IEnumerable<int> CallsAtStart(Part part)
    {
        var description = part.Description;
        if (description.StartFunction is { } start) yield return start;
        if (part.Summary.IsMain || description.FindExport(ReactorInitialize, ExternalKind.Function) is not { } initialize) yield break;
        if (description.FunctionType(initialize.Index) is not { Parameters.Count: 0, Results.Count: 0 }) yield break;
        var isImported = _order.Parts.Any(other => other.Description.Imports.Any(i => i.Name == ReactorInitialize && other.ServerOf(i.Module) == part.Name));
        if (!isImported) yield return initialize.Index;
    }

    private static bool HasActiveSegments(Part part) =>
        part.Description.Elements.Any(e => e.Mode == SegmentMode.Active) || part.Description.Data.Any(d => d.Mode == SegmentMode.Active);

    /// <summary>Whether all active segments are sure to fit: what they write is defined here, and begins with room for them.</summary>
    private bool Fit(Part part)
    {
        foreach (var segment in part.Description.Elements.Where(e => e.Mode == SegmentMode.Active))
        {
            var table = _resolver.OriginOf(new Item(part, ExternalKind.Table, segment.Table));
            var room = table.Part.Description.Tables[table.Index].Minimum;
            if (table.Import is not null || !IsWithin(part, part.Description.ElementLayouts[segment.Index], segment.Count, room)) return false;
        }
        foreach (var segment in part.Description.Data.Where(d => d.Mode == SegmentMode.Active))
        {
            var memory = _resolver.OriginOf(new Item(part, ExternalKind.Memory, segment.Memory));
            var room = (UInt128)memory.Part.Description.Memories[memory.Index].MinimumPages * MemoryDescription.PageSizeBytes;
            if (memory.Import is not null || !IsWithin(part, part.Description.DataLayouts[segment.Index], segment.SizeBytes, room)) return false;
        }
        return true;
    }

    /// <summary>Whether its segments write to what it defines itself, and no part before it can get at that.</summary>
    private bool WritesOnlyOwn(Part part)
    {
        var description = part.Description;
        var isOwn = description.Elements.All(e => e.Mode != SegmentMode.Active || description.Tables[e.Table].Import is null)
            && description.Data.All(d => d.Mode != SegmentMode.Active || description.Memories[d.Memory].Import is null);
        return isOwn && _order.Parts.Take(part.Number).All(before => !_order.Reaches(before, part));
    }

    private static bool IsWithin(Part part, SegmentLayout layout, int length, UInt128 room)
    {
        var c = part.Cursor(layout.Offset);
        UInt128 offset;
        switch (c.Byte())
        {
            case I32Const: offset = (uint)c.S32(); break;
            case I64Const: offset = (ulong)c.S64(); break;
            default: return false;
        }
        return c.AtEnd && offset + (UInt128)length <= room;
    }
}
