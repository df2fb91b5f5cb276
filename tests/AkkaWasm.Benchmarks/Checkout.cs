namespace AkkaWasm.Benchmarks;

/// <summary>Where the guests that are measured lie.</summary>
internal static class Checkout
{
    public static string Root { get; } = Find();

    /// <summary>Compiled modules that are kept from run to run, and that the tests of the examples use too: large ones take a while.</summary>
    public static string CompiledModules { get; } = Directory.CreateDirectory(Path.Combine(Root, "config", "examples", "build", "compiled")).FullName;

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln"))) return folder.FullName;
        throw new InvalidOperationException("The benchmarks do not run inside a checkout: no AkkaWasm.sln above them.");
    }
}
