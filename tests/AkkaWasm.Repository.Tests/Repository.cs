namespace AkkaWasm.Repository.Tests;

/// <summary>The checkout that the tests look at.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Sources => Files("*.cs").Where(f => !f.Contains("/bin/") && !f.Contains("/obj/"));

    public static IEnumerable<string> Documents => Files("*.md");

    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    public static IEnumerable<string> Files(string pattern) => new[] { "src", "tests", "config", "scripts", ".ci" }
        .Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories))
        .Concat(Directory.EnumerateFiles(Root, pattern));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln"))) return folder.FullName;
        throw new InvalidOperationException("The tests do not run inside a checkout: no AkkaWasm.sln above them.");
    }
}
