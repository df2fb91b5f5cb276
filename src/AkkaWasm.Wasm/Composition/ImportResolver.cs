using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Composition;

/// <summary>An item of a part.</summary>
/// <param name="Part">The part.</param>
/// <param name="Kind">The kind of the item.</param>
/// <param name="Index">Its index in the part.</param>
internal readonly record struct Item(Part Part, ExternalKind Kind, int Index)
{
    /// <summary>The import that it comes from, or null if the part defines it.</summary>
    public ImportDescription? Import => Part.Description.ImportOf(Kind, Index);
}

/// <summary>Finds what serves the imports of parts.</summary>
internal sealed class ImportResolver(IReadOnlyList<Part> parts)
{
    private readonly Dictionary<string, Part> _byName = parts.ToDictionary(p => p.Name);

    /// <summary>The export of another part that serves an import; null if no part is named so.</summary>
    /// <exception cref="ModuleRefusedException">The part that is named so does not export it, or is the part itself.</exception>
    public Item? ServerOf(Part part, ImportDescription import)
    {
        if (!_byName.TryGetValue(part.ServerOf(import.Module), out var server)) return null;
        if (server == part) throw part.Refusal($"the import {import.Module}.{import.Name} is of the part's own name; give the part another name.");
        if (server.Description.Exports.FirstOrDefault(e => e.Name == import.Name) is not { } export)
        {
            var names = server.Description.Exports.Count == 0 ? "nothing" : string.Join(", ", server.Description.Exports.Select(e => e.Name).Order(StringComparer.Ordinal).Take(20));
            throw part.Refusal($"the import {import.Module}.{import.Name} wants {ItemWording.Wanted(part.Description, import)}, "
                + $"and part '{server.Name}' ({server.Description.File}) exports nothing so named (it exports {names}); correct the name, or rename the part if the host is to serve it.");
        }
        if (export.Kind != import.Kind)
        {
            throw part.Refusal($"the import {import.Module}.{import.Name} wants {ItemWording.Wanted(part.Description, import)}, "
                + $"but part '{server.Name}' ({server.Description.File}) exports \"{export.Name}\" as {ItemWording.Declared(server.Description, export.Kind, export.Index)}; correct one of them.");
        }
        return new Item(server, export.Kind, export.Index);
    }

    /// <summary>The item itself: defined by a part, or an import that no part serves.</summary>
    /// <exception cref="ModuleRefusedException">It is nowhere defined, or not exported.</exception>
    public Item OriginOf(Item item)
    {
        var at = item;
        for (var steps = 0; at.Import is { } import; steps++)
        {
            if (ServerOf(at.Part, import) is not { } server) return at;
            at = server;
            if (steps > parts.Count * item.Part.Description.Imports.Count + parts.Sum(p => p.Description.Imports.Count))
                throw item.Part.Refusal($"the import {item.Import!.Module}.{item.Import.Name} is passed on in a circle and defined nowhere; let one of the parts define it.");
        }
        return at;
    }
}
