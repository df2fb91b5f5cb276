using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Composition;

/// <summary>The <c>name</c> section: names of the main part as they are, those of the others as <c>PART.NAME</c>.</summary>
internal sealed class NameAssembly(PartOrder order, IndexAssignment indices, CodeAssembly code)
{
    private const byte ModuleNames = 0;
    private const byte FunctionNames = 1;
    private const byte TypeNames = 4;
    private const byte GlobalNames = 7;
    private const string StartName = "start of all parts";

    public BinaryBuffer Section()
    {
        var section = new BinaryBuffer().Name("name");
        if (order.Main.Description.Name is { } name) section.Section(ModuleNames, new BinaryBuffer().Name(name).Written.Span);
        Write(section, FunctionNames, Functions());
        Write(section, TypeNames, Named(IndexSpace.Type, p => p.TypeNames));
        Write(section, GlobalNames, Named(IndexSpace.Global, p => p.GlobalNames));
        return section;
    }

    private SortedDictionary<int, string> Functions()
    {
        var names = new SortedDictionary<int, string>();
        var exports = order.Parts.ToDictionary(p => p, p => p.Description.Exports.Where(e => e.Kind == ExternalKind.Function).DistinctBy(e => e.Index).ToDictionary(e => e.Index, e => e.Name));
        foreach (var (part, _, index) in indices.DefinitionsOf(ExternalKind.Function))
        {
            var exported = part.Summary.IsMain ? null : exports[part].GetValueOrDefault(index);
            if ((part.Description.Functions[index].Name ?? exported) is { } name) names[part.Map(IndexSpace.Function)[index]] = Of(part, name);
        }
        if (code.HasOwnStart) names[code.StartIndex] = StartName;
        return names;
    }

    private SortedDictionary<int, string> Named(IndexSpace space, Func<ModuleDescription, IReadOnlyDictionary<int, string>> namesOf)
    {
        var names = new SortedDictionary<int, string>();
        foreach (var part in order.Parts.OrderBy(p => p.Summary.IsMain ? 0 : 1))
        {
            foreach (var (index, name) in namesOf(part.Description))
                if (space == IndexSpace.Type || part.Description.Globals[index].Import is null) names.TryAdd(part.Map(space)[index], Of(part, name));
        }
        return names;
    }

    private static string Of(Part part, string name) => part.Summary.IsMain ? name : $"{part.Name}.{name}";

    private static void Write(BinaryBuffer section, byte id, SortedDictionary<int, string> names)
    {
        if (names.Count == 0) return;
        var content = new BinaryBuffer().U32((uint)names.Count);
        foreach (var (index, name) in names) content.U32((uint)index).Name(name);
        section.Section(id, content.Written.Span);
    }
}
