namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>Host functions for whatever a module imports: they answer zero.</summary>
internal static class HostStubs
{
    /// <summary>The limits under which the library alone makes its instances as well.</summary>
    public static readonly WasmLimits Limits = new() { TableElements = PlainEngine.TableLimitElements, MemoryBytes = PlainEngine.MemoryLimitBytes };

    /// <summary>Whether the binding serves such imports: functions of numbers and vectors, of types that stand alone.</summary>
    public static bool Serve(ModuleDescription description) =>
        description.Imports.All(i => i.Kind == ExternalKind.Function && IsPlain(description, description.FunctionType(i.Index)));

    public static HostFunctions For(ModuleDescription description)
    {
        var functions = new HostFunctions();
        var imports = description.Imports.Select(i => (i.Module, i.Name, Type: SignatureOf(description, i))).Distinct();
        foreach (var (module, name, type) in imports) functions.Define(module, name, type, (ref HostCall _) => { });
        return functions;
    }

    private static bool IsPlain(ModuleDescription description, TypeDefinition type) =>
        type is { IsFinal: true, Supertypes.Count: 0 }
        && description.RecursionGroups[type.RecursionGroup].Count == 1
        && !type.Parameters.Concat(type.Results).Any(t => t.IsReference);

    private static WasmFunctionType SignatureOf(ModuleDescription description, ImportDescription import)
    {
        var type = description.FunctionType(import.Index);
        return new WasmFunctionType(type.Parameters, type.Results);
    }
}
