namespace AkkaWasm.Wasm.Binary;

/// <summary>Decides what a module is for by what it imports and exports.</summary>
internal static class ModuleKinds
{
    private const string MeshModule = "mesh_v1";
    private const string MeshHandle = "mesh_handle";
    private const string WasiModule = "wasi_snapshot_preview1";

    public static ModuleKind Of(ModuleDraft draft)
    {
        if (Exports(draft, MeshHandle) || Imports(draft, MeshModule)) return ModuleKind.Mesh;
        if (Exports(draft, "_start")) return ModuleKind.WasiCommand;
        return Exports(draft, "_initialize") || Imports(draft, WasiModule) ? ModuleKind.WasiReactor : ModuleKind.Core;
    }

    private static bool Exports(ModuleDraft draft, string name) =>
        draft.Exports.Exists(e => e.Kind == ExternalKind.Function && e.Name == name);

    private static bool Imports(ModuleDraft draft, string module) => draft.Imports.Exists(i => i.Module == module);
}
