namespace AkkaWasm.Wasm.Composition;

/// <summary>An import of the composed module.</summary>
/// <param name="Item">An import of a part that it stands for.</param>
/// <param name="Module">Its module name.</param>
internal readonly record struct MergedImport(Item Item, string Module);

/// <summary>
/// Numbers the items and segments of all parts: imports first, equal ones once, then what the parts define in the order of instantiation. Memory 0 of the main
/// part goes before all other memories, and a global after those that its initial value reads.
/// </summary>
internal sealed class IndexAssignment
{
    private static readonly ExternalKind[] MemoriesFirst = [ExternalKind.Memory, ExternalKind.Function, ExternalKind.Table, ExternalKind.Global, ExternalKind.Tag];

    private readonly IReadOnlyList<Part> _parts;
    private readonly ImportResolver _resolver;
    private readonly CompositionOptions _options;
    private readonly Dictionary<Item, int> _indices = [];
    private readonly List<MergedImport> _imports = [];
    private readonly Dictionary<ExternalKind, List<Item>> _definitions = [];

    public IndexAssignment(IReadOnlyList<Part> parts, ImportResolver resolver, CompositionOptions options)
    {
        (_parts, _resolver, _options) = (parts, resolver, options);
        foreach (var kind in MemoriesFirst)
        {
            Number(kind);
            foreach (var part in parts)
            {
                part.SetMap((IndexSpace)kind, [.. Enumerable.Range(0, part.Description.CountOf(kind)).Select(i => _indices[resolver.OriginOf(new Item(part, kind, i))])]);
            }
        }
        NumberSegments(IndexSpace.Element, p => p.Elements.Count);
        NumberSegments(IndexSpace.Data, p => p.Data.Count);
    }

    /// <summary>The imports that no part serves; those of a kind in the order of their indices.</summary>
    public IReadOnlyList<MergedImport> Imports => _imports;

    /// <summary>What the parts define of a kind, in the order of the indices.</summary>
    public IReadOnlyList<Item> DefinitionsOf(ExternalKind kind) => _definitions[kind];

    /// <summary>How many items of a kind there are, imports included.</summary>
    public int CountOf(ExternalKind kind) => _imports.Count(i => i.Item.Kind == kind) + _definitions[kind].Count;

    private void Number(ExternalKind kind)
    {
        var known = new Dictionary<(string Module, string Name, string Type), int>();
        foreach (var part in _parts)
        {
            foreach (var import in part.Description.Imports.Where(i => i.Kind == kind && _resolver.ServerOf(part, i) is null))
            {
                var item = new Item(part, kind, import.Index);
                var module = HostModule(part, import);
                var key = (module, import.Name, TypeKey(item));
                if (known.TryAdd(key, known.Count)) _imports.Add(new MergedImport(item, module));
                _indices[item] = known[key];
            }
        }
        var definitions = _definitions[kind] = Ordered(kind);
        for (var i = 0; i < definitions.Count; i++) _indices[definitions[i]] = known.Count + i;
    }

    private List<Item> Ordered(ExternalKind kind)
    {
        var defined = _parts.SelectMany(part => Enumerable.Range(0, part.Description.CountOf(kind)).Select(i => new Item(part, kind, i))).Where(item => item.Import is null);
        if (kind == ExternalKind.Global) return new GlobalOrder(_resolver).Sort(defined);
        var main = _parts.First(p => p.Summary.IsMain);
        if (kind != ExternalKind.Memory || main.Description.Memories.Count == 0) return [.. defined];
        var first = _resolver.OriginOf(new Item(main, kind, 0));
        return [.. defined.OrderBy(item => item == first ? 0 : 1)];
    }

    private void NumberSegments(IndexSpace space, Func<ModuleDescription, int> count)
    {
        var next = 0;
        foreach (var part in _parts) part.SetMap(space, [.. Enumerable.Range(0, count(part.Description)).Select(_ => next++)]);
    }

    /// <summary>The module name under which the host is to serve an import of a part: where it has to know into which memory pointers go, that is said.</summary>
    private string HostModule(Part part, ImportDescription import)
    {
        if (import.Kind != ExternalKind.Function || part.Description.Memories.Count == 0 || !_options.PointerModules.Contains(import.Module)) return import.Module;
        return MemoryBinding.NameOf(import.Module, part.Map(IndexSpace.Memory)[0]);
    }

    private static string TypeKey(Item item)
    {
        var (part, module) = (item.Part, item.Part.Description);
        switch (item.Kind)
        {
            case ExternalKind.Function:
                return $"{part.Map(IndexSpace.Type)[module.Functions[item.Index].TypeIndex]}";
            case ExternalKind.Tag:
                return $"{part.Map(IndexSpace.Type)[module.Tags[item.Index].TypeIndex]}";
            case ExternalKind.Global:
                return $"{part.Map(module.Globals[item.Index].Type)} {module.Globals[item.Index].IsMutable}";
            case ExternalKind.Memory:
                var memory = module.Memories[item.Index];
                return $"{memory.Is64} {memory.MinimumPages} {memory.MaximumPages}";
            default:
                var table = module.Tables[item.Index];
                return $"{part.Map(table.ElementType)} {table.Is64} {table.Minimum} {table.Maximum}";
        }
    }
}
