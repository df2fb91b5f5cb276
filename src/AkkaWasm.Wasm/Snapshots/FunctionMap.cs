using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>The functions of an instance that can stand in tables and globals, by index and by the library's identity of them.</summary>
internal sealed unsafe class FunctionMap
{
    private readonly Dictionary<nint, uint> _codes = [];
    private readonly Dictionary<uint, NativeItem> _items = [];

    public void Add(nint context, int index, NativeItem function)
    {
        var code = (uint)index + 1;
        _codes.Add(LibWasmtime.wasmtime_func_to_raw(context, &function), code);
        _items.Add(code, function);
    }

    /// <summary>The function's index plus one, 0 for null.</summary>
    public uint CodeOf(nint context, NativeItem function)
    {
        if (function.IsNull) return 0;
        return _codes.TryGetValue(LibWasmtime.wasmtime_func_to_raw(context, &function), out var code)
            ? code
            : throw new InvalidOperationException("A table or global holds a function that the module cannot refer to.");
    }

    public bool Knows(uint code) => code == 0 || _items.ContainsKey(code);

    public NativeItem ItemOf(uint code) => code == 0 ? default : _items[code];
}
