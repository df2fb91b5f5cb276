namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>Finds test data that is too large for the repository.</summary>
internal static class SharedData
{
    public static readonly string Folder = Environment.GetEnvironmentVariable("AKKAWASM_SHARED")
        ?? Path.Combine(Path.GetDirectoryName(RepositoryRoot())!, "shared");

    public static readonly string WasmSpec = Path.Combine(Folder, "wasm-spec");

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("no AkkaWasm.sln above the test assembly");
    }
}

/// <summary>A test that needs the official suite: skipped where it is missing, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WasmSpecFactAttribute : FactAttribute
{
    public WasmSpecFactAttribute()
    {
        if (!Directory.Exists(SharedData.WasmSpec) && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = $"the official suite is not at {SharedData.WasmSpec}: put the test folder of the WebAssembly specification there as wasm-spec, or set AKKAWASM_SHARED";
    }
}
