namespace AkkaWasm.Wasm.Instances;

/// <summary>Says in words what an import wants and what an export is, as it is now: memories and tables with their present sizes.</summary>
internal static class ItemWording
{
    public static string Wanted(ModuleDescription module, ImportDescription import) => Declared(module, import.Kind, import.Index);

    /// <summary>What an item is as the module declares it.</summary>
    public static string Declared(ModuleDescription module, ExternalKind kind, int index) => kind switch
    {
        ExternalKind.Function => $"a function {module.FunctionType(index)}",
        ExternalKind.Table => Table(module.Tables[index], module.Tables[index].Minimum),
        ExternalKind.Memory => Memory(module.Memories[index], module.Memories[index].MinimumPages),
        ExternalKind.Global => Global(module.Globals[index]),
        _ => Tag(module, index),
    };

    public static string Offered(WasmInstance exporter, string name)
    {
        var module = exporter.Module.Description;
        var export = exporter.Module.State.Exports[name];
        return export.Kind switch
        {
            ExternalKind.Function => $"a function {module.FunctionType(export.Index)}",
            ExternalKind.Table => Table(module.Tables[export.Index], exporter.TableLength(exporter.Export(export.NameUtf8).Item)),
            ExternalKind.Memory => Memory(module.Memories[export.Index], exporter.MemoryLength(export.Index) / MemoryDescription.PageSizeBytes),
            ExternalKind.Global => Global(module.Globals[export.Index]),
            _ => Tag(module, export.Index),
        };
    }

    private static string Table(TableDescription table, ulong size) =>
        $"a {Width(table.Is64)}table of {table.ElementType} with {size} elements, {Bound(table.Maximum, "elements")}";

    private static string Memory(MemoryDescription memory, ulong pages) =>
        $"a {Width(memory.Is64)}memory of {pages} pages, {Bound(memory.MaximumPages, "pages")}";

    private static string Global(GlobalDescription global) => $"{(global.IsMutable ? "a mutable" : "an immutable")} global {global.Type}";

    private static string Tag(ModuleDescription module, int index) => $"a tag {module.Types[module.Tags[index].TypeIndex]}";

    private static string Width(bool is64) => is64 ? "64-bit " : "";

    private static string Bound(ulong? maximum, string unit) => maximum is { } most ? $"at most {most}" : $"any number of {unit}";
}
