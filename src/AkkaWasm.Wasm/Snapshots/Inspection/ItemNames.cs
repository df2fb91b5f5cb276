namespace AkkaWasm.Wasm.Snapshots.Inspection;

/// <summary>What to call the items of a snapshot's instances. Where there are several instances, their numbers stand before the names.</summary>
internal sealed class ItemNames(IReadOnlyList<ModuleDescription> modules)
{
    /// <summary>A memory, table or global.</summary>
    public string Of(int instance, ExternalKind kind, int index)
    {
        var module = modules[instance];
        var name = module.Exports.FirstOrDefault(e => e.Kind == kind && e.Index == index)?.Name
            ?? (kind == ExternalKind.Global ? module.GlobalNames.GetValueOrDefault(index) : null)
            ?? $"{kind.ToString().ToLowerInvariant()}[{index}]";
        return Prefix(instance) + name;
    }

    public string OfFunction(int instance, int index) => $"func ${Prefix(instance)}{modules[instance].FunctionName(index)}";

    public string OfType(ObjectTypeName type) => type.Kind switch
    {
        ObjectKind.HostReference => "host",
        ObjectKind.Exception => $"exception {Prefix(type.Instance)}{Tag(type)}",
        _ => Prefix(type.Instance) + (modules[type.Instance].TypeNames.GetValueOrDefault(type.Index) ?? $"{type.Kind.ToString().ToLowerInvariant()}[{type.Index}]"),
    };

    private string Tag(ObjectTypeName type) =>
        modules[type.Instance].Exports.FirstOrDefault(e => e.Kind == ExternalKind.Tag && e.Index == type.Index)?.Name ?? $"tag[{type.Index}]";

    private string Prefix(int instance) => modules.Count == 1 ? "" : $"{instance}.";
}
