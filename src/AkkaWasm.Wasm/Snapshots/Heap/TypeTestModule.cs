using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// A helper module of one function, <c>(anyref) -> i32</c>: the most derived type of the guest that an object has, or -1 for what is of none of
/// them. It asks down the trees of declared supertypes.
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
        return helper.Build();
    }

    private static void Ask(BinaryBuffer code, int type, ILookup<int, int> children)
    {
        code.Local(0).Byte(Op.Gc).U32(Op.RefTest).S33(type).Byte(Op.If).Byte(Op.NoResult);
        foreach (var child in children[type]) Ask(code, child, children);
        code.Const(type).Byte(Op.Return).Byte(Op.End);
    }
}
