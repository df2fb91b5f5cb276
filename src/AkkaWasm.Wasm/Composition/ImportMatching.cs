using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Composition;

/// <summary>
/// Checks that what serves an import is what it wants (specification, Validation, Matching, External Types). What serves it is taken as the part that defines it
/// declares it; that a memory or a table grows before it is imported is not counted.
/// </summary>
internal sealed class ImportMatching(ImportResolver resolver, TypeTable types)
{
    /// <summary>Checks all imports that a part serves.</summary>
    /// <returns>What serves what.</returns>
    /// <exception cref="ModuleRefusedException">An import and what serves it do not fit.</exception>
    public IReadOnlyList<PartLink> CheckAll(IReadOnlyList<Part> parts)
    {
        var links = new List<PartLink>();
        foreach (var part in parts)
        {
            foreach (var import in part.Description.Imports)
            {
                if (resolver.ServerOf(part, import) is not { } server) continue;
                Check(part, import, server);
                links.Add(new PartLink(part.Name, import, server.Part.Name));
            }
        }
        return links;
    }

    private void Check(Part part, ImportDescription import, Item server)
    {
        var origin = resolver.OriginOf(new Item(part, import.Kind, import.Index));
        if (Fits(origin, new Item(part, import.Kind, import.Index))) return;
        var offered = ItemWording.Declared(origin.Part.Description, origin.Kind, origin.Index);
        var where = origin.Part == server.Part ? "" : $", which is of part '{origin.Part.Name}'";
        throw part.Refusal($"the import {import.Module}.{import.Name} wants {ItemWording.Wanted(part.Description, import)}, "
            + $"but part '{server.Part.Name}' ({server.Part.Description.File}) exports \"{import.Name}\" as {offered}{where}; correct one of them.");
    }

    private bool Fits(Item offered, Item wanted)
    {
        var (from, to) = (offered.Part.Description, wanted.Part.Description);
        switch (offered.Kind)
        {
            case ExternalKind.Function:
                return types.IsSubtype(TypeOf(offered.Part, from.Functions[offered.Index].TypeIndex), TypeOf(wanted.Part, to.Functions[wanted.Index].TypeIndex));
            case ExternalKind.Tag:
                return TypeOf(offered.Part, from.Tags[offered.Index].TypeIndex) == TypeOf(wanted.Part, to.Tags[wanted.Index].TypeIndex);
            case ExternalKind.Global:
                var (global, other) = (from.Globals[offered.Index], to.Globals[wanted.Index]);
                var (type, super) = (offered.Part.Map(global.Type), wanted.Part.Map(other.Type));
                return global.IsMutable == other.IsMutable && types.IsSubtype(type, super) && (!global.IsMutable || types.IsSubtype(super, type));
            case ExternalKind.Memory:
                var (memory, asked) = (from.Memories[offered.Index], to.Memories[wanted.Index]);
                return memory.Is64 == asked.Is64 && LimitsFit(memory.MinimumPages, memory.MaximumPages, asked.MinimumPages, asked.MaximumPages);
            default:
                var (table, want) = (from.Tables[offered.Index], to.Tables[wanted.Index]);
                return table.Is64 == want.Is64 && offered.Part.Map(table.ElementType) == wanted.Part.Map(want.ElementType)
                    && LimitsFit(table.Minimum, table.Maximum, want.Minimum, want.Maximum);
        }
    }

    private static int TypeOf(Part part, int type) => part.Map(IndexSpace.Type)[type];

    private static bool LimitsFit(ulong minimum, ulong? maximum, ulong wantedMinimum, ulong? wantedMaximum) =>
        minimum >= wantedMinimum && (wantedMaximum is null || maximum <= wantedMaximum);
}
