using System.Runtime.InteropServices;
using System.Text;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// A module whose imports are resolved against one registry of host functions: checked once, then instantiated quickly any number of times, each
/// time as the first instance of its store.
/// </summary>
internal sealed unsafe class LinkedModule : IDisposable
{
    private LinkedModule(LinkedModuleHandle handle) => Handle = handle;

    public LinkedModuleHandle Handle { get; }

    public static LinkedModule Create(WasmModule module, HostFunctions functions)
    {
        var definitions = functions.Resolve(module.Description);
        using var linker = new LinkerHandle();
        linker.Own(LibWasmtime.wasmtime_linker_new(module.Engine.Handle));
        foreach (var definition in definitions.Distinct()) Define(linker, definition);
        var error = LibWasmtime.wasmtime_linker_instantiate_pre(linker, module.Handle, out var linked);
        if (error != 0)
            throw new ModuleRefusedException(module.File, $"the module cannot be linked: {NativeText.TakeError(error)}");
        var handle = new LinkedModuleHandle();
        handle.Own(linked);
        return new LinkedModule(handle);
    }

    public void Dispose() => Handle.Dispose();

    private static void Define(LinkerHandle linker, HostFunctionDefinition definition)
    {
        var type = NativeTypeBuilder.Function(definition.Type);
        var environment = GCHandle.ToIntPtr(GCHandle.Alloc(new HostBinding(definition, InstanceNumber: 0)));
        var module = Encoding.UTF8.GetBytes(definition.Module);
        var name = Encoding.UTF8.GetBytes(definition.Name);
        fixed (byte* modulePointer = module, namePointer = name)
        {
            // The library frees the environment, through the finalizer, with the last linked module or store that uses it, and after an error too.
            var error = LibWasmtime.wasmtime_linker_define_func_unchecked(
                linker, modulePointer, (nuint)module.Length, namePointer, (nuint)name.Length, type, &HostTrampoline.Call, environment, &HostTrampoline.Free);
            LibWasmtime.wasm_functype_delete(type);
            if (error != 0)
                throw new InvalidOperationException($"{definition.Module}.{definition.Name}: {NativeText.TakeError(error)}");
        }
    }
}
