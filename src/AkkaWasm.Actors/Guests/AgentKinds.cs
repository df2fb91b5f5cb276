using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>Which kind of agent a module is, and what each kind has to export.</summary>
internal static class AgentKinds
{
    private static readonly WasmFunctionType NothingToNothing = WasmFunctionType.Of([], []);

    /// <summary>The kind that the topology says, else the one that the module's exports say; a module that says nothing is held to be a mesh agent.</summary>
    public static AgentKind Of(AgentDefinition agent, ModuleDescription module)
    {
        if (agent.Kind != AgentKind.Inspected) return agent.Kind;
        return module.Kind switch
        {
            ModuleKind.WasiCommand => AgentKind.WasiCommand,
            ModuleKind.WasiReactor => AgentKind.WasiReactor,
            _ => AgentKind.Mesh,
        };
    }

    /// <exception cref="ModuleRefusedException">An export is missing or has another signature.</exception>
    public static void RequireExports(WasmModule module, AgentKind kind, bool loops, bool is64)
    {
        if (kind == AgentKind.WasiCommand)
        {
            Require(module, AgentModule.Start, NothingToNothing, "which a command has to have");
            if (loops) StackUnwinder.RequireExports(module);
            return;
        }
        if (loops) throw new ModuleRefusedException(module.File, "stdin = loop is for commands, which export '_start' and not 'mesh_handle'; leave it out.");
        var why = kind == AgentKind.WasiReactor ? "which a reactor has to have to be an agent, beside '_initialize'" : "which an agent has to have";
        Require(module, AgentModule.Handle, WasmFunctionType.Of([is64 ? WasmValueKind.I64 : WasmValueKind.I32], [WasmValueKind.I32]), why);
        Allow(module, AgentModule.Init, WasmFunctionType.Of([], [WasmValueKind.I32]));
        if (kind == AgentKind.WasiReactor) Allow(module, AgentModule.Initialize, NothingToNothing);
        Allow(module, AgentModule.Migrate, WasmFunctionType.Of([WasmValueKind.I32], [WasmValueKind.I32]));
        Allow(module, AgentModule.Save, WasmFunctionType.Of([], [WasmValueKind.I32]));
        Allow(module, AgentModule.LoadState, WasmFunctionType.Of([is64 ? WasmValueKind.I64 : WasmValueKind.I32], [WasmValueKind.I32]));
    }

    public static void Require(WasmModule module, string name, WasmFunctionType wanted, string why)
    {
        if (module.Description.FindExport(name, ExternalKind.Function) is null)
            throw new ModuleRefusedException(module.File, $"the module does not export the function '{name}' {wanted}, {why}.");
        Allow(module, name, wanted);
    }

    /// <summary>The function may be missing but must not have another signature.</summary>
    private static void Allow(WasmModule module, string name, WasmFunctionType wanted)
    {
        if (module.Description.FindExport(name, ExternalKind.Function) is not { } export) return;
        var type = module.Description.FunctionType(export.Index);
        var actual = new WasmFunctionType(type.Parameters, type.Results);
        if (!actual.Equals(wanted)) throw new ModuleRefusedException(module.File, $"the module exports '{name}' as {actual}; an agent has to have it as {wanted}.");
    }
}
