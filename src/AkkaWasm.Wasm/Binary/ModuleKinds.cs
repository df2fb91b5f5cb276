namespace AkkaWasm.Wasm.Binary;

/// <summary>Decides what a module is for by what it exports, and where that says nothing by what it imports.</summary>
internal static class ModuleKinds
{
    private const string MeshModule = "mesh_v1";
    private const string MeshHandle = "mesh_handle";
    private const string WasiModule = "wasi_snapshot_preview1";
    private const string WasiStart = "_start";
    private const string WasiInitialize = "_initialize";

    public static ModuleKind Of(ModuleDraft draft)
    {
        if (Exports(draft, MeshHandle)) return Exports(draft, WasiInitialize) ? ModuleKind.WasiReactor : ModuleKind.Mesh;
        if (Exports(draft, WasiStart)) return ModuleKind.WasiCommand;
        if (Imports(draft, MeshModule)) return ModuleKind.Mesh;
        return Exports(draft, WasiInitialize) || Imports(draft, WasiModule) ? ModuleKind.WasiReactor : ModuleKind.Core;
    }

    private static bool Exports(ModuleDraft draft, string name) =>
        draft.Exports.Exists(e => e.Kind == ExternalKind.Function && e.Name == name);

    private static bool Imports(ModuleDraft draft, string module) => draft.Imports.Exists(i => MemoryBinding.HostModuleOf(i.Module) == module);
}
