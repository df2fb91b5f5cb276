namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>All modules of the official suite, in a fixed order.</summary>
internal static class SuiteModules
{
    private static readonly Lazy<IReadOnlyList<ScriptModule>> Loaded = new(Load);

    public static IReadOnlyList<ScriptModule> All => Loaded.Value;

    private static ScriptModule[] Load()
    {
        return [.. Directory.EnumerateFiles(SharedData.WasmSpec, "*.wast", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .SelectMany(f => WastScript.Modules(File.ReadAllBytes(f), Path.GetRelativePath(SharedData.WasmSpec, f)))];
    }
}
