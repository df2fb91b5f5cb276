using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// The functions that can be references in a store, by instance and index and by the library's identity of them. An import has another identity than
/// what it is linked to, so each instance's are here, imported ones included.
/// </summary>
internal sealed unsafe class FunctionMap
{
    private readonly Dictionary<nint, FunctionName> _names = [];
    private readonly Dictionary<FunctionName, (nint Raw, NativeItem Item)> _functions = [];

    public FunctionMap(StoreView store)
    {
        for (var number = 0; number < store.Instances.Count; number++)
        {
            var instance = store.Instances[number];
            foreach (var function in instance.Module.State.Functions)
            {
                var item = instance.Export(function.ExportName).Item;
                var raw = LibWasmtime.wasmtime_func_to_raw(store.Context, &item);
                var name = new FunctionName(number, function.Index);
                _names.TryAdd(raw, name);
                _functions.Add(name, (raw, item));
            }
        }
    }

    /// <summary>All functions as calls pass them.</summary>
    public IEnumerable<nint> Raws => _names.Keys;

    public bool Knows(FunctionName name) => _functions.ContainsKey(name);

    public NativeItem ItemOf(FunctionName name) => _functions[name].Item;

    /// <summary>What a call passes for the function.</summary>
    public nint RawOf(FunctionName name) => _functions[name].Raw;

    public FunctionName NameOf(nint raw) => _names.TryGetValue(raw, out var name)
        ? name
        : throw new InvalidOperationException("The store holds a reference to a function that no instance can refer to.");
}
