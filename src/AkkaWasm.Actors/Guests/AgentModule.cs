using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>A module that was checked to be an agent: its memory, <c>mesh_handle</c>, <c>mesh_init</c> and imports fit.</summary>
internal sealed class AgentModule
{
    public const string Handle = "mesh_handle";
    public const string Init = "mesh_init";
    public const string Memory = "memory";

    private AgentModule(WasmModule module, bool is64)
    {
        Module = module;
        Is64 = is64;
        Imports = MeshImports.For(is64);
        HasInit = module.Description.FindExport(Init, ExternalKind.Function) is not null;
        SavedMemories = [.. Enumerable.Range(0, module.Description.Memories.Count).Where(i => !IsScratch(module.Description, i))];
    }

    public WasmModule Module { get; }

    /// <summary>Whether pointers and lengths are 64 bits wide.</summary>
    public bool Is64 { get; }

    public HostFunctions Imports { get; }

    public bool HasInit { get; }

    public bool CanCapture => Module.Description.State.CanCapture;

    /// <summary>Memories whose content is state.</summary>
    public int[] SavedMemories { get; }

    public static AgentModule Load(WasmEngine engine, byte[] bytes, AgentDefinition agent)
    {
        var file = agent.ModuleFile.Length > 0 ? Path.GetFileName(agent.ModuleFile) : agent.Name;
        try
        {
            var module = engine.Load(bytes, file);
            var memory = module.Description.FindExport(Memory, ExternalKind.Memory)
                ?? throw new ModuleRefusedException(file, $"the module exports no memory named '{Memory}', through which an agent and the mesh exchange data.");
            if (memory.Index != 0) throw new ModuleRefusedException(file, $"the module exports memory {memory.Index} as '{Memory}'; it has to be memory 0.");
            var is64 = module.Description.Memories[0].Is64;
            RequireFunction(module, Handle, WasmFunctionType.Of([is64 ? WasmValueKind.I64 : WasmValueKind.I32], [WasmValueKind.I32]), optional: false);
            RequireFunction(module, Init, WasmFunctionType.Of([], [WasmValueKind.I32]), optional: true);
            var checkedModule = new AgentModule(module, is64);
            checkedModule.Imports.Check(module.Description);
            return checkedModule;
        }
        catch (ModuleRefusedException e)
        {
            throw new GuestRefusedException($"The module of agent '{agent.Name}' is refused: {e.Message}", e);
        }
    }

    private static void RequireFunction(WasmModule module, string name, WasmFunctionType wanted, bool optional)
    {
        var export = module.Description.FindExport(name, ExternalKind.Function);
        if (export is null && optional) return;
        if (export is null) throw new ModuleRefusedException(module.File, $"the module does not export the function '{name}' {wanted}, which an agent has to have.");
        var type = module.Description.FunctionType(export.Index);
        var actual = new WasmFunctionType(type.Parameters, type.Results);
        if (!actual.Equals(wanted)) throw new ModuleRefusedException(module.File, $"the module exports '{name}' as {actual}; an agent has to have it as {wanted}.");
    }

    private static bool IsScratch(ModuleDescription description, int memory) =>
        description.Exports.Any(e => e.Kind == ExternalKind.Memory && e.Index == memory && e.Name.StartsWith("scratch", StringComparison.Ordinal));
}
