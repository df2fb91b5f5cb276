using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// References between <see cref="WasmValue"/> and the raw form of the library: for functions a pointer, for all others 32 bits, of which the lowest
/// is set for a 31-bit integer and 0 is null. <c>extern.convert_any</c> and <c>any.convert_extern</c> do not change the raw form.
/// </summary>
internal static unsafe class ReferenceValues
{
    /// <summary>Whether a value of the host's can be passed where that type is wanted.</summary>
    public static bool Fits(WasmValueType wanted, WasmValue value) => wanted.IsReference && value.ReferenceKind switch
    {
        ReferenceKind.Null => wanted.Nullable,
        ReferenceKind.I31 => wanted.Heap.Kind is HeapKind.I31 or HeapKind.Eq or HeapKind.Any or HeapKind.Extern,
        ReferenceKind.Host => wanted.Heap.Kind is HeapKind.Extern or HeapKind.Any,
        _ => false,
    };

    /// <summary>
    /// Makes the host reference of that key: the key is the reference's data, so nothing has to be freed with it. The caller unroots it.
    /// </summary>
    /// <exception cref="WasmTrapException">The GC heap has no room for it.</exception>
    public static NativeItem NewHostReference(nint context, ulong key)
    {
        NativeItem reference;
        return LibWasmtime.wasmtime_externref_new(context, checked((nuint)key), null, &reference) != 0
            ? reference
            : throw new WasmTrapException(WasmFailureCode.GcHeapOutOfMemory, "the GC heap has no room for a host reference", []);
    }

    /// <summary>How the library tags values of a reference type.</summary>
    public static NativeValueKind NativeKindOf(HeapType heap, bool isFunction) => isFunction ? NativeValueKind.FuncRef : heap.Kind switch
    {
        HeapKind.Extern or HeapKind.NoExtern => NativeValueKind.ExternRef,
        HeapKind.Exn or HeapKind.NoExn => NativeValueKind.ExnRef,
        _ => NativeValueKind.AnyRef,
    };

    /// <summary>The raw form of a value that needs no object: null or a 31-bit integer.</summary>
    public static uint RawOf(WasmValue value) => value.ReferenceKind == ReferenceKind.I31 ? ((uint)value.Bits << 1) | 1 : 0;

    /// <summary>Reads a raw reference.</summary>
    /// <param name="context">The store.</param>
    /// <param name="heap">What its type says that it refers to.</param>
    /// <param name="isFunction">Whether that is a function.</param>
    /// <param name="raw">The reference; bits above those of its form are undefined.</param>
    public static WasmValue Read(nint context, HeapType heap, bool isFunction, ulong raw)
    {
        if (isFunction) return raw == 0 ? WasmValue.NullReference : WasmValue.Opaque(ReferenceKind.Function);
        var bits = (uint)raw;
        if (bits == 0) return WasmValue.NullReference;
        if (heap.Kind is HeapKind.Exn or HeapKind.NoExn) return WasmValue.Opaque(ReferenceKind.Exception);
        return (bits & 1) != 0 ? WasmValue.FromI31((int)(bits >> 1)) : ReadObject(context, bits);
    }

    private static WasmValue ReadObject(nint context, uint raw)
    {
        NativeItem reference;
        LibWasmtime.wasmtime_externref_from_raw(context, raw, &reference);
        var key = LibWasmtime.wasmtime_externref_data(context, &reference);
        LibWasmtime.wasmtime_externref_unroot(&reference);
        if (key != 0) return WasmValue.FromHostReference(key);
        LibWasmtime.wasmtime_anyref_from_raw(context, raw, &reference);
        var isStruct = (LibWasmtime.wasmtime_anyref_is_struct(context, &reference) & 1) != 0;
        var isArray = (LibWasmtime.wasmtime_anyref_is_array(context, &reference) & 1) != 0;
        LibWasmtime.wasmtime_anyref_unroot(&reference);
        return isStruct ? WasmValue.Opaque(ReferenceKind.Struct)
            : isArray ? WasmValue.Opaque(ReferenceKind.Array)
            : WasmValue.FromHostReference(0);
    }
}
