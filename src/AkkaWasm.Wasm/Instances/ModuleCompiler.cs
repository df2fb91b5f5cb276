using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>Machine code for a woven module: from the cache if it is there and sound, else compiled.</summary>
internal static unsafe class ModuleCompiler
{
    public static CompiledModuleHandle Compile(EngineHandle engine, ReadOnlySpan<byte> woven, string file, CompiledModuleCache? cache)
    {
        var handle = new CompiledModuleHandle();
        if (cache is null)
        {
            handle.Own(CompileNow(engine, woven, file));
            return handle;
        }
        var key = CompiledModuleCache.KeyOf(woven);
        if (cache.TryRead(key) is { } cached && Deserialize(engine, cached) is var known and not 0)
        {
            handle.Own(known);
            cache.CountHit();
            return handle;
        }
        handle.Own(CompileNow(engine, woven, file));
        if (LibWasmtime.wasmtime_module_serialize(handle, out var bytes) is var error and not 0)
        {
            NativeText.TakeError(error);
            return handle;
        }
        cache.Write(key, bytes.Bytes);
        LibWasmtime.wasm_byte_vec_delete(&bytes);
        return handle;
    }

    private static nint CompileNow(EngineHandle engine, ReadOnlySpan<byte> woven, string file)
    {
        fixed (byte* wasm = woven)
        {
            var error = LibWasmtime.wasmtime_module_new(engine, wasm, (nuint)woven.Length, out var module);
            if (error != 0) throw new ModuleRefusedException(file, $"the module does not validate or compile: {NativeText.TakeError(error)}");
            return module;
        }
    }

    private static nint Deserialize(EngineHandle engine, ReadOnlySpan<byte> compiled)
    {
        fixed (byte* bytes = compiled)
        {
            var error = LibWasmtime.wasmtime_module_deserialize(engine, bytes, (nuint)compiled.Length, out var module);
            if (error == 0) return module;
            NativeText.TakeError(error);
            return 0;
        }
    }
}
