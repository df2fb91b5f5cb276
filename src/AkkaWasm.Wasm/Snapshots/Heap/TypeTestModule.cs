using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// A helper module with a function <c>(anyref) -> i32</c>: the most derived type of the guest that an object has, or -1 for what is of none of them. It
/// asks down the trees of declared supertypes. Another function puts functions into the heap to be looked at.
/// </summary>
internal static class TypeTestModule
{
    public static ReadOnlyMemory<byte> Build(ModuleDescription guest)
    {
        var objects = guest.Types.Where(t => t.Kind != CompositeKind.Function).ToArray();
        var children = objects.Where(t => t.Supertypes.Count > 0).ToLookup(t => t.Supertypes[0], t => t.Index);
        var code = new BinaryBuffer();
        foreach (var root in objects.Where(t => t.Supertypes.Count == 0)) Ask(code, root.Index, children);
        var helper = new HelperBuilder(guest);
        helper.AddFunction(HelperNames.TypeOf, [Op.AnyRef], [Op.I32], code.Const(-1));
        AddFunctionBox(helper);
        return helper.Build();
    }

    /// <summary>A function that puts a function into a struct, always the same one, and gives the struct.</summary>
    private static void AddFunctionBox(HelperBuilder helper)
    {
        var function = new WasmValueType(WasmValueKind.Reference, true, new HeapType(HeapKind.Func));
        var box = helper.AddType([Op.StructType, 1, .. Op.Field(new FieldType(function, IsMutable: true))]);
        var boxType = new WasmValueType(WasmValueKind.Reference, true, new HeapType(HeapKind.Concrete, box));
        var global = helper.AddGlobal(Op.Storage(boxType), Op.Default(new BinaryBuffer(), boxType));
        helper.AddFunction(
            HelperNames.FunctionBox, [Op.Storage(function)], [Op.Storage(boxType)],
            new BinaryBuffer()
                .Byte(Op.GlobalGet).U32((uint)global).Byte(Op.RefIsNull).Byte(Op.If).Byte(Op.NoResult)
                .Local(0).Object(Op.StructNew, box).Byte(Op.GlobalSet).U32((uint)global).Byte(Op.End)
                .Byte(Op.GlobalGet).U32((uint)global).Local(0).Object(Op.StructSet, box).U32(0).Byte(Op.GlobalGet).U32((uint)global));
    }

    private static void Ask(BinaryBuffer code, int type, ILookup<int, int> children)
    {
        code.Local(0).Byte(Op.Gc).U32(Op.RefTest).S33(type).Byte(Op.If).Byte(Op.NoResult);
        foreach (var child in children[type]) Ask(code, child, children);
        code.Const(type).Byte(Op.Return).Byte(Op.End);
    }
}
