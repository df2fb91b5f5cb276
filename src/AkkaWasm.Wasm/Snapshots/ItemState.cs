using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>The globals, tables and passive segments of one instance, as they are saved and restored. Found once, on first use.</summary>
internal sealed unsafe class ItemState
{
    private readonly record struct SavedGlobal(int Index, WasmValueType Type, NativeItem Item);

    private readonly record struct SavedTable(TableDescription Description, NativeItem Item);

    private readonly record struct Segment(NativeItem Probe, NativeItem Drop);

    private readonly nint _context;
    private readonly string _file;
    private readonly Func<NativeItem, bool> _traps;
    private readonly SavedGlobal[] _globals;
    private readonly SavedTable[] _tables;
    private readonly Segment[] _segments;
    private readonly bool[] _dropped;
    private readonly FunctionMap _functions = new();

    /// <param name="context">The instance's store.</param>
    /// <param name="module">Its module.</param>
    /// <param name="find">Finds a woven export.</param>
    /// <param name="traps">Calls a function without parameters and says whether it trapped.</param>
    public ItemState(nint context, WasmModule module, Func<byte[], NativeItem> find, Func<NativeItem, bool> traps)
    {
        _context = context;
        _file = module.File;
        _traps = traps;
        var description = module.Description;
        var state = module.State;
        _globals = [.. state.Globals.Select(g => new SavedGlobal(g.Index, description.Globals[g.Index].Type, find(g.ExportName)))];
        _tables = [.. state.Tables.Select(t => new SavedTable(description.Tables[t.Index], find(t.ExportName)))];
        _segments = [.. state.Segments.Select(s => new Segment(find(s.Probe), find(s.Drop)))];
        _dropped = new bool[_segments.Length];
        if (_tables.Length == 0 && !Array.Exists(_globals, g => g.Type.IsReference)) return;
        foreach (var function in state.Functions) _functions.Add(context, function.Index, find(function.ExportName));
    }

    public ItemImage Capture()
    {
        var globals = new GlobalImage[_globals.Length];
        for (var i = 0; i < globals.Length; i++) globals[i] = new GlobalImage(_globals[i].Index, _globals[i].Type.Kind, Bits(_globals[i]));
        var tables = new TableImage[_tables.Length];
        for (var i = 0; i < tables.Length; i++) tables[i] = new TableImage(_tables[i].Description.Index, Elements(_tables[i].Item));
        // A segment once dropped stays dropped.
        for (var i = 0; i < _segments.Length; i++) _dropped[i] = _dropped[i] || _traps(_segments[i].Probe);
        return new ItemImage(globals, tables, [.. _dropped]);
    }

    /// <summary>Throws if <see cref="Restore"/> could not bring the instance there.</summary>
    public void RequireFit(ItemImage image, WasmLimits limits)
    {
        if (image.Globals.Length != _globals.Length || image.Tables.Length != _tables.Length || image.DroppedSegments.Length != _segments.Length)
            throw new ArgumentException("The snapshot has other globals, tables or segments than the module.");
        for (var i = 0; i < _globals.Length; i++) RequireFit(image.Globals[i], _globals[i]);
        for (var i = 0; i < _tables.Length; i++) RequireFit(image.Tables[i], _tables[i], limits);
        for (var i = 0; i < _segments.Length; i++)
        {
            if (!image.DroppedSegments[i] && (_dropped[i] || _traps(_segments[i].Probe)))
                throw new ArgumentException("The instance has dropped a segment that the snapshot still has: restore into a fresh one.");
        }
    }

    public void Restore(ItemImage image)
    {
        for (var i = 0; i < _globals.Length; i++) RestoreGlobal(_globals[i], image.Globals[i]);
        for (var i = 0; i < _tables.Length; i++) RestoreTable(_tables[i].Item, image.Tables[i].Elements);
        for (var i = 0; i < _segments.Length; i++)
        {
            if (!image.DroppedSegments[i] || _dropped[i]) continue;
            if (_traps(_segments[i].Drop)) throw new InvalidOperationException($"{_file}: segment probe {i} cannot drop its segment.");
            _dropped[i] = true;
        }
    }

    private void RequireFit(GlobalImage saved, SavedGlobal global)
    {
        if (saved.Index != global.Index || saved.Kind != global.Type.Kind)
            throw new ArgumentException($"The snapshot's global {saved.Index} is a {saved.Kind}, the module's global {global.Index} a {global.Type}.");
        if (global.Type.IsReference && !(_functions.Knows((uint)saved.Bits) && (global.Type.Nullable || saved.Bits != 0)))
            throw new ArgumentException($"The snapshot's global {saved.Index} refers to a function that it cannot hold.");
    }

    private void RequireFit(TableImage saved, SavedTable table, WasmLimits limits)
    {
        var index = table.Description.Index;
        var size = (ulong)saved.Elements.Length;
        if (saved.Index != index || size < Length(table.Item) || size > (table.Description.Maximum ?? ulong.MaxValue))
            throw new ArgumentException($"The snapshot's table {saved.Index} of {size} elements does not fit the module's table {index}.");
        if (size > (ulong)limits.TableElements)
        {
            throw new WasmEngineException(
                $"{_file}: table {index} of the snapshot has {size} elements, but the limit is {limits.TableElements}: raise {nameof(limits.TableElements)}.",
                isTransient: false);
        }
        foreach (var element in saved.Elements)
        {
            if (!_functions.Knows(element) || (element == 0 && !table.Description.ElementType.Nullable))
                throw new ArgumentException($"The snapshot's table {index} refers to a function that it cannot hold.");
        }
    }

    private UInt128 Bits(SavedGlobal global)
    {
        NativeValue value = default;
        var item = global.Item;
        LibWasmtime.wasmtime_global_get(_context, &item, &value);
        return global.Type.Kind switch
        {
            WasmValueKind.I32 or WasmValueKind.F32 => (uint)value.Low,
            WasmValueKind.I64 or WasmValueKind.F64 => value.Low,
            WasmValueKind.V128 => new UInt128(value.High, value.Low),
            _ => _functions.CodeOf(_context, value.Reference),
        };
    }

    private uint[] Elements(NativeItem table)
    {
        var elements = new uint[checked((int)Length(table))];
        for (var i = 0; i < elements.Length; i++) elements[i] = Element(table, i);
        return elements;
    }

    private uint Element(NativeItem table, int index)
    {
        NativeValue value;
        return LibWasmtime.wasmtime_table_get(_context, &table, (ulong)index, &value) != 0
            ? _functions.CodeOf(_context, value.Reference)
            : throw new InvalidOperationException($"{_file}: a table has no element {index}.");
    }

    private ulong Length(NativeItem table) => LibWasmtime.wasmtime_table_size(_context, &table);

    private void RestoreGlobal(SavedGlobal global, GlobalImage saved)
    {
        NativeValue value = default;
        value.Kind = global.Type.IsReference ? NativeValueKind.FuncRef : (NativeValueKind)global.Type.Kind;
        if (global.Type.IsReference)
        {
            value.Reference = _functions.ItemOf((uint)saved.Bits);
        }
        else
        {
            value.Low = (ulong)saved.Bits;
            value.High = (ulong)(saved.Bits >> 64);
        }
        var item = global.Item;
        Check(LibWasmtime.wasmtime_global_set(_context, &item, &value));
    }

    private void RestoreTable(NativeItem table, uint[] elements)
    {
        var current = (int)Length(table);
        if (current < elements.Length)
        {
            var value = FunctionValue(elements[current]);
            Check(LibWasmtime.wasmtime_table_grow(_context, &table, (ulong)(elements.Length - current), &value, out _));
        }
        for (var i = 0; i < elements.Length; i++)
        {
            if (Element(table, i) == elements[i]) continue;
            var value = FunctionValue(elements[i]);
            Check(LibWasmtime.wasmtime_table_set(_context, &table, (ulong)i, &value));
        }
    }

    private NativeValue FunctionValue(uint code) => new() { Kind = NativeValueKind.FuncRef, Reference = _functions.ItemOf(code) };

    private void Check(nint error)
    {
        if (error != 0) throw new WasmEngineException($"{_file}: the state cannot be restored: {NativeText.TakeError(error)}", isTransient: false);
    }
}
