using System.Collections.Immutable;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Configuration;

/// <summary>A module that an agent names: a file, content, a name in the store, or modules that are to be composed.</summary>
/// <param name="File">Its full path; of modules that are composed, those of all of them.</param>
/// <param name="Written">As it is written.</param>
/// <param name="Origin">Where.</param>
internal sealed record ModuleReferenceInFile(string File, string Written, HoconOrigin Origin)
{
    /// <summary>The modules that it is composed of, the main one last; empty for a module that is not.</summary>
    public ImmutableArray<PartReference> Parts { get; init; } = [];

    /// <summary>Which part serves imports from a module name where that is not the part of that name.</summary>
    public ImmutableDictionary<string, string> Links { get; init; } = ImmutableDictionary<string, string>.Empty;

    public bool IsComposed => !Parts.IsEmpty;
}

/// <summary>A module that is composed with others.</summary>
/// <param name="Name">The name of the part.</param>
/// <param name="Module">Where the module is named.</param>
internal sealed record PartReference(string Name, ModuleReferenceInFile Module);

/// <summary>Reads <c>module</c>: text, or <c>{ main = …, parts { NAME = … }, links { MODULE = NAME } }</c>.</summary>
internal static class ModuleReferenceSection
{
    public static ModuleReferenceInFile Read(HoconCursor module, ConfigurationTree tree)
    {
        if (module.Kind != HoconKind.Object) return One(module, tree);
        ImmutableArray<PartReference> parts =
        [
            .. module.At("parts").Entries().Select(part => new PartReference(part.Key, One(part.Value, tree))),
            new PartReference(CompositionOptions.DefaultMain, One(module.At("main"), tree)),
        ];
        if (parts.Count(part => part.Name == CompositionOptions.DefaultMain) > 1)
            throw new HoconException($"a part is called '{CompositionOptions.DefaultMain}'", module.At("parts").KeyOrigin, "that is the part of module.main; name it otherwise");
        var links = module.Find("links")?.Entries().ToImmutableDictionary(link => link.Key, link => link.Value.AsString()) ?? ImmutableDictionary<string, string>.Empty;
        var key = string.Join('\n', parts.Select(part => $"{part.Name}={part.Module.File}").Concat(links.Select(link => $"{link.Key}>{link.Value}").Order(StringComparer.Ordinal)));
        return new ModuleReferenceInFile(key, NameOf(parts), module.KeyOrigin) { Parts = parts, Links = links };
    }

    /// <summary>What to call modules that are composed: the main one, and behind it the others with the names of their files.</summary>
    public static string NameOf(IReadOnlyList<PartReference> parts) =>
        $"{parts[^1].Module.Written}{string.Concat(parts.SkipLast(1).Select(part => $" + {part.Name} ({Path.GetFileName(part.Module.Written)})"))}";

    private static ModuleReferenceInFile One(HoconCursor module, ConfigurationTree tree) => new(tree.FullPath(module), module.AsString(), module.Origin);
}
