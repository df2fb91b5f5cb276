using System.Text;

namespace AkkaWasm.Wasm.Tests.Composition;

/// <summary>Parts in text, composed and run.</summary>
internal static class Compositions
{
    /// <summary>A part of that name, from <c>NAME.wat</c>.</summary>
    public static ModulePart Part(string name, string text) => new(name, Encoding.UTF8.GetBytes(text), $"{name}.wat");

    public static ComposedModule Compose(params ModulePart[] parts) => ModuleComposer.Compose(parts);

    /// <summary>Why the parts cannot be composed.</summary>
    public static string WhyNot(params ModulePart[] parts) => Assert.Throws<ModuleRefusedException>(() => Compose(parts)).Message;

    /// <summary>Composes, starts and calls an export of the main part; its result is an i32.</summary>
    public static int Call(string export, params ModulePart[] parts)
    {
        using var engine = new WasmEngine();
        using var module = engine.Load(Compose(parts).Bytes, "composed");
        using var instance = WasmInstance.Create(module, new HostFunctions());
        instance.RunStart();
        return instance.GetFunction(export)!.Invoke().Single().AsI32();
    }

    /// <summary>How the start of the composed module fails.</summary>
    public static WasmFailureCode Failure(params ModulePart[] parts)
    {
        using var engine = new WasmEngine();
        using var module = engine.Load(Compose(parts).Bytes, "composed");
        return Assert.Throws<WasmTrapException>(() =>
        {
            using var instance = WasmInstance.Create(module, new HostFunctions());
            instance.RunStart();
        }).Code;
    }
}
