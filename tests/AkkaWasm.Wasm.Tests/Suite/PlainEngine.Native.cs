using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Tests.Suite;

internal sealed unsafe partial class PlainEngine
{
    private const string Library = "wasmtime";

    [LibraryImport(Library)]
    private static partial nint wasm_config_new();

    [LibraryImport(Library)]
    private static partial nint wasm_engine_new_with_config(nint config);

    [LibraryImport(Library)]
    private static partial void wasm_engine_delete(nint engine);

    [LibraryImport(Library)]
    private static partial void wasmtime_engine_increment_epoch(nint engine);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_epoch_interruption_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_wasm_threads_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_wasm_function_references_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_wasm_gc_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_wasm_exceptions_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_wasm_memory64_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_wasm_tail_call_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_wasm_relaxed_simd_deterministic_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial void wasmtime_config_cranelift_nan_canonicalization_set(nint config, byte on);

    [LibraryImport(Library)]
    private static partial nint wasmtime_module_validate(nint engine, byte* wasm, nuint length);

    [LibraryImport(Library)]
    private static partial nint wasmtime_module_new(nint engine, byte* wasm, nuint length, out nint module);

    [LibraryImport(Library)]
    private static partial void wasmtime_module_delete(nint module);

    [LibraryImport(Library)]
    private static partial nint wasmtime_store_new(nint engine, nint data, nint finalizer);

    [LibraryImport(Library)]
    private static partial void wasmtime_store_delete(nint store);

    [LibraryImport(Library)]
    private static partial nint wasmtime_store_context(nint store);

    [LibraryImport(Library)]
    private static partial void wasmtime_store_limiter(nint store, long memory, long elements, long instances, long tables, long memories);

    [LibraryImport(Library)]
    private static partial void wasmtime_context_set_epoch_deadline(nint context, ulong ticks);

    [LibraryImport(Library)]
    private static partial nint wasmtime_linker_new(nint engine);

    [LibraryImport(Library)]
    private static partial void wasmtime_linker_delete(nint linker);

    [LibraryImport(Library)]
    private static partial nint wasmtime_linker_define_unknown_imports_as_default_values(nint linker, nint context, nint module);

    [LibraryImport(Library)]
    private static partial nint wasmtime_linker_instantiate(nint linker, nint context, nint module, NativeInstance* instance, out nint trap);

    [LibraryImport(Library)]
    private static partial byte wasmtime_instance_export_get(nint context, NativeInstance* instance, byte* name, nuint length, NativeExport* item);

    [LibraryImport(Library)]
    private static partial nint wasmtime_func_call_unchecked(nint context, ulong* function, UInt128* values, nuint count, out nint trap);

    [LibraryImport(Library)]
    private static partial void wasmtime_error_message(nint error, NativeBytes* message);

    [LibraryImport(Library)]
    private static partial void wasmtime_error_delete(nint error);

    [LibraryImport(Library)]
    private static partial void wasm_trap_message(nint trap, NativeBytes* message);

    [LibraryImport(Library)]
    private static partial void wasm_trap_delete(nint trap);

    [LibraryImport(Library)]
    private static partial void wasm_byte_vec_delete(NativeBytes* bytes);

    private struct NativeBytes
    {
        public nuint Size;
        public byte* Data;
    }

    private struct NativeInstance
    {
        public ulong Store;
        public ulong Private;
    }

    private struct NativeExport
    {
        public ulong Kind;
        public fixed ulong Item[3];
    }
}
