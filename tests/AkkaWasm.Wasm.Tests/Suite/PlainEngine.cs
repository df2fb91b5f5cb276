using System.Text;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>
/// The library alone, without the project's binding: what it says of a module, and what a module does unwoven. Every wanted
/// import is served by a default (functions answer zero). Epochs stand still unless <see cref="Tick"/> is called.
/// </summary>
internal sealed unsafe partial class PlainEngine : IDisposable
{
    public const long MemoryLimitBytes = 256L << 20;
    public const long TableLimitElements = 10_000_000;
    private const int ItemLimit = 10_000;
    private const ulong NoDeadline = long.MaxValue;
    private readonly nint _engine;

    public PlainEngine()
    {
        var config = wasm_config_new();
        wasmtime_config_epoch_interruption_set(config, 1);
        wasmtime_config_wasm_threads_set(config, 0);
        wasmtime_config_wasm_function_references_set(config, 1);
        wasmtime_config_wasm_gc_set(config, 1);
        wasmtime_config_wasm_exceptions_set(config, 1);
        wasmtime_config_wasm_memory64_set(config, 1);
        wasmtime_config_wasm_tail_call_set(config, 1);
        wasmtime_config_wasm_relaxed_simd_deterministic_set(config, 1);
        wasmtime_config_cranelift_nan_canonicalization_set(config, 1);
        _engine = wasm_engine_new_with_config(config);
    }

    public void Dispose() => wasm_engine_delete(_engine);

    public void Tick() => wasmtime_engine_increment_epoch(_engine);

    /// <summary>Why the library rejects a module, or null if it accepts it.</summary>
    public string? Reject(ReadOnlySpan<byte> wasm)
    {
        fixed (byte* first = wasm) return Text(wasmtime_module_validate(_engine, first, (nuint)wasm.Length));
    }

    /// <summary>Compiles; gives the module, or null and what the library said.</summary>
    public PlainModule? Compile(ReadOnlySpan<byte> wasm, out string? failure)
    {
        nint module;
        fixed (byte* first = wasm) failure = Text(wasmtime_module_new(_engine, first, (nuint)wasm.Length, out module));
        return failure is null ? new PlainModule(_engine, module) : null;
    }

    private static string? Text(nint error)
    {
        if (error == 0) return null;
        NativeBytes message;
        wasmtime_error_message(error, &message);
        wasmtime_error_delete(error);
        return Take(&message);
    }

    private static string? Trap(nint trap)
    {
        if (trap == 0) return null;
        NativeBytes message;
        wasm_trap_message(trap, &message);
        wasm_trap_delete(trap);
        return Take(&message);
    }

    private static string Take(NativeBytes* bytes)
    {
        var text = Encoding.UTF8.GetString(bytes->Data, (int)bytes->Size).TrimEnd('\0', '\n', ' ');
        wasm_byte_vec_delete(bytes);
        return text;
    }

    /// <summary>A compiled module.</summary>
    internal sealed class PlainModule(nint engine, nint module) : IDisposable
    {
        /// <summary>Gives an instance, or null and what the library said.</summary>
        public PlainInstance? Instantiate(out string? failure, ulong deadlineTicks = NoDeadline)
        {
            var store = wasmtime_store_new(engine, 0, 0);
            wasmtime_store_limiter(store, MemoryLimitBytes, TableLimitElements, ItemLimit, ItemLimit, ItemLimit);
            var instance = new PlainInstance(store);
            instance.SetDeadline(deadlineTicks);
            failure = instance.Link(engine, module);
            if (failure is null) return instance;
            instance.Dispose();
            return null;
        }

        public void Dispose() => wasmtime_module_delete(module);
    }

    /// <summary>One instance in a store of its own.</summary>
    internal sealed class PlainInstance(nint store) : IDisposable
    {
        private readonly nint _context = wasmtime_store_context(store);
        private NativeInstance _instance;

        public string? Link(nint engine, nint module)
        {
            var linker = wasmtime_linker_new(engine);
            try
            {
                if (Text(wasmtime_linker_define_unknown_imports_as_default_values(linker, _context, module)) is { } unserved)
                    return $"imports: {unserved}";
                fixed (NativeInstance* instance = &_instance)
                {
                    var error = wasmtime_linker_instantiate(linker, _context, module, instance, out var trap);
                    var said = Text(error) ?? Trap(trap);
                    return said is null ? null : $"instantiate: {said}";
                }
            }
            finally
            {
                wasmtime_linker_delete(linker);
            }
        }

        public void SetDeadline(ulong ticks) => wasmtime_context_set_epoch_deadline(_context, ticks);

        /// <summary>Calls with the arguments in place, the results overwrite them; gives what failed, without the back-trace.</summary>
        public string? Call(string export, Span<UInt128> values)
        {
            NativeExport item;
            var name = Encoding.UTF8.GetBytes(export);
            fixed (NativeInstance* instance = &_instance)
            fixed (byte* first = name)
            {
                byte none = 0;
                if (wasmtime_instance_export_get(_context, instance, first is null ? &none : first, (nuint)name.Length, &item) == 0)
                    throw new InvalidOperationException($"no export {export}");
            }
            fixed (UInt128* first = values)
            {
                UInt128 none = 0;
                var error = wasmtime_func_call_unchecked(_context, item.Item, first is null ? &none : first, (nuint)values.Length, out var trap);
                return (Text(error) ?? Trap(trap))?.Split('\n')[^1].Trim();
            }
        }

        public void Dispose() => wasmtime_store_delete(store);
    }
}
