using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>The types of a store's instances and the helpers for them: at most one of each kind per module, made when it is first needed.</summary>
internal sealed unsafe class HeapHelpers
{
    private readonly StoreView _store;
    private readonly int[] _modules;
    private readonly HelperInstance?[] _readers;
    private readonly HelperInstance?[] _writers;
    private readonly Dictionary<int, HelperInstance> _batches = [];
    private (HelperInstance Helper, NativeItem TypeOf, int Instance)[]? _typeTests;

    public HeapHelpers(StoreView store, TypeSpace types)
    {
        _store = store;
        var modules = store.Instances.Select(i => i.Module).ToList();
        _modules = [.. modules.Select(m => modules.IndexOf(m))];
        _readers = new HelperInstance?[modules.Count];
        _writers = new HelperInstance?[modules.Count];
        Types = types;
    }

    public TypeSpace Types { get; }

    /// <summary>A helper that knows the length of any array.</summary>
    public HelperInstance AnyReader => Reader(_modules[0]);

    public HelperInstance Reader(CanonicalType type) => Reader(_modules[type.Instance]);

    public HelperInstance Writer(CanonicalType type) => Writer(type.Instance);

    /// <summary>The number of the helper that makes an object of that type: that of the first instance of its module.</summary>
    public int WriterOf(CanonicalType type) => _modules[type.Instance];

    public HelperInstance Writer(int instance) => _writers[_modules[instance]] ??= new HelperInstance(_store, Module(_modules[instance]).Helpers.Writer);

    /// <summary>What makes structs of that type, many in a call.</summary>
    /// <param name="type">The type.</param>
    /// <param name="objects">How many are to be made in all.</param>
    public StructBatch BatchOf(CanonicalType type, int objects)
    {
        if (!_batches.TryGetValue(type.Number, out var helper)) _batches.Add(type.Number, helper = new HelperInstance(_store, Module(type.Instance).Helpers.Batch(type.Index)));
        return new StructBatch(helper, Module(type.Instance).Description, type, objects);
    }

    /// <summary>A helper that tests types and puts functions into the heap.</summary>
    public HelperInstance AnyTypeTest => (_typeTests ??= TypeTests())[0].Helper;

    /// <summary>The <see cref="CanonicalType.Number"/> of the most derived type that an object has, or -1 if it has none.</summary>
    public int TypeOf(uint raw)
    {
        var best = -1;
        foreach (ref var test in (_typeTests ??= TypeTests()).AsSpan())
        {
            RawValue value = new() { Low = raw };
            test.Helper.Call(ref test.TypeOf, &value, 1);
            if (value.I32 < 0) continue;
            var type = Types.TypeOf(test.Instance, value.I32);
            if (best < 0 || type.Depth > Types.Types[best].Depth) best = type.Number;
        }
        return best;
    }

    private HelperInstance Reader(int module) => _readers[module] ??= new HelperInstance(_store, Module(module).Helpers.Reader);

    private WasmModule Module(int instance) => _store.Instances[instance].Module;

    private (HelperInstance Helper, NativeItem TypeOf, int Instance)[] TypeTests() =>
    [
        .. _modules.Distinct().Select(m =>
        {
            var helper = new HelperInstance(_store, Module(m).Helpers.TypeTest);
            return (helper, helper.Find(HelperNames.TypeOf), m);
        }),
    ];
}
