namespace AkkaWasm.Wasm;

/// <summary>A module that becomes a part of a composed one; see <see cref="ModuleComposer"/>.</summary>
/// <param name="Name">Its name in the composition. Other parts' imports from a module of that name are served by its exports.</param>
/// <param name="Module">The module, as a binary or as text in UTF-8.</param>
/// <param name="File">Where it came from, for messages.</param>
public sealed record ModulePart(string Name, ReadOnlyMemory<byte> Module, string File)
{
    /// <summary>
    /// Which part serves its imports from a module name where that is not the part's own name: by module name the name of the part. What is not named here
    /// is served by the part of that name.
    /// </summary>
    public IReadOnlyDictionary<string, string> Links { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;
}

/// <summary>A part of a composed module.</summary>
/// <param name="Name">Its name in the composition.</param>
/// <param name="ContentHash">SHA-256 of its bytes as they were given, 64 lower-case hexadecimal digits.</param>
/// <param name="IsMain">Whether the composed module's exports are those of this part.</param>
public sealed record ModulePartDescription(string Name, string ContentHash, bool IsMain);

/// <summary>An import of a part that an export of another serves.</summary>
/// <param name="Part">The name of the part that imports.</param>
/// <param name="Import">What it imports.</param>
/// <param name="From">The name of the part that exports it.</param>
public sealed record PartLink(string Part, ImportDescription Import, string From);
