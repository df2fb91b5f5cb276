using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Actors.Guests;

/// <summary>A module that was checked to be an agent of some kind: its memory, the functions of that kind and its imports fit.</summary>
internal sealed class AgentModule
{
    public const string Handle = "mesh_handle";
    public const string Init = "mesh_init";
    public const string Migrate = "mesh_migrate";
    public const string Save = "mesh_save";
    public const string LoadState = "mesh_load";
    public const string Version = "mesh_version";
    public const string Layout = "mesh_layout";
    public const string Memory = "memory";
    public const string Start = "_start";
    public const string Initialize = "_initialize";

    private AgentModule(WasmModule module, AgentKind kind, bool is64)
    {
        Module = module;
        Kind = kind;
        Is64 = is64;
        Imports = MeshImports.For(module.Description);
        HasInit = module.Description.FindExport(Init, ExternalKind.Function) is not null;
        HasInitialize = module.Description.FindExport(Initialize, ExternalKind.Function) is not null;
        CanCompact = module.Description.Types.Any(t => t.Kind != CompositeKind.Function);
        UsesWasi = WasiFunctions.AreImportedBy(module.Description);
    }

    public WasmModule Module { get; }

    /// <summary>How it is an agent; never <see cref="AgentKind.Inspected"/>.</summary>
    public AgentKind Kind { get; }

    /// <summary>Whether pointers and lengths are 64 bits wide.</summary>
    public bool Is64 { get; }

    public HostFunctions Imports { get; }

    public bool HasInit { get; }

    public bool HasInitialize { get; }

    /// <summary>Whether it has a world: it imports <c>wasi_snapshot_preview1</c>.</summary>
    public bool UsesWasi { get; }

    /// <summary>Whether its instances may have a GC heap, whose garbage can be left behind.</summary>
    public bool CanCompact { get; }

    /// <summary>What it says of how its state can be moved; found out once, by an instance in which nothing is run.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="definition">A definition of the module.</param>
    /// <exception cref="GuestRefusedException">What it says cannot be read.</exception>
    public GuestTraits TraitsOf(GuestEngine engine, AgentDefinition definition) => traits ??= ReadTraits(engine, definition);

    private GuestTraits? traits;

    private GuestTraits ReadTraits(GuestEngine engine, AgentDefinition definition)
    {
        if (Kind == AgentKind.WasiCommand) return GuestTraits.None;
        using var instance = new GuestInstance(engine, this, definition.Limits, new GuestContext());
        return new GuestTraits
        {
            Version = NumberOf(instance, Version) ?? 0, Layout = NumberOf(instance, Layout), Migrates = Exports(Migrate), Saves = Exports(Save), Loads = Exports(LoadState),
        };
    }

    private bool Exports(string function) => Module.Description.FindExport(function, ExternalKind.Function) is not null;

    /// <summary>A global, or a function without parameters, for those languages whose compilers export no constants.</summary>
    private int? NumberOf(GuestInstance instance, string name)
    {
        if (instance.Wasm.GetFunction(name) is { } function) return NumberOf(instance, function);
        if (instance.Wasm.GetGlobal(name) is not { } global) return null;
        return global is { IsMutable: false, Type.Kind: WasmValueKind.I32 }
            ? global.Value.AsI32()
            : throw new GuestRefusedException($"The module {Module.File} exports the global '{name}' as {(global.IsMutable ? "mutable " : "")}{global.Type}; it has to be an immutable i32, or a function () -> (i32).");
    }

    private int NumberOf(GuestInstance instance, WasmFunction function)
    {
        if (function.Type is not { Parameters.Count: 0, Results: [{ Kind: WasmValueKind.I32 }] })
            throw new GuestRefusedException($"The module {Module.File} exports the function '{function.Name}' as {function.Type}; it has to be () -> (i32), or an immutable global of type i32.");
        try
        {
            return instance.CallAlone(function)[0].AsI32();
        }
        catch (Exception e) when (e is WasmTrapException or InvalidOperationException)
        {
            throw new GuestRefusedException($"The function '{function.Name}' of the module {Module.File} gives no number: {e.Message}", e);
        }
    }

    /// <summary>Loads and checks a module.</summary>
    /// <exception cref="GuestRefusedException">It cannot be that agent.</exception>
    public static AgentModule Load(WasmEngine engine, byte[] bytes, AgentDefinition agent)
    {
        var file = agent.ModuleFile.Length > 0 ? Path.GetFileName(agent.ModuleFile) : agent.Name;
        try
        {
            var module = engine.Load(bytes, file);
            WasiFunctions.RequireMemory(module.Description);
            var memory = module.Description.FindExport(Memory, ExternalKind.Memory)
                ?? throw new ModuleRefusedException(file, $"the module exports no memory named '{Memory}', through which an agent and the mesh exchange data.");
            if (memory.Index != 0) throw new ModuleRefusedException(file, $"the module exports memory {memory.Index} as '{Memory}'; it has to be memory 0.");
            var is64 = module.Description.Memories[0].Is64;
            var kind = AgentKinds.Of(agent, module.Description);
            AgentKinds.RequireExports(module, kind, agent.Wasi.InputLoops, is64);
            var checkedModule = new AgentModule(module, kind, is64);
            checkedModule.Imports.Check(module.Description);
            return checkedModule;
        }
        catch (ModuleRefusedException e)
        {
            throw new GuestRefusedException($"The module of agent '{agent.Name}' is refused: {e.Message}", e);
        }
    }
}
