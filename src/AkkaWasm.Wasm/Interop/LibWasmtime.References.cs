using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Interop;

/// <summary>
/// References into the GC heap. Each handle is a root that its owner unroots; the null reference is a handle of store 0. A raw reference is good
/// only until the heap is collected.
/// </summary>
internal static unsafe partial class LibWasmtime
{
    [LibraryImport(Library)]
    internal static partial byte wasmtime_externref_new(nint context, nuint data, delegate* unmanaged<nint, void> finalizer, NativeItem* reference);

    /// <summary>The data that the reference was made with; 0 also for an object of the guest's that was converted.</summary>
    [LibraryImport(Library)]
    internal static partial nuint wasmtime_externref_data(nint context, NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_externref_unroot(NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial uint wasmtime_externref_to_raw(nint context, NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_externref_from_raw(nint context, uint raw, NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_anyref_unroot(NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial uint wasmtime_anyref_to_raw(nint context, NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_anyref_from_raw(nint context, uint raw, NativeItem* reference);

    /// <summary>Only the lowest bit of the answer counts.</summary>
    [LibraryImport(Library)]
    internal static partial byte wasmtime_anyref_is_struct(nint context, NativeItem* reference);

    /// <summary>Only the lowest bit of the answer counts.</summary>
    [LibraryImport(Library)]
    internal static partial byte wasmtime_anyref_is_array(nint context, NativeItem* reference);

    /// <summary>Unroots what a global or table gave; nothing happens for numbers, functions and null.</summary>
    [LibraryImport(Library)]
    internal static partial void wasmtime_val_unroot(NativeValue* value);
}
