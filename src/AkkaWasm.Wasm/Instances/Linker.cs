using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Instances;

/// <summary>Finds what each import of a module is linked to. Whether the types fit is decided by the library; the words for it are ours.</summary>
internal static unsafe class Linker
{
    /// <summary>How the library begins the message about an import whose type does not fit.</summary>
    private const string MismatchPrefix = "incompatible import type for `";

    /// <summary>One item for each import, in order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="module">The module.</param>
    /// <param name="imports">What there is.</param>
    /// <param name="number">The place in the store that the instance will have.</param>
    /// <exception cref="ModuleRefusedException">An import is unknown or of another kind.</exception>
    public static NativeExtern[] Resolve(WasmStore store, WasmModule module, WasmImports imports, int number)
    {
        var description = module.Description;
        var items = new NativeExtern[description.Imports.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var import = description.Imports[i];
            var (exporter, name) = imports.Find(import);
            items[i] = exporter is null ? HostFunction(store, description, import, imports, number) : Exported(description, import, exporter, name);
        }
        return items;
    }

    /// <summary>What the imports are linked to; nothing if all are host functions.</summary>
    public static ItemOrigin[] LinksOf(WasmModule module, WasmImports imports, int number)
    {
        var found = module.Description.Imports.Select(import => (Import: import, Link: imports.Find(import))).ToList();
        return found.TrueForAll(f => f.Link.Exporter is null) ? [] :
        [
            .. found.Select(f => f.Link.Exporter is { } exporter
                ? exporter.OriginOf(f.Import.Kind, exporter.Module.State.Exports[f.Link.Export].Index)
                : new ItemOrigin(number, f.Import.Index)),
        ];
    }

    /// <summary>The refusal that the library's reason for failing to link stands for; null if it failed for something else.</summary>
    public static ModuleRefusedException? FindMismatch(WasmModule module, WasmImports imports, string reason)
    {
        if (!reason.StartsWith(MismatchPrefix, StringComparison.Ordinal)) return null;
        var description = module.Description;
        foreach (var import in description.Imports)
        {
            if (!reason.AsSpan(MismatchPrefix.Length).StartsWith($"{import.Module}::{import.Name}`: ", StringComparison.Ordinal)) continue;
            var (exporter, name) = imports.Find(import);
            if (exporter is null) continue;
            var wanted = ItemWording.Wanted(description, import);
            var offered = ItemWording.Offered(exporter, name);
            var why = reason[(reason.IndexOf("`: ", StringComparison.Ordinal) + 3)..];
            return new ModuleRefusedException(description.File,
                $"the import {import.Module}.{import.Name} wants {wanted}, but {exporter.Module.File} exports \"{name}\" as {offered} ({why}).");
        }
        return new ModuleRefusedException(description.File, $"the module cannot be linked: {reason}");
    }

    private static NativeExtern Exported(ModuleDescription description, ImportDescription import, WasmInstance exporter, string name)
    {
        var export = exporter.Module.State.Exports[name];
        return export.Kind == import.Kind ? exporter.Export(export.NameUtf8) : throw new ModuleRefusedException(description.File,
            $"the import {import.Module}.{import.Name} wants {ItemWording.Wanted(description, import)}, but {exporter.Module.File} exports \"{name}\" as {ItemWording.Offered(exporter, name)}.");
    }

    private static NativeExtern HostFunction(WasmStore store, ModuleDescription description, ImportDescription import, WasmImports imports, int number)
    {
        if (imports.Functions.Find(description, import) is not { } definition)
        {
            var known = imports.NamesIn(import.Module);
            var hint = known.Count == 0 ? $"nothing is offered under {import.Module}" : $"{import.Module} offers {string.Join(", ", known)}";
            throw new ModuleRefusedException(description.File,
                $"the import {import.Module}.{import.Name} is unknown; it wants {ItemWording.Wanted(description, import)}, and {hint}.");
        }
        var environment = GCHandle.ToIntPtr(GCHandle.Alloc(new HostBinding(definition, number)));
        var type = NativeTypeBuilder.Function(definition.Type);
        var item = new NativeExtern { Kind = NativeExternKind.Function };
        // The library frees the environment, through the finalizer, with the store.
        LibWasmtime.wasmtime_func_new_unchecked(store.Context, type, &HostTrampoline.Call, environment, &HostTrampoline.Free, &item.Item);
        LibWasmtime.wasm_functype_delete(type);
        return item;
    }
}
