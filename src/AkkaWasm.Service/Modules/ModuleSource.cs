using AkkaWasm.Actors;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Modules;

/// <summary>
/// Reads modules from where a user says they are: a file, a folder with files, an address (http, https), or <c>oci:PATH[:TAG]</c>. A file called
/// <c>histogram@1.2.0.wasm</c> has that name and version; signatures stand beside a file in one that is called the same with <c>.sig</c> behind.
/// </summary>
internal static class ModuleSource
{
    private const string Oci = "oci:";
    private static readonly string[] Endings = [".wasm", ".wat"];

    /// <summary>Fetches all modules of a source.</summary>
    /// <param name="source">The source as the user says it.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CliException">There is none, it cannot be read, or it is past a limit.</exception>
    public static async Task<IReadOnlyList<FetchedModule>> FetchAsync(string source, ModuleSettings settings, CancellationToken cancellation)
    {
        var maxBytes = settings.Options.MaxBytes;
        if (source.StartsWith(Oci, StringComparison.Ordinal)) return [OciLayout.Read(source[Oci.Length..], maxBytes)];
        if (source.Contains("://", StringComparison.Ordinal))
        {
            using var download = new ModuleDownload(settings.Fetch, maxBytes);
            return [await download.FetchAsync(source, cancellation)];
        }
        if (!Directory.Exists(source)) return [ReadFile(source, maxBytes)];
        var files = Directory.EnumerateFiles(source).Where(IsModule).Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0 ? [.. files.Select(file => ReadFile(file, maxBytes))] : throw new CliException(ExitCode.BadInput, $"the folder '{source}' has no .wasm or .wat file; name another one");
    }

    private static bool IsModule(string file) => Endings.Contains(Path.GetExtension(file));

    private static FetchedModule ReadFile(string file, long maxBytes)
    {
        if (new FileInfo(file) is { Exists: true, Length: var length } && length > maxBytes)
            throw new CliException(ExitCode.Failed, $"the module '{file}' has {length} bytes, more than {maxBytes} (modules.max-bytes); strip it or raise the limit");
        var signatures = file + ModuleLoader.SignatureEnding;
        var (name, version) = NameOf(Path.GetFileName(file));
        return new FetchedModule(WasmCommands.Read(file), file) { Name = name, Version = version, Signatures = File.Exists(signatures) ? File.ReadAllText(signatures) : null };
    }

    /// <summary>Name and version that a file says in its own name.</summary>
    private static (string? Name, string? Version) NameOf(string file)
    {
        var stem = IsModule(file) ? Path.GetFileNameWithoutExtension(file) : file;
        return stem.Split('@') is [var name, var version] && ModuleReference.ProblemOf(name, version) is null ? (name, version) : (null, null);
    }
}
