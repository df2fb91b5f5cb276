using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots.Heap;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>The globals, tables and passive segments of one instance. What it imports belongs to the instance that defines it.</summary>
internal sealed unsafe class InstanceState
{
    private readonly record struct SavedGlobal(int Index, FieldPlan Type, NativeItem Item);

    private readonly record struct SavedTable(TableDescription Description, FieldPlan Type, NativeItem Item);

    private readonly record struct Segment(NativeItem Probe, NativeItem Drop);

    private readonly StoreView _store;
    private readonly string _file;
    private readonly SavedGlobal[] _globals;
    private readonly SavedTable[] _tables;
    private readonly Segment[] _segments;
    private readonly bool[] _dropped;
    private readonly SegmentObjectsState[] _objectSegments;

    /// <param name="store">The store.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="types">The store's types, or null if its instances keep no references.</param>
    public InstanceState(StoreView store, WasmInstance instance, TypeSpace? types)
    {
        _store = store;
        _file = instance.Module.File;
        var description = instance.Module.Description;
        var state = instance.Module.State;
        FieldPlan Plan(WasmValueType type, bool isMutable)
        {
            var canonical = types is null ? type : types.Canonical(instance.Number, type);
            return new FieldPlan(canonical, types?.KindOf(canonical) ?? FieldKind.Number, isMutable, TypeSpace.BytesOf(type.Kind), 0, 0);
        }
        _globals =
        [
            .. Own(instance, ExternalKind.Global, state.Globals).Select(g => new SavedGlobal(
                g.Index, Plan(description.Globals[g.Index].Type, description.Globals[g.Index].IsMutable), instance.Export(g.ExportName).Item)),
        ];
        _tables =
        [
            .. Own(instance, ExternalKind.Table, state.Tables).Select(t => new SavedTable(
                description.Tables[t.Index], Plan(description.Tables[t.Index].ElementType, true), instance.Export(t.ExportName).Item)),
        ];
        _segments = [.. state.Segments.Select(s => new Segment(instance.Export(s.Probe).Item, instance.Export(s.Drop).Item))];
        _dropped = new bool[_segments.Length];
        _objectSegments =
        [
            .. state.ObjectSegments.Select(s => new SegmentObjectsState(store, instance, s, Plan(description.Elements[s.Index].ElementType, false))),
        ];
    }

    /// <summary>The kinds of references that an instance keeps.</summary>
    public static IEnumerable<FieldKind> KindsOf(WasmInstance instance)
    {
        var description = instance.Module.Description;
        var globals = Own(instance, ExternalKind.Global, instance.Module.State.Globals).Select(g => description.Globals[g.Index].Type);
        var tables = Own(instance, ExternalKind.Table, instance.Module.State.Tables).Select(t => description.Tables[t.Index].ElementType);
        var segments = instance.Module.State.ObjectSegments.Select(s => description.Elements[s.Index].ElementType);
        return globals.Concat(tables).Concat(segments).Where(t => t.IsReference).Select(t => TypeSpace.KindOf(t, description.Types)).Distinct();
    }

    /// <summary>The raw references in a table of objects.</summary>
    public static IReadOnlyList<uint> RawsOf(StoreView store, NativeItem table)
    {
        var raws = new uint[LibWasmtime.wasmtime_table_size(store.Context, &table)];
        for (var i = 0; i < raws.Length; i++)
        {
            NativeValue value;
            LibWasmtime.wasmtime_table_get(store.Context, &table, (ulong)i, &value);
            raws[i] = NativeReferences.TakeRaw(store.Context, value);
        }
        return raws;
    }

    public InstanceItems Capture(SavedValues values)
    {
        var globals = new GlobalImage[_globals.Length];
        for (var i = 0; i < globals.Length; i++)
        {
            var item = _globals[i].Item;
            NativeValue value = default;
            LibWasmtime.wasmtime_global_get(_store.Context, &item, &value);
            globals[i] = new GlobalImage(_globals[i].Index, _globals[i].Type.Type.Kind, values.BitsOf(_globals[i].Type, value));
        }
        var tables = new TableImage[_tables.Length];
        for (var i = 0; i < tables.Length; i++) tables[i] = new TableImage(_tables[i].Description.Index, Elements(_tables[i], values));
        // A segment once dropped stays dropped.
        for (var i = 0; i < _segments.Length; i++) _dropped[i] = _dropped[i] || _store.Traps(_segments[i].Probe);
        var objects = new uint[_objectSegments.Length][];
        for (var i = 0; i < objects.Length; i++)
        {
            var type = _objectSegments[i].Type;
            objects[i] = [.. _objectSegments[i].Read().Select(v => (uint)values.BitsOf(type, v))];
        }
        return new InstanceItems(globals, tables, [.. _dropped], objects);
    }

    /// <summary>Throws if the instance cannot be brought there.</summary>
    public void RequireFit(InstanceItems image, HeapGraph? graph, WasmLimits limits)
    {
        if (image.Globals.Length != _globals.Length || image.Tables.Length != _tables.Length || image.DroppedSegments.Length != _segments.Length
            || image.ObjectSegments.Length != _objectSegments.Length)
            throw new ArgumentException($"The snapshot has other globals, tables or segments than {_file}.");
        for (var i = 0; i < _globals.Length; i++) RequireFit(image.Globals[i], _globals[i], graph);
        for (var i = 0; i < _tables.Length; i++) RequireFit(image.Tables[i], _tables[i], graph, limits);
        for (var i = 0; i < _segments.Length; i++)
        {
            if (!image.DroppedSegments[i] && (_dropped[i] || _store.Traps(_segments[i].Probe)))
                throw new ArgumentException($"{_file} has dropped a segment that the snapshot still has: restore into a fresh instance.");
        }
    }

    /// <summary>Adds what immutable globals and segments hold; they cannot be set, so what they hold must become what the image has there.</summary>
    public void AddImmutableRoots(InstanceItems image, List<AdoptedRoot> roots)
    {
        for (var i = 0; i < _globals.Length; i++)
        {
            var global = _globals[i];
            if (global.Type.IsMutable || global.Type.Kind == FieldKind.Number || global.Type.Kind == FieldKind.Function) continue;
            var item = global.Item;
            NativeValue value = default;
            LibWasmtime.wasmtime_global_get(_store.Context, &item, &value);
            roots.Add(new AdoptedRoot(NativeReferences.TakeRaw(_store.Context, value), (uint)image.Globals[i].Bits));
        }
        for (var i = 0; i < _objectSegments.Length; i++)
        {
            if (image.ObjectSegments[i].Length == 0) continue;
            var raws = Array.ConvertAll(_objectSegments[i].Read(), v => NativeReferences.TakeRaw(_store.Context, v));
            if (raws.Length != image.ObjectSegments[i].Length)
                throw new ArgumentException($"The snapshot's element segment of {image.ObjectSegments[i].Length} objects has {raws.Length} in {_file}.");
            for (var j = 0; j < raws.Length; j++) roots.Add(new AdoptedRoot(raws[j], image.ObjectSegments[i][j]));
        }
    }

    public void Restore(InstanceItems image, RestoredValues values)
    {
        for (var i = 0; i < _globals.Length; i++)
        {
            var global = _globals[i];
            if (!global.Type.IsMutable) continue;
            var item = global.Item;
            var value = values.ValueOf(global.Type, image.Globals[i].Bits);
            Check(LibWasmtime.wasmtime_global_set(_store.Context, &item, &value));
            RestoredValues.Release(global.Type, value);
        }
        for (var i = 0; i < _tables.Length; i++) Restore(_tables[i], image.Tables[i].Elements, values);
        for (var i = 0; i < _segments.Length; i++)
        {
            if (!image.DroppedSegments[i] || _dropped[i]) continue;
            if (_store.Traps(_segments[i].Drop)) throw new InvalidOperationException($"{_file}: segment probe {i} cannot drop its segment.");
            _dropped[i] = true;
        }
    }

    private void Restore(SavedTable table, uint[] elements, RestoredValues values)
    {
        var item = table.Item;
        var current = (int)LibWasmtime.wasmtime_table_size(_store.Context, &item);
        if (current < elements.Length)
        {
            var value = values.ValueOf(table.Type, elements[current]);
            Check(LibWasmtime.wasmtime_table_grow(_store.Context, &item, (ulong)(elements.Length - current), &value, out _));
            RestoredValues.Release(table.Type, value);
        }
        for (var i = 0; i < elements.Length; i++)
        {
            if (values.IsThere(table.Type, item, i, elements[i])) continue;
            var value = values.ValueOf(table.Type, elements[i]);
            Check(LibWasmtime.wasmtime_table_set(_store.Context, &item, (ulong)i, &value));
            RestoredValues.Release(table.Type, value);
        }
    }

    private static IEnumerable<SavedItem> Own(WasmInstance instance, ExternalKind kind, SavedItem[] items) =>
        items.Where(i => instance.Defines(kind, i.Index));

    private static void RequireFit(GlobalImage saved, SavedGlobal global, HeapGraph? graph)
    {
        if (saved.Index != global.Index || saved.Kind != global.Type.Type.Kind)
            throw new ArgumentException($"The snapshot's global {saved.Index} is a {saved.Kind}, the module's global {global.Index} a {global.Type.Type}.");
        if (global.Type.Kind != FieldKind.Number && (saved.Bits > uint.MaxValue || !graph!.Fits(global.Type.Type, global.Type.Kind, (uint)saved.Bits)))
            throw new ArgumentException($"The snapshot's global {saved.Index} has a reference that it cannot hold.");
    }

    private void RequireFit(TableImage saved, SavedTable table, HeapGraph? graph, WasmLimits limits)
    {
        var index = table.Description.Index;
        var item = table.Item;
        var size = (ulong)saved.Elements.Length;
        if (saved.Index != index || size < LibWasmtime.wasmtime_table_size(_store.Context, &item) || size > (table.Description.Maximum ?? ulong.MaxValue))
            throw new ArgumentException($"The snapshot's table {saved.Index} of {size} elements does not fit the module's table {index}.");
        if (size > (ulong)limits.TableElements)
        {
            throw new WasmEngineException(
                $"{_file}: table {index} of the snapshot has {size} elements, but the limit is {limits.TableElements}: raise {nameof(limits.TableElements)}.",
                isTransient: false);
        }
        foreach (var element in saved.Elements)
        {
            if (!graph!.Fits(table.Type.Type, table.Type.Kind, element))
                throw new ArgumentException($"The snapshot's table {index} has a reference that it cannot hold.");
        }
    }

    private uint[] Elements(SavedTable table, SavedValues values)
    {
        var item = table.Item;
        var elements = new uint[checked((int)LibWasmtime.wasmtime_table_size(_store.Context, &item))];
        for (var i = 0; i < elements.Length; i++)
        {
            NativeValue value;
            if (LibWasmtime.wasmtime_table_get(_store.Context, &item, (ulong)i, &value) == 0)
                throw new InvalidOperationException($"{_file}: a table has no element {i}.");
            elements[i] = (uint)values.BitsOf(table.Type, value);
        }
        return elements;
    }

    private void Check(nint error)
    {
        if (error != 0) throw new WasmEngineException($"{_file}: the state cannot be restored: {NativeText.TakeError(error)}", isTransient: false);
    }
}
