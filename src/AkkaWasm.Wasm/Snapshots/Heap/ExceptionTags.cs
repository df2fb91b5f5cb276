using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>A tag of a store: the instance that defines it, its index there and what an exception with it carries.</summary>
internal sealed record ExceptionTag(int Instance, int Index, NativeItem Item, FieldPlan[] Fields, int ImageBytes)
{
    /// <summary>Those of the fields that refer to objects.</summary>
    public FieldPlan[] References { get; } = [.. Fields.Where(f => f.Kind is FieldKind.Any or FieldKind.Exception)];
}

/// <summary>The exception tags of all instances, each once, under the instance that defines it.</summary>
internal sealed unsafe class ExceptionTags
{
    private readonly nint _context;
    private readonly List<ExceptionTag> _tags = [];

    public ExceptionTags(StoreView store, TypeSpace types)
    {
        _context = store.Context;
        for (var number = 0; number < store.Instances.Count; number++)
        {
            var instance = store.Instances[number];
            var description = instance.Module.Description;
            foreach (var tag in instance.Module.State.Tags)
            {
                if (description.Tags[tag.Index].Import is not null) continue;
                var fields = Fields(types, number, description.Types[description.Tags[tag.Index].TypeIndex]);
                _tags.Add(new ExceptionTag(number, tag.Index, instance.Export(tag.ExportName).Item, fields, fields.Sum(f => f.Bytes)));
            }
        }
    }

    /// <summary>The tag of that name, or null.</summary>
    public ExceptionTag? Find(int instance, int index) => _tags.Find(t => t.Instance == instance && t.Index == index);

    public ExceptionTag TagOf(NativeItem exception)
    {
        NativeItem tag;
        if (LibWasmtime.wasmtime_exnref_tag(_context, &exception, &tag) is var error and not 0)
            throw new InvalidOperationException($"An exception does not tell its tag: {NativeText.TakeError(error)}");
        foreach (var known in _tags)
        {
            var item = known.Item;
            if (LibWasmtime.wasmtime_tag_eq(_context, &item, &tag) != 0) return known;
        }
        throw new InvalidOperationException("The store holds an exception with a tag of none of its instances.");
    }

    private static FieldPlan[] Fields(TypeSpace types, int instance, TypeDefinition payload)
    {
        var fields = new FieldPlan[payload.Parameters.Count];
        var offset = 0;
        for (var i = 0; i < fields.Length; i++)
        {
            var type = types.Canonical(instance, payload.Parameters[i]);
            fields[i] = new FieldPlan(type, types.KindOf(type), false, TypeSpace.BytesOf(type.Kind), offset, 0);
            offset += fields[i].Bytes;
        }
        return fields;
    }
}
