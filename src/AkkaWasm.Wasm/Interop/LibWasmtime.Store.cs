using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Interop;

/// <summary>Linking, stores, instances and calls.</summary>
internal static unsafe partial class LibWasmtime
{
    [LibraryImport(Library)]
    internal static partial nint wasmtime_linker_new(EngineHandle engine);

    [LibraryImport(Library)]
    internal static partial void wasmtime_linker_delete(nint linker);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_linker_define_func_unchecked(
        LinkerHandle linker,
        byte* module,
        nuint moduleLength,
        byte* name,
        nuint nameLength,
        nint type,
        delegate* unmanaged<nint, nint, RawValue*, nuint, nint> callback,
        nint environment,
        delegate* unmanaged<nint, void> finalizer);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_linker_instantiate_pre(LinkerHandle linker, CompiledModuleHandle module, out nint linked);

    [LibraryImport(Library)]
    internal static partial void wasmtime_instance_pre_delete(nint linked);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_instance_pre_instantiate(LinkedModuleHandle linked, nint context, NativeItem* instance, out nint trap);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_instance_new(
        nint context, CompiledModuleHandle module, NativeExtern* imports, nuint count, NativeItem* instance, out nint trap);

    [LibraryImport(Library)]
    internal static partial void wasmtime_func_new_unchecked(
        nint context,
        nint type,
        delegate* unmanaged<nint, nint, RawValue*, nuint, nint> callback,
        nint environment,
        delegate* unmanaged<nint, void> finalizer,
        NativeItem* function);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_store_new(EngineHandle engine, nint data, nint finalizer);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_store_context(StoreHandle store);

    [LibraryImport(Library)]
    internal static partial void wasmtime_store_delete(nint store);

    [LibraryImport(Library)]
    internal static partial void wasmtime_store_limiter(
        StoreHandle store, long memoryBytes, long tableElements, long instances, long tables, long memories);

    [LibraryImport(Library)]
    internal static partial void wasmtime_context_set_epoch_deadline(nint context, ulong ticksBeyondCurrent);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_context_set_fuel(nint context, ulong fuel);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_context_get_fuel(nint context, out ulong fuel);

    [LibraryImport(Library)]
    internal static partial byte wasmtime_context_take_exception(nint context, NativeItem* exception);

    [LibraryImport(Library)]
    internal static partial void wasmtime_exnref_unroot(NativeItem* exception);

    [LibraryImport(Library)]
    internal static partial byte wasmtime_instance_export_get(
        nint context, NativeItem* instance, byte* name, nuint nameLength, NativeExtern* item);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_func_call_unchecked(
        nint context, NativeItem* function, RawValue* argumentsAndResults, nuint length, nint* trap);

    [LibraryImport(Library)]
    internal static partial nint wasm_valtype_new(byte kind);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_wasm_valtype_v128();

    [LibraryImport(Library)]
    internal static partial void wasm_valtype_vec_new(NativeVector* types, nuint count, nint* data);

    [LibraryImport(Library)]
    internal static partial nint wasm_functype_new(NativeVector* parameters, NativeVector* results);

    [LibraryImport(Library)]
    internal static partial void wasm_functype_delete(nint type);
}
