using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots.Heap;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// The objects of an element segment: they are made once, with the instance, and live until the segment is dropped. They can be read, by way of a woven
/// table of the host's own, but not replaced.
/// </summary>
internal sealed unsafe class SegmentObjectsState
{
    private readonly StoreView _store;
    private readonly NativeItem _load;
    private readonly NativeItem _table;
    private readonly int _count;
    private readonly NativeValueKind _nativeKind;
    private bool _isDropped;

    /// <param name="store">The store.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="segment">Its segment.</param>
    /// <param name="type">The type of its references.</param>
    public SegmentObjectsState(StoreView store, WasmInstance instance, SegmentObjects segment, FieldPlan type)
    {
        _store = store;
        _load = instance.Export(segment.Load).Item;
        _table = instance.Export(segment.Table).Item;
        _count = segment.Count;
        Type = type with { Type = type.Type with { Nullable = true } };
        _nativeKind = NativeReferences.KindOf(type.Kind, type.Type);
    }

    public FieldPlan Type { get; }

    /// <summary>The references, each with a root that the caller gives back; none if the segment was dropped.</summary>
    public NativeValue[] Read()
    {
        if (_isDropped) return [];
        var table = _table;
        NativeValue none = new() { Kind = _nativeKind };
        var size = LibWasmtime.wasmtime_table_size(_store.Context, &table);
        if (size < (ulong)_count)
        {
            _store.LiftLimits();
            var error = LibWasmtime.wasmtime_table_grow(_store.Context, &table, (ulong)_count - size, &none, out _);
            if (error != 0) throw new WasmEngineException($"There is no room to read an element segment: {NativeText.TakeError(error)}", isTransient: true);
        }
        _isDropped = _store.Traps(_load);
        if (_isDropped) return [];
        var values = new NativeValue[_count];
        for (var i = 0; i < _count; i++)
        {
            NativeValue value;
            LibWasmtime.wasmtime_table_get(_store.Context, &table, (ulong)i, &value);
            LibWasmtime.wasmtime_table_set(_store.Context, &table, (ulong)i, &none);
            values[i] = value;
        }
        return values;
    }
}
