using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Composition;

/// <summary>
/// The exports of the composed module: those of the main part; the scratch memories of the others, as <c>NAME@PART</c>, so that they remain scratch; and all
/// else of the others as <c>PART.NAME</c> if that is asked for.
/// </summary>
internal sealed class ExportAssembly
{
    private readonly Dictionary<string, ExportDescription> _exports = [];

    public ExportAssembly(PartOrder order, CompositionOptions options)
    {
        foreach (var export in order.Main.Description.Exports) Add(order.Main, export, export.Name);
        foreach (var part in order.Parts.Where(p => !p.Summary.IsMain))
        {
            foreach (var export in part.Description.Exports)
            {
                if (IsScratch(export) && part.Description.Memories[export.Index].Import is null) Add(part, export, $"{export.Name}@{part.Name}");
                if (options.ExportsAllParts) Add(part, export, $"{part.Name}.{export.Name}");
            }
        }
    }

    public IReadOnlyCollection<ExportDescription> All => _exports.Values;

    /// <summary>The exported functions.</summary>
    public IEnumerable<int> Functions => _exports.Values.Where(e => e.Kind == ExternalKind.Function).Select(e => e.Index);

    private static bool IsScratch(ExportDescription export) =>
        export.Kind == ExternalKind.Memory && export.Name.StartsWith(ModuleState.ScratchPrefix, StringComparison.Ordinal);

    private void Add(Part part, ExportDescription export, string name)
    {
        if (!_exports.TryAdd(name, new ExportDescription(name, export.Kind, part.Map((IndexSpace)export.Kind)[export.Index])))
            throw part.Refusal($"its export \"{export.Name}\" would be called \"{name}\", as another export is; rename one of them.");
    }
}
