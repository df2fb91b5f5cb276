using System.Collections.Immutable;

namespace AkkaWasm.Wasm.Wasi;

/// <summary>What a world is made with. All of it but the folders' contents can be said again when a saved world is read back.</summary>
public sealed record WasiSettings
{
    /// <summary>Arguments of the program, its name first. What follows a NUL character is left out, here and in <see cref="Environment"/>.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Environment of the program: names and values.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Whether there is an empty file system in memory, preopened as <c>/</c> before all else.</summary>
    public bool HasMemoryRoot { get; init; } = true;

    /// <summary>Folders that are preopened and can only be read, in this order.</summary>
    public ImmutableArray<WasiMount> Folders { get; init; } = [];

    /// <summary>
    /// Folders of the machine that are preopened after those; the program reads and writes in them and reaches nothing outside. A world that has any
    /// cannot be saved. Linux only.
    /// </summary>
    public ImmutableArray<WasiHostMount> HostFolders { get; init; } = [];

    /// <summary>What the program may hold and do.</summary>
    public WasiLimits Limits { get; init; } = WasiLimits.Default;
}

/// <summary>A folder that can only be read, and where the program finds it.</summary>
/// <param name="Path">The path under which it is preopened: <c>/data</c>.</param>
/// <param name="Folder">Its content.</param>
public sealed record WasiMount(string Path, WasiFolder Folder);

/// <summary>A folder of the machine, and where the program finds it.</summary>
/// <param name="Path">The path under which it is preopened.</param>
/// <param name="HostPath">Where it is on the machine.</param>
public sealed record WasiHostMount(string Path, string HostPath);
