using System.Security.Cryptography;
using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Composition;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <summary>
/// Links modules into one of the same meaning: the exports of one serve the imports of another, what no part serves stays an import, and the exports are those
/// of the main part. The parts are instantiated one after another as if they were instances of their own, each before those that import from it. Equal parts
/// give equal bytes.
/// </summary>
public static class ModuleComposer
{
    /// <summary>Composes modules.</summary>
    /// <param name="parts">The parts; those that need no other order are instantiated in this one, the main part last.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <exception cref="ArgumentException">There is no part, no main part, too many parts, or two of one name.</exception>
    /// <exception cref="ModuleRefusedException">
    /// A part is malformed or past a limit, an import and the export that serves it do not fit (specification, Execution, Modules, Instantiation), a value depends on
    /// itself, or the composed module is past a limit.
    /// </exception>
    public static ComposedModule Compose(IReadOnlyList<ModulePart> parts, CompositionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        options ??= CompositionOptions.Default;
        Check(parts, options);
        var order = PartOrder.Of([.. parts.Select(p => Read(p, options))]);
        var resolver = new ImportResolver(order.Parts);
        var types = new TypeTable(order.Parts);
        var links = new ImportMatching(resolver, types).CheckAll(order.Parts);
        var indices = new IndexAssignment(order.Parts, resolver, options);
        var bytes = new ModuleAssembler(order, types, indices, resolver, options).Assemble();
        // Whatever is past a limit together is said here.
        ModuleReader.Read(bytes, string.Join(" + ", order.Parts.Select(p => p.Source.File)), options.ModuleLimits);
        return new ComposedModule
        {
            Bytes = bytes, ContentHash = Convert.ToHexStringLower(SHA256.HashData(bytes.Span)), Parts = [.. order.Parts.Select(p => p.Summary)], Links = links,
        };
    }

    private static void Check(IReadOnlyList<ModulePart> parts, CompositionOptions options)
    {
        if (parts.Count > options.MaxParts)
            throw new ArgumentException($"{parts.Count} parts are more than the limit of {options.MaxParts} ({nameof(options.MaxParts)}); compose some of them first.", nameof(parts));
        if (!parts.Any(p => p.Name == options.Main)) throw new ArgumentException($"no part is called '{options.Main}', the main one; name one so.", nameof(parts));
        if (parts.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"two parts are called '{twice.Key}'; give each a name of its own.", nameof(parts));
        foreach (var part in parts)
        {
            if (part.Name.Length == 0 || part.Name.Contains(MemoryBinding.Separator))
                throw new ArgumentException($"'{part.Name}' cannot be the name of a part; take one that is not empty and has no '{MemoryBinding.Separator}'.", nameof(parts));
            if (options.PointerModules.Contains(part.Name))
                throw new ArgumentException($"a part cannot be called '{part.Name}', which is the host's; name it otherwise.", nameof(parts));
            if (part.Links.Values.FirstOrDefault(to => parts.All(p => p.Name != to)) is { } unknown)
                throw new ArgumentException($"the part '{part.Name}' is to be linked to '{unknown}', and no part is called so; the parts are {string.Join(", ", parts.Select(p => p.Name))}.", nameof(parts));
        }
    }

    private static Part Read(ModulePart part, CompositionOptions options)
    {
        var wasm = WatText.IsBinary(part.Module.Span) ? part.Module : WatText.ToBinary(part.Module.Span, part.File, options.ModuleLimits);
        var description = ModuleReader.Read(wasm, part.File, options.ModuleLimits);
        var hash = Convert.ToHexStringLower(SHA256.HashData(part.Module.Span));
        return new Part(part, wasm, description, new ModulePartDescription(part.Name, hash, part.Name == options.Main), options.ModuleLimits);
    }
}
