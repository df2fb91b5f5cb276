namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// Finds what of a module lives on between two calls. Locals and the stack do not; memories, globals, tables and undropped
/// segments do. A reference to the GC heap stands in the way only where it can come to be or where its object can change:
/// constants that every new instance makes alike need no saving.
/// </summary>
internal sealed class StateAnalysis
{
    private readonly ModuleDraft _draft;
    private readonly Dictionary<int, string> _exportedGlobals;
    private readonly Dictionary<int, string> _exportedTables;
    private readonly bool[] _changeableGlobals;
    private readonly List<CaptureObstacle> _obstacles = [];

    private StateAnalysis(ModuleDraft draft)
    {
        _draft = draft;
        _exportedGlobals = Exported(ExternalKind.Global);
        _exportedTables = Exported(ExternalKind.Table);
        _changeableGlobals = new bool[draft.Globals.Count];
    }

    public static StateReport Of(ModuleDraft draft) => new StateAnalysis(draft).Report();

    private StateReport Report()
    {
        var globals = Globals();
        var tables = Tables();
        PassiveElements();
        return new StateReport
        {
            Obstacles = _obstacles,
            Memories = [.. Enumerable.Range(0, _draft.Memories.Count)],
            Globals = globals,
            Tables = tables,
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

    private List<int> Globals()
    {
        var saved = new List<int>();
        foreach (var global in _draft.Globals)
        {
            var index = global.Index;
            var canBeSet = global.IsMutable && (global.Import is not null || _draft.WrittenGlobals.Contains(index) || _exportedGlobals.ContainsKey(index));
            if (WhyNot(global.Type) is not { } reason)
            {
                if (canBeSet) saved.Add(index);
                continue;
            }
            _changeableGlobals[index] = canBeSet || global.Import is not null || IsChangeable(_draft.GlobalValues[index]);
            if (_changeableGlobals[index]) Obstacle("global", _exportedGlobals, index, reason);
        }
        return saved;
    }

    private List<int> Tables()
    {
        var saved = new List<int>();
        foreach (var table in _draft.Tables)
        {
            var index = table.Index;
            var canBeSet = table.Import is not null || _draft.WrittenTables.Contains(index) || _exportedTables.ContainsKey(index);
            if (WhyNot(table.ElementType) is not { } reason)
            {
                if (canBeSet) saved.Add(index);
                continue;
            }
            if (canBeSet || HasChangeableElements(index)) Obstacle("table", _exportedTables, index, reason);
        }
        return saved;
    }

    private void PassiveElements()
    {
        foreach (var segment in _draft.Elements)
        {
            if (segment.Mode == SegmentMode.Passive && WhyNot(segment.ElementType) is { } reason && IsChangeable(_draft.ElementValues[segment.Index]))
                _obstacles.Add(new CaptureObstacle($"element segment {segment.Index}", reason));
        }
    }

    private bool HasChangeableElements(int table) =>
        _draft.TableValues.TryGetValue(table, out var value) && IsChangeable(value)
        || _draft.Elements.Exists(e => e.Mode == SegmentMode.Active && e.Table == table && IsChangeable(_draft.ElementValues[e.Index]));

    /// <summary>Whether what a constant expression makes can differ later from what a new instance makes.</summary>
    private bool IsChangeable(InitialValue value) =>
        value.AllocatedTypes.Any(t => _draft.Types[t].Fields.Any(f => f.IsMutable)) || value.GlobalsRead.Any(g => _changeableGlobals[g]);

    /// <summary>Why a value of this type cannot be saved, or null if it can.</summary>
    private string? WhyNot(WasmValueType type)
    {
        if (!type.IsReference) return null;
        return type.Heap.Kind switch
        {
            HeapKind.Func or HeapKind.NoFunc or HeapKind.NoAny or HeapKind.NoExtern or HeapKind.NoExn => null,
            HeapKind.Concrete when _draft.Types[type.Heap.TypeIndex].Kind == CompositeKind.Function => null,
            HeapKind.Extern => "can hold a host reference (externref)",
            HeapKind.Exn => "can hold a caught exception (exnref)",
            HeapKind.I31 => "can hold an i31 reference",
            _ => "can hold an object of the GC heap",
        };
    }

    private void Obstacle(string what, Dictionary<int, string> exportNames, int index, string reason) =>
        _obstacles.Add(new CaptureObstacle(exportNames.TryGetValue(index, out var name) ? $"{what} {index} ({name})" : $"{what} {index}", reason));

    /// <summary>The exported items of a kind by index, with the first name of each.</summary>
    private Dictionary<int, string> Exported(ExternalKind kind) =>
        _draft.Exports.Where(e => e.Kind == kind).DistinctBy(e => e.Index).ToDictionary(e => e.Index, e => e.Name);
}
