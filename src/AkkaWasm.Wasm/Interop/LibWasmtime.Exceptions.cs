using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Interop;

/// <summary>Exceptions as objects, their tags, and the collector.</summary>
internal static unsafe partial class LibWasmtime
{
    [LibraryImport(Library)]
    internal static partial nint wasmtime_context_gc(nint context);

    [LibraryImport(Library)]
    internal static partial uint wasmtime_exnref_to_raw(nint context, NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial void wasmtime_exnref_from_raw(nint context, uint raw, NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_exnref_new(nint context, NativeItem* tag, NativeValue* fields, nuint fieldCount, NativeItem* reference);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_exnref_tag(nint context, NativeItem* reference, NativeItem* tag);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_exnref_field(nint context, NativeItem* reference, nuint index, NativeValue* value);

    [LibraryImport(Library)]
    internal static partial byte wasmtime_tag_eq(nint context, NativeItem* first, NativeItem* second);

    [LibraryImport(Library)]
    internal static partial void wasmtime_func_from_raw(nint context, nint raw, NativeItem* function);
}
