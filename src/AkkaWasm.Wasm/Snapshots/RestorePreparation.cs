using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// Brings the memories and tables of each new instance of a store to the sizes that they have in a snapshot, before it is restored: what was instantiated
/// after they had grown may have asked for more than they begin with.
/// </summary>
internal sealed unsafe class RestorePreparation(WasmSnapshot snapshot)
{
    private int _memories;

    /// <summary>Throws if the snapshot has no such instance.</summary>
    public void RequireFit(int number, WasmModule module)
    {
        if (number >= snapshot.Modules.Count || number >= snapshot.Items.Instances.Length)
            throw new ArgumentException($"The snapshot has {snapshot.Modules.Count} instances, and {module.File} would be one more.");
        if (snapshot.Modules[number].ContentHash != module.ContentHash)
            throw new ArgumentException($"Instance {number} of the snapshot is of module {snapshot.Modules[number].ContentHash}, not of {module.File}, {module.ContentHash}.");
    }

    /// <summary>Grows what the instance defines.</summary>
    /// <exception cref="ArgumentException">The snapshot has other memories or tables.</exception>
    /// <exception cref="WasmEngineException">The limits, or the host, do not allow it.</exception>
    public void Grow(WasmInstance instance)
    {
        for (var i = instance.Module.State.Imported[(int)ExternalKind.Memory]; i < instance.MemoryCount; i++)
        {
            if (_memories == snapshot.Memories.Length) throw new ArgumentException($"The snapshot has {_memories} memories, and {instance.Module.File} would add more.");
            instance.GrowMemoryTo(i, snapshot.Memories[_memories++].SizeBytes);
        }
        foreach (var table in snapshot.Items.Instances[instance.Number].Tables)
        {
            if (!Array.Exists(instance.Module.State.OwnTables, t => t.Index == table.Index))
                throw new ArgumentException($"The snapshot has a table {table.Index} of its own for {instance.Module.File}, which the module has not.");
            GrowTable(instance, table);
        }
    }

    private void GrowTable(WasmInstance instance, TableImage image)
    {
        var description = instance.Module.Description.Tables[image.Index];
        var table = instance.OwnTable(image.Index);
        var size = instance.TableLength(table);
        if ((ulong)image.Elements.Length <= size) return;
        foreach (var filler in Fillers(instance, description, table, size))
        {
            var value = filler;
            var error = LibWasmtime.wasmtime_table_grow(instance.Store.Context, &table, (ulong)image.Elements.Length - size, &value, out _);
            LibWasmtime.wasmtime_val_unroot(&value);
            if (error == 0) return;
            NativeText.TakeError(error);
        }
    }

    /// <summary>
    /// Values to try, until the real ones come: null, or where a table has no null what its first element is, or a function. A table that begins without
    /// elements, and whose elements are objects, stays as it is; so an instance that asks for more of it is refused.
    /// </summary>
    private IEnumerable<NativeValue> Fillers(WasmInstance instance, TableDescription description, NativeItem table, ulong size)
    {
        var isFunction = instance.Module.Description.IsFunction(description.ElementType.Heap);
        if (description.ElementType.Nullable)
        {
            yield return new NativeValue { Kind = ReferenceValues.NativeKindOf(description.ElementType.Heap, isFunction) };
            yield break;
        }
        if (size > 0)
        {
            yield return First(instance, table);
            yield break;
        }
        if (!isFunction) yield break;
        foreach (var name in snapshot.Items.Functions)
        {
            if (name.Instance < instance.Store.Instances.Count && instance.Store.Instances[name.Instance].FindReferenceable(name.Index) is { } function)
                yield return new NativeValue { Kind = NativeValueKind.FuncRef, Reference = function };
        }
    }

    private static NativeValue First(WasmInstance instance, NativeItem table)
    {
        NativeValue value;
        LibWasmtime.wasmtime_table_get(instance.Store.Context, &table, 0, &value);
        return value;
    }
}
