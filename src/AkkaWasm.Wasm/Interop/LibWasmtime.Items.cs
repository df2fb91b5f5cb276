using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Interop;

/// <summary>
/// Memories, globals, tables and function references of a store. All of them are quick, call nothing back and take no lock, except where a
/// comment says otherwise; the ones on the path of every turn go without a transition of the garbage collector.
/// </summary>
internal static unsafe partial class LibWasmtime
{
    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial byte* wasmtime_memory_data(nint context, NativeItem* memory);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial nuint wasmtime_memory_data_size(nint context, NativeItem* memory);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_memory_grow(nint context, NativeItem* memory, ulong delta, out ulong previous);

    [LibraryImport(Library)]
    internal static partial void wasmtime_global_get(nint context, NativeItem* global, NativeValue* value);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_global_set(nint context, NativeItem* global, NativeValue* value);

    [LibraryImport(Library)]
    internal static partial ulong wasmtime_table_size(nint context, NativeItem* table);

    [LibraryImport(Library)]
    internal static partial byte wasmtime_table_get(nint context, NativeItem* table, ulong index, NativeValue* value);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_table_set(nint context, NativeItem* table, ulong index, NativeValue* value);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_table_grow(nint context, NativeItem* table, ulong delta, NativeValue* value, out ulong previous);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_func_to_raw(nint context, NativeItem* function);
}
