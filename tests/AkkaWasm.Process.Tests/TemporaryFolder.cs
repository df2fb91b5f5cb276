namespace AkkaWasm.Process.Tests;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("akkawasm-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Copies a data folder in it, without what only a running node has there.</summary>
    /// <returns>The path of the copy.</returns>
    public string Copy(string name, string copy)
    {
        foreach (var file in Directory.EnumerateFiles(this[name], "*", SearchOption.AllDirectories))
        {
            if (System.IO.Path.GetFileName(file).StartsWith("node.", StringComparison.Ordinal)) continue;
            var target = System.IO.Path.Combine(this[copy], System.IO.Path.GetRelativePath(this[name], file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        return this[copy];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
