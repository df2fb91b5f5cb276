using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// A helper module that makes several structs of one type in a call, for a call takes longer than making one. A field of each may refer to the object
/// before it, which the host cannot name yet.
/// </summary>
internal static class BatchModule
{
    /// <summary>
    /// The function's name. It takes the fields of one object after the other, then for each of <see cref="LinkedFields"/> a mask whose bit <c>i</c> says that
    /// this field of object <c>i</c> is object <c>i - 1</c>, then the first slot; it gives the objects.
    /// </summary>
    public const string Make = "batch";

    /// <summary>The fields of all objects of a call, at most.</summary>
    public const int MaxFields = 64;

    private const int MaxObjects = 16;

    /// <summary>How many structs of so many fields a call makes; fewer than two if it is not worth while.</summary>
    public static int ObjectsPerCall(int fields) => Math.Min(MaxObjects, MaxFields / Math.Max(1, fields));

    /// <summary>The fields that can hold null, or an object of the struct's own type.</summary>
    public static int[] LinkedFields(ModuleDescription guest, int type)
    {
        var fields = guest.Types[type].Fields;
        return [.. Enumerable.Range(0, fields.Count).Where(i => fields[i].Storage is { IsReference: true, Nullable: true } storage && Holds(guest, storage.Heap, type))];
    }

    public static ReadOnlyMemory<byte> Build(ModuleDescription guest, int type)
    {
        var helper = new HelperBuilder(guest);
        WriterModule.AddSlots(helper);
        var fields = guest.Types[type].Fields;
        var objects = ObjectsPerCall(fields.Count);
        var links = LinkedFields(guest, type);
        var values = fields.Select(f => Op.Value(f.Storage)).ToArray();
        byte[][] parameters = [.. Enumerable.Repeat(values, objects).SelectMany(v => v), .. Enumerable.Repeat(Op.I32, links.Length), Op.I32];
        var firstMask = objects * fields.Count;
        var (slot, made) = (firstMask + links.Length, parameters.Length);
        var code = new BinaryBuffer();
        for (var i = 0; i < objects; i++)
        {
            code.Local(slot).Const(i).Byte(Op.I32Add);
            for (var field = 0; field < fields.Count; field++)
            {
                var link = i == 0 ? -1 : Array.IndexOf(links, field);
                if (link >= 0) code.Local(made + i - 1);
                code.Local((i * fields.Count) + field);
                if (link < 0) continue;
                code.Local(firstMask + link).Const(1 << i).Byte(Op.I32And).Byte(Op.SelectTyped).U32(1).Bytes(Op.Storage(fields[field].Storage));
            }
            code.Object(Op.StructNew, type).Byte(Op.LocalTee).U32((uint)(made + i)).Byte(Op.TableSet).U32(WriterModule.SlotsTable);
        }
        for (var i = 0; i < objects; i++) code.Local(made + i);
        var reference = Op.Reference(type, nullable: false);
        helper.AddFunction(Make, parameters, [.. Enumerable.Repeat(reference, objects)], code, reference, (byte)objects);
        return helper.Build();
    }

    private static bool Holds(ModuleDescription guest, HeapType heap, int type)
    {
        if (heap.Kind != HeapKind.Concrete) return heap.Kind is HeapKind.Any or HeapKind.Eq or HeapKind.Struct;
        for (var at = type; ; at = guest.Types[at].Supertypes[0])
        {
            if (at == heap.TypeIndex) return true;
            if (guest.Types[at].Supertypes.Count == 0) return false;
        }
    }
}
