using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// A helper module at work in a guest's store. Its functions are called unchecked, so their arguments must be what their types say: nothing here may
/// get a reference that was not checked.
/// </summary>
internal sealed unsafe class HelperInstance(StoreView store, CompiledModuleHandle module)
{
    private readonly NativeItem _instance = store.InstantiateHelper(module, []);

    public NativeItem Find(string export) => store.Export(_instance, HelperNames.Utf8(export)).Item;

    /// <summary>Calls with the arguments in place; the results overwrite them.</summary>
    /// <exception cref="WasmTrapException">It failed, most often since there is no room for an object.</exception>
    public void Call(ref NativeItem function, RawValue* values, int count) => store.Call(ref function, values, count);
}
