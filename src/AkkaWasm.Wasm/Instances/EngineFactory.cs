using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>Turns <see cref="WasmEngineOptions"/> into an engine of the library.</summary>
internal static unsafe class EngineFactory
{
    private const byte OptimizeForSpeed = 1;

    /// <summary>The version of the package that carries the library.</summary>
    public static string LibraryVersion() => typeof(global::Wasmtime.Engine).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    public static EngineHandle Create(WasmEngineOptions options)
    {
        EngineOptionsCheck.Require(options);
        var handle = new EngineHandle();
        var config = LibWasmtime.wasm_config_new();
        SetFeatures(config);
        SetOptions(config, options);
        if (options.Allocation == InstanceAllocation.Pooling) SetPooling(config, options.Pooling);
        if (HostMemoryCreator.Serves(options)) HostMemoryCreator.Install(config, SourceOf(options));
        var engine = LibWasmtime.wasm_engine_new_with_config(config);
        if (engine == 0) throw new WasmEngineException("The library cannot make an engine with these options on this machine.", isTransient: false);
        handle.Own(engine);
        return handle;
    }

    private static void SetFeatures(nint config)
    {
        LibWasmtime.wasmtime_config_wasm_tail_call_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_reference_types_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_function_references_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_gc_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_exceptions_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_simd_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_relaxed_simd_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_relaxed_simd_deterministic_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_bulk_memory_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_multi_value_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_multi_memory_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_memory64_set(config, 1);
        LibWasmtime.wasmtime_config_wasm_threads_set(config, 0);
        LibWasmtime.wasmtime_config_shared_memory_set(config, 0);
    }

    private static void SetOptions(nint config, WasmEngineOptions options)
    {
        LibWasmtime.wasmtime_config_epoch_interruption_set(config, 1);
        LibWasmtime.wasmtime_config_consume_fuel_set(config, Flag(options.ConsumeFuel));
        LibWasmtime.wasmtime_config_cranelift_nan_canonicalization_set(config, Flag(options.CanonicalizeNan));
        LibWasmtime.wasmtime_config_cranelift_opt_level_set(config, OptimizeForSpeed);
        LibWasmtime.wasmtime_config_parallel_compilation_set(config, 1);
        LibWasmtime.wasmtime_config_native_unwind_info_set(config, 1);
        LibWasmtime.wasmtime_config_max_wasm_stack_set(config, (nuint)options.MaxStackBytes);
        // Unused, but the library insists that it is not the smaller of the two.
        LibWasmtime.wasmtime_config_async_stack_size_set(config, (nuint)options.MaxStackBytes * 2);
        // Memories in an arena have accessible neighbours: only without reservation and guard does the code check every access against the memory's size.
        var isDense = options.Allocation == InstanceAllocation.Dense;
        LibWasmtime.wasmtime_config_memory_reservation_set(config, isDense ? 0 : (ulong)options.MemoryReservationBytes);
        LibWasmtime.wasmtime_config_memory_guard_size_set(config, isDense ? 0 : (ulong)options.MemoryGuardBytes);
        // Without copy-on-write images every page that is not zero was written in this process: so what a snapshot must save is what was touched.
        LibWasmtime.wasmtime_config_memory_init_cow_set(config, 0);
    }

    private static HostMemorySource SourceOf(WasmEngineOptions options) =>
        new(new HostMemoryBudget(options.MaxTotalMemoryBytes, options.MaxMappings), options.Allocation == InstanceAllocation.Dense);

    private static void SetPooling(nint config, PoolingLimits limits)
    {
        var pooling = LibWasmtime.wasmtime_pooling_allocation_config_new();
        var instances = (uint)limits.MaxInstances;
        LibWasmtime.wasmtime_pooling_allocation_config_total_core_instances_set(pooling, instances);
        LibWasmtime.wasmtime_pooling_allocation_config_total_memories_set(pooling, checked(instances * (uint)limits.MaxMemoriesPerModule));
        LibWasmtime.wasmtime_pooling_allocation_config_total_tables_set(pooling, checked(instances * (uint)limits.MaxTablesPerModule));
        LibWasmtime.wasmtime_pooling_allocation_config_total_gc_heaps_set(pooling, instances);
        LibWasmtime.wasmtime_pooling_allocation_config_max_memories_per_module_set(pooling, (uint)limits.MaxMemoriesPerModule);
        LibWasmtime.wasmtime_pooling_allocation_config_max_tables_per_module_set(pooling, (uint)limits.MaxTablesPerModule);
        LibWasmtime.wasmtime_pooling_allocation_config_max_memory_size_set(pooling, (nuint)limits.MaxMemoryBytes);
        LibWasmtime.wasmtime_pooling_allocation_config_table_elements_set(pooling, (nuint)limits.MaxTableElements);
        LibWasmtime.wasmtime_pooling_allocation_strategy_set(config, pooling);
        LibWasmtime.wasmtime_pooling_allocation_config_delete(pooling);
    }

    private static byte Flag(bool on) => on ? (byte)1 : (byte)0;
}
