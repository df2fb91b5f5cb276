using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Makes the immutable arrays of an image through a module that is generated for them, one for each guest module that has any.
/// </summary>
internal sealed unsafe class FixedArrays
{
    private readonly Dictionary<int, (CompiledModuleHandle Module, SlotWriter Writer)> _helpers = [];
    private readonly Dictionary<int, int> _dataOffsets = [];
    private readonly HeapHelpers _types;

    /// <param name="store">The store.</param>
    /// <param name="types">Its types.</param>
    /// <param name="graph">The objects.</param>
    /// <param name="ids">Those of them that are immutable arrays with elements and are to be made.</param>
    /// <exception cref="WasmEngineException">An array is longer than can be made here.</exception>
    public FixedArrays(StoreView store, HeapHelpers types, HeapGraph graph, IEnumerable<int> ids)
    {
        _types = types;
        foreach (var module in ids.GroupBy(id => types.WriterOf(TypeOf(graph, id))))
        {
            var guest = store.Instances[module.Key].Module;
            var lengths = new HashSet<(int, int)>();
            var numberTypes = new HashSet<int>();
            var numbers = new ByteList();
            foreach (var id in module)
            {
                var type = TypeOf(graph, id);
                if (type.Element.Kind == FieldKind.Number)
                {
                    numberTypes.Add(type.Index);
                    _dataOffsets.Add(id, numbers.Length);
                    var elements = graph.Elements(id, type);
                    elements.CopyTo(numbers.Append(elements.Length));
                }
                else
                {
                    RequireLength(guest, graph.LengthOf(id));
                    lengths.Add((type.Index, graph.LengthOf(id)));
                }
            }
            var compiled = guest.Engine.CompileHelper(FixedArrayModule.Build(guest.Description, lengths, numberTypes, numbers.ToArray()).Span, guest.File, isKept: false);
            var writer = new SlotWriter(new HelperInstance(store, compiled));
            foreach (var longest in lengths.GroupBy(l => l.Item1)) Grow(writer, longest.Key, longest.Max(l => l.Item2));
            _helpers.Add(module.Key, (compiled, writer));
        }
    }

    public uint FromNumbers(CanonicalType type, int id, int length)
    {
        var writer = WriterOf(type);
        var make = writer.Find(HelperNames.FromData(type.Index));
        var values = stackalloc RawValue[3];
        values[0] = new RawValue { Low = (uint)_dataOffsets[id] };
        values[1] = new RawValue { Low = (uint)length };
        return writer.Make(ref make, values, 2);
    }

    public uint FromReferences<TValues>(CanonicalType type, int length, ref TValues values)
        where TValues : IElementValues, allows ref struct
    {
        var writer = WriterOf(type);
        NativeItem[] puts = [writer.Find(HelperNames.SetElement(type.Index)), writer.Find(HelperNames.SetElements(type.Index))];
        var arguments = stackalloc RawValue[1 + HelperNames.ElementsPerCall];
        for (var at = 0; at < length;)
        {
            var isMany = length - at >= HelperNames.ElementsPerCall;
            var count = isMany ? HelperNames.ElementsPerCall : 1;
            arguments[0] = new RawValue { Low = (uint)at };
            for (var i = 0; i < count; i++) arguments[1 + i] = values.ValueOf(at + i);
            writer.Call(ref puts[isMany ? 1 : 0], arguments, count + 1);
            at += count;
        }
        var make = writer.Find(HelperNames.Fixed(type.Index, length));
        var made = writer.Make(ref make, arguments, 0);
        var clear = writer.Find(HelperNames.Stage(type.Index, 1));
        arguments[0] = new RawValue { Low = (uint)length };
        writer.Call(ref clear, arguments, 1);
        return made;
    }

    /// <summary>Lets go of the arrays and of the generated modules; their instances stay with the store.</summary>
    public void Clear()
    {
        foreach (var (module, writer) in _helpers.Values)
        {
            writer.Clear();
            module.Dispose();
        }
    }

    private static void Grow(SlotWriter writer, int type, int length)
    {
        var grow = writer.Find(HelperNames.Stage(type, 0));
        RawValue value = new() { Low = (uint)length };
        writer.Call(ref grow, &value, 1);
        if (value.I32 < 0) throw new WasmEngineException($"There is no room to restore an array of {length} references.", isTransient: true);
    }

    private static void RequireLength(WasmModule guest, int length)
    {
        if (length <= FixedArrayModule.MaxElements) return;
        throw new WasmEngineException(
            $"{guest.File}: an immutable array of {length} references cannot be restored on this system, only up to {FixedArrayModule.MaxElements}.", isTransient: false);
    }

    private static CanonicalType TypeOf(HeapGraph graph, int id) => (CanonicalType)graph.DefinitionOf(id)!;

    private SlotWriter WriterOf(CanonicalType type) => _helpers[_types.WriterOf(type)].Writer;
}
