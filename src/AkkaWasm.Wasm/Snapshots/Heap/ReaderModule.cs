using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>A helper module that reads objects: all fields of a struct at once, the length of an array, its elements singly and by the dozen.</summary>
internal static class ReaderModule
{
    public static ReadOnlyMemory<byte> Build(ModuleDescription guest)
    {
        var helper = new HelperBuilder(guest);
        helper.AddFunction(
            HelperNames.Length, [Op.Storage(new WasmValueType(WasmValueKind.Reference, true, new HeapType(HeapKind.Array)))], [Op.I32],
            new BinaryBuffer().Local(0).Byte(Op.Gc).U32(Op.ArrayLength));
        foreach (var type in guest.Types)
        {
            if (type.Kind == CompositeKind.Struct) AddStruct(helper, type);
            else if (type.Kind == CompositeKind.Array) AddArray(helper, type);
        }
        return helper.Build();
    }

    private static void AddStruct(HelperBuilder helper, TypeDefinition type)
    {
        for (var first = 0; first < type.Fields.Count; first += HelperNames.FieldsPerCall)
        {
            var fields = type.Fields.Skip(first).Take(HelperNames.FieldsPerCall).ToArray();
            var code = new BinaryBuffer();
            for (var i = 0; i < fields.Length; i++)
            {
                var get = Op.IsPacked(fields[i].Storage) ? Op.StructGetUnsigned : Op.StructGet;
                code.Local(0).Object(get, type.Index).U32((uint)(first + i));
            }
            helper.AddFunction(
                HelperNames.Get(type.Index, first / HelperNames.FieldsPerCall), [Op.Reference(type.Index, nullable: true)], [.. fields.Select(f => Op.Value(f.Storage))],
                code);
        }
    }

    private static void AddArray(HelperBuilder helper, TypeDefinition type)
    {
        var element = Op.Value(type.Fields[0].Storage);
        byte[][] parameters = [Op.Reference(type.Index, nullable: true), Op.I32];
        helper.AddFunction(HelperNames.GetElement(type.Index), parameters, [element], Elements(type, 1));
        helper.AddFunction(
            HelperNames.GetElements(type.Index), parameters, [.. Enumerable.Repeat(element, HelperNames.ElementsPerCall)], Elements(type, HelperNames.ElementsPerCall));
    }

    private static BinaryBuffer Elements(TypeDefinition type, int count)
    {
        var code = new BinaryBuffer();
        var get = Op.IsPacked(type.Fields[0].Storage) ? Op.ArrayGetUnsigned : Op.ArrayGet;
        for (var i = 0; i < count; i++)
        {
            code.Local(0).Local(1);
            if (i > 0) code.Const(i).Byte(Op.I32Add);
            code.Object(get, type.Index);
        }
        return code;
    }
}
