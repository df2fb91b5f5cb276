namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// Finds what of a module lives on between two calls. Locals and the stack do not; memories, globals, tables and undropped
/// segments do. Constants that every new instance makes alike need no saving, unless they are objects, whose fields can change and whose identity counts.
/// </summary>
internal sealed class StateAnalysis
{
    private readonly ModuleDraft _draft;
    private readonly HashSet<int> _exportedGlobals;
    private readonly HashSet<int> _exportedTables;

    private StateAnalysis(ModuleDraft draft)
    {
        _draft = draft;
        _exportedGlobals = Exported(ExternalKind.Global);
        _exportedTables = Exported(ExternalKind.Table);
    }

    public static StateReport Of(ModuleDraft draft) => new StateAnalysis(draft).Report();

    private StateReport Report()
    {
        return new StateReport
        {
            Memories = [.. Enumerable.Range(0, _draft.Memories.Count)],
            Globals = Globals(),
            Tables = Tables(),
            DroppableData = [.. _draft.Data
                .Where(d => d.SizeBytes > 0 && CanBeDropped(d.Mode, _draft.DroppedData.Contains(d.Index))).Select(d => d.Index)],
            DroppableElements = [.. _draft.Elements
                .Where(e => e.Count > 0 && CanBeDropped(e.Mode, _draft.DroppedElements.Contains(e.Index))).Select(e => e.Index)],
        };
    }

    /// <summary>Whether an instance can still have the segment, and can lose it. Deferred ones go when they are applied.</summary>
    private bool CanBeDropped(SegmentMode mode, bool byCode) => mode switch
    {
        SegmentMode.Passive => byCode,
        SegmentMode.Active => _draft.DefersSegments,
        _ => false,
    };

    private List<int> Globals() =>
    [
        .. _draft.Globals
            .Where(g => CanHoldObjects(g.Type)
                || (g.IsMutable && (g.Import is not null || _draft.WrittenGlobals.Contains(g.Index) || _exportedGlobals.Contains(g.Index))))
            .Select(g => g.Index),
    ];

    private List<int> Tables() =>
    [
        .. _draft.Tables
            .Where(t => CanHoldObjects(t.ElementType) || t.Import is not null || _draft.WrittenTables.Contains(t.Index) || _exportedTables.Contains(t.Index))
            .Select(t => t.Index),
    ];

    /// <summary>Whether a value of this type can be, or lead to, something that is not the same in every new instance even if nobody sets it.</summary>
    private bool CanHoldObjects(WasmValueType type) => type.IsReference && type.Heap.Kind switch
    {
        HeapKind.Any or HeapKind.Eq or HeapKind.Struct or HeapKind.Array or HeapKind.Extern => true,
        HeapKind.Concrete => _draft.Types[type.Heap.TypeIndex].Kind != CompositeKind.Function,
        _ => false,
    };

    private HashSet<int> Exported(ExternalKind kind) => [.. _draft.Exports.Where(e => e.Kind == kind).Select(e => e.Index)];
}
