namespace AkkaWasm.Service.Tests.Hocon;

/// <summary>The public sample files of the format, which lie outside the repository.</summary>
internal static class SharedHoconFiles
{
    public static string Folder { get; } = Path.Combine(SharedRoot(), "hocon-tests");

    public static string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Why tests over these files do not run here; null when they do. With CI=true they run and fail instead.</summary>
    public static string? SkipReason() =>
        Directory.Exists(Folder) || Environment.GetEnvironmentVariable("CI") == "true"
            ? null
            : $"'{Folder}' is missing; put the folder 'shared' beside the repository, or name it in AKKAWASM_SHARED";

    internal static string SharedRoot()
    {
        if (Environment.GetEnvironmentVariable("AKKAWASM_SHARED") is { Length: > 0 } named)
            return named;
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln")))
            folder = folder.Parent;
        return Path.GetFullPath(Path.Combine(folder?.FullName ?? ".", "..", "shared"));
    }
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedHoconFactAttribute : FactAttribute
{
    public SharedHoconFactAttribute() => Skip = SharedHoconFiles.SkipReason();
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedHoconTheoryAttribute : TheoryAttribute
{
    public SharedHoconTheoryAttribute() => Skip = SharedHoconFiles.SkipReason();
}
