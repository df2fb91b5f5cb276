using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Interop;

/// <summary>The functions of libwasmtime that are used, under their own names. This part: configuration, engine and modules.</summary>
internal static unsafe partial class LibWasmtime
{
    private const string Library = "wasmtime";

    [LibraryImport(Library)]
    internal static partial nint wasm_config_new();

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_consume_fuel_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_epoch_interruption_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_max_wasm_stack_set(nint config, nuint bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_async_stack_size_set(nint config, nuint bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_threads_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_shared_memory_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_tail_call_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_reference_types_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_function_references_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_gc_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_exceptions_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_simd_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_relaxed_simd_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_relaxed_simd_deterministic_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_bulk_memory_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_multi_value_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_multi_memory_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_wasm_memory64_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_parallel_compilation_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_cranelift_nan_canonicalization_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_cranelift_opt_level_set(nint config, byte level);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_native_unwind_info_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_memory_reservation_set(nint config, ulong bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_memory_guard_size_set(nint config, ulong bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_memory_init_cow_set(nint config, byte enable);

    [LibraryImport(Library)]
    internal static partial void wasmtime_config_host_memory_creator_set(nint config, NativeMemoryCreator* creator);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_pooling_allocation_config_new();

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_delete(nint pooling);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_total_core_instances_set(nint pooling, uint count);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_total_memories_set(nint pooling, uint count);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_total_tables_set(nint pooling, uint count);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_total_gc_heaps_set(nint pooling, uint count);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_max_memory_size_set(nint pooling, nuint bytes);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_max_memories_per_module_set(nint pooling, uint count);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_max_tables_per_module_set(nint pooling, uint count);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_config_table_elements_set(nint pooling, nuint count);

    [LibraryImport(Library)]
    internal static partial void wasmtime_pooling_allocation_strategy_set(nint config, nint pooling);

    [LibraryImport(Library)]
    internal static partial nint wasm_engine_new_with_config(nint config);

    [LibraryImport(Library)]
    internal static partial void wasm_engine_delete(nint engine);

    [LibraryImport(Library)]
    internal static partial void wasmtime_engine_increment_epoch(EngineHandle engine);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_module_new(EngineHandle engine, byte* wasm, nuint length, out nint module);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_module_serialize(CompiledModuleHandle module, out NativeVector bytes);

    [LibraryImport(Library)]
    internal static partial nint wasmtime_module_deserialize(EngineHandle engine, byte* bytes, nuint length, out nint module);

    [LibraryImport(Library)]
    internal static partial void wasmtime_module_delete(nint module);
}
