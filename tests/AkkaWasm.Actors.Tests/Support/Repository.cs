namespace AkkaWasm.Actors.Tests.Support;

/// <summary>Files of the repository that tests use.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>A guest of <c>tests/guests</c>.</summary>
    public static byte[] Guest(string name) => File.ReadAllBytes(Path.Combine(Root, "tests", "guests", name + ".wat"));

    /// <summary>A WASI program of <c>tests/guests/wasi</c>.</summary>
    public static byte[] Program(string name) => File.ReadAllBytes(Path.Combine(Root, "tests", "guests", "wasi", name + ".wasm"));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln"))) return folder.FullName;
        throw new InvalidOperationException("AkkaWasm.sln is in no folder above the tests.");
    }
}
