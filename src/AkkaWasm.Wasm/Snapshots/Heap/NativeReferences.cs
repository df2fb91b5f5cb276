using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>Between tagged values, which root what they refer to, and raw references.</summary>
internal static unsafe class NativeReferences
{
    /// <summary>The raw reference of a value that is no function; its root is given back.</summary>
    public static uint TakeRaw(nint context, NativeValue value)
    {
        if (value.Reference.IsNull) return 0;
        var raw = value.Kind switch
        {
            NativeValueKind.AnyRef => LibWasmtime.wasmtime_anyref_to_raw(context, &value.Reference),
            NativeValueKind.ExternRef => LibWasmtime.wasmtime_externref_to_raw(context, &value.Reference),
            _ => LibWasmtime.wasmtime_exnref_to_raw(context, &value.Reference),
        };
        LibWasmtime.wasmtime_val_unroot(&value);
        return raw;
    }

    /// <summary>The value of a raw reference that is no function. The caller gives its root back.</summary>
    public static NativeValue Rooted(nint context, NativeValueKind kind, uint raw)
    {
        NativeValue value = new() { Kind = kind };
        if (raw == 0) return value;
        switch (kind)
        {
            case NativeValueKind.AnyRef:
                LibWasmtime.wasmtime_anyref_from_raw(context, raw, &value.Reference);
                break;
            case NativeValueKind.ExternRef:
                LibWasmtime.wasmtime_externref_from_raw(context, raw, &value.Reference);
                break;
            default:
                LibWasmtime.wasmtime_exnref_from_raw(context, raw, &value.Reference);
                break;
        }
        return value;
    }

    /// <summary>The tagged form that values of a reference type have.</summary>
    public static NativeValueKind KindOf(FieldKind kind, WasmValueType type) => kind switch
    {
        FieldKind.Function => NativeValueKind.FuncRef,
        FieldKind.Exception => NativeValueKind.ExnRef,
        _ => type.Heap.Kind is HeapKind.Extern or HeapKind.NoExtern ? NativeValueKind.ExternRef : NativeValueKind.AnyRef,
    };
}
