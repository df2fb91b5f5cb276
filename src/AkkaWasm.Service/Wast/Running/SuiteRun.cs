using System.Collections.Concurrent;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>Runs many scripts, as many at a time as there are processors.</summary>
internal static class SuiteRun
{
    private const string Extension = ".wast";

    /// <summary>The scripts that are meant: files as they are, of folders all <c>.wast</c> files at any depth, in order of their names.</summary>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    public static IReadOnlyList<string> FilesOf(IEnumerable<string> paths) => [.. paths.SelectMany(FilesOf).Distinct(StringComparer.Ordinal)];

    /// <summary>Runs the scripts.</summary>
    /// <param name="files">The scripts.</param>
    /// <param name="mode">What else is done.</param>
    /// <returns>A report for each, in the same order.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<ScriptReport> Run(IReadOnlyList<string> files, ScriptMode mode)
    {
        using var engine = new ScriptEngine();
        var runner = new ScriptRunner(engine, mode);
        var reports = new ScriptReport[files.Count];
        // One by one, since a few scripts take as long as all others together.
        var numbers = Partitioner.Create(Enumerable.Range(0, files.Count), EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(numbers, i => reports[i] = runner.Run(File.ReadAllBytes(files[i]), files[i]));
        return reports;
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (File.Exists(path)) return [path];
        if (!Directory.Exists(path)) throw new FileNotFoundException($"'{path}' is not there; check the path", path);
        return Directory.EnumerateFiles(path, $"*{Extension}", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }
}
