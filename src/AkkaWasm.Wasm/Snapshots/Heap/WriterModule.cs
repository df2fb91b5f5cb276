using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// A helper module that makes objects and sets their fields. Each new object is put into a slot of the helper's table, so that a collection leaves
/// it alone while only the host knows of it.
/// </summary>
internal static class WriterModule
{
    /// <summary>The table of new objects.</summary>
    public const int SlotsTable = 0;

    public static ReadOnlyMemory<byte> Build(ModuleDescription guest)
    {
        var helper = new HelperBuilder(guest);
        AddSlots(helper);
        foreach (var type in guest.Types)
        {
            if (type.Kind == CompositeKind.Struct) AddStruct(helper, type);
            else if (type.Kind == CompositeKind.Array) AddArray(helper, type);
        }
        AddPlaceholders(helper, guest);
        return helper.Build();
    }

    /// <summary>Adds the table of slots as table 0.</summary>
    public static void AddSlots(HelperBuilder helper)
    {
        helper.AddTable(Op.AnyRef, "slots");
        helper.AddFunction(
            HelperNames.Reserve, [Op.I32], [Op.I32],
            new BinaryBuffer().Byte(Op.RefNull).Bytes(Op.AnyRef).Local(0).Byte(Op.Misc).U32(Op.TableGrow).U32(SlotsTable));
        helper.AddFunction(
            HelperNames.Clear, [Op.I32], [],
            new BinaryBuffer().Const(0).Byte(Op.RefNull).Bytes(Op.AnyRef).Local(0).Byte(Op.Misc).U32(Op.TableFill).U32(SlotsTable));
    }

    /// <summary>Adds a function whose last parameter is the slot and whose result is the new object.</summary>
    public static void AddMaker(HelperBuilder helper, string export, byte[][] parameters, int type, BinaryBuffer make, BinaryBuffer? afterwards = null)
    {
        var slot = parameters.Length;
        var local = slot + 1;
        var reference = Op.Reference(type, nullable: false);
        var code = new BinaryBuffer().Local(slot).Bytes(make.Written.Span).Byte(Op.LocalTee).U32((uint)local).Byte(Op.TableSet).U32(SlotsTable);
        if (afterwards is not null) code.Bytes(afterwards.Written.Span);
        helper.AddFunction(export, [.. parameters, Op.I32], [reference], code.Local(local), reference);
    }

    private static void AddStruct(HelperBuilder helper, TypeDefinition type)
    {
        var fields = type.Fields;
        if (fields.Count <= HelperNames.FieldsPerCall)
        {
            var make = new BinaryBuffer();
            for (var i = 0; i < fields.Count; i++) make.Local(i);
            make.Object(Op.StructNew, type.Index);
            AddMaker(helper, HelperNames.New(type.Index), [.. fields.Select(f => Op.Value(f.Storage))], type.Index, make);
        }
        else
        {
            AddLargeStruct(helper, type);
        }
        AddSetters(helper, type);
    }

    /// <summary>A struct with more fields than a function has parameters is put together from globals.</summary>
    private static void AddLargeStruct(HelperBuilder helper, TypeDefinition type)
    {
        var fields = type.Fields;
        var staged = fields.Select(f => Staged(f.Storage)).ToArray();
        var globals = staged.Select(s => helper.AddGlobal(Op.Storage(s), Op.Default(new BinaryBuffer(), s))).ToArray();
        for (var first = 0; first < fields.Count; first += HelperNames.FieldsPerCall)
        {
            var count = Math.Min(HelperNames.FieldsPerCall, fields.Count - first);
            var code = new BinaryBuffer();
            for (var i = 0; i < count; i++) code.Local(i).Byte(Op.GlobalSet).U32((uint)globals[first + i]);
            helper.AddFunction(
                HelperNames.Stage(type.Index, first / HelperNames.FieldsPerCall), [.. fields.Skip(first).Take(count).Select(f => Op.Value(f.Storage))], [], code);
        }
        var make = new BinaryBuffer();
        for (var i = 0; i < fields.Count; i++)
        {
            make.Byte(Op.GlobalGet).U32((uint)globals[i]);
            if (fields[i].Storage is { IsReference: true, Nullable: false }) make.Byte(Op.RefAsNonNull);
        }
        var clear = new BinaryBuffer();
        for (var i = 0; i < fields.Count; i++)
        {
            if (staged[i].IsReference) Op.Default(clear, staged[i]).Byte(Op.GlobalSet).U32((uint)globals[i]);
        }
        AddMaker(helper, HelperNames.New(type.Index), [], type.Index, make.Object(Op.StructNew, type.Index), clear);
    }

    private static WasmValueType Staged(WasmValueType storage) => Op.IsPacked(storage) ? new WasmValueType(WasmValueKind.I32)
        : storage.IsReference ? storage with { Nullable = true } : storage;

    private static void AddSetters(HelperBuilder helper, TypeDefinition type)
    {
        var mutable = Enumerable.Range(0, type.Fields.Count).Where(i => type.Fields[i].IsMutable).ToArray();
        for (var first = 0; first < mutable.Length; first += HelperNames.FieldsPerCall)
        {
            var fields = mutable.Skip(first).Take(HelperNames.FieldsPerCall).ToArray();
            var code = new BinaryBuffer();
            for (var i = 0; i < fields.Length; i++) code.Local(0).Local(i + 1).Object(Op.StructSet, type.Index).U32((uint)fields[i]);
            helper.AddFunction(
                HelperNames.Set(type.Index, first / HelperNames.FieldsPerCall),
                [Op.Reference(type.Index, nullable: true), .. fields.Select(f => Op.Value(type.Fields[f].Storage))], [], code);
        }
    }

    private static void AddArray(HelperBuilder helper, TypeDefinition type)
    {
        var element = Op.Value(type.Fields[0].Storage);
        AddMaker(helper, HelperNames.New(type.Index), [element, Op.I32], type.Index, new BinaryBuffer().Local(0).Local(1).Object(Op.ArrayNew, type.Index));
        AddMaker(helper, HelperNames.Empty(type.Index), [], type.Index, new BinaryBuffer().Object(Op.ArrayNewFixed, type.Index).U32(0));
        if (type.Fields[0].IsMutable) AddElementSetters(helper, type.Index, type.Index, element);
        else if (type.Fields[0].Storage.IsReference) AddTwin(helper, type, element);
    }

    /// <summary>A mutable array with the same elements as an immutable one of references, in which these are put together.</summary>
    private static void AddTwin(HelperBuilder helper, TypeDefinition type, byte[] element)
    {
        var twin = helper.AddType([Op.ArrayType, .. Op.Field(type.Fields[0] with { IsMutable = true })]);
        AddMaker(helper, HelperNames.Twin(type.Index), [element, Op.I32], twin, new BinaryBuffer().Local(0).Local(1).Object(Op.ArrayNew, twin));
        AddElementSetters(helper, type.Index, twin, element);
    }

    private static void AddElementSetters(HelperBuilder helper, int name, int type, byte[] element)
    {
        byte[][] parameters = [Op.Reference(type, nullable: true), Op.I32];
        helper.AddFunction(HelperNames.SetElement(name), [.. parameters, element], [], Elements(type, 1));
        helper.AddFunction(
            HelperNames.SetElements(name), [.. parameters, .. Enumerable.Repeat(element, HelperNames.ElementsPerCall)], [],
            Elements(type, HelperNames.ElementsPerCall));
    }

    private static BinaryBuffer Elements(int type, int count)
    {
        var code = new BinaryBuffer();
        for (var i = 0; i < count; i++)
        {
            code.Local(0).Local(1);
            if (i > 0) code.Const(i).Byte(Op.I32Add);
            code.Local(2 + i).Object(Op.ArraySet, type);
        }
        return code;
    }

    /// <summary>Something of each kind that a field may not be without while what belongs there is still to be made.</summary>
    private static void AddPlaceholders(HelperBuilder helper, ModuleDescription guest)
    {
        var emptyStruct = helper.AddType([Op.StructType, 0]);
        AddMaker(helper, HelperNames.AnyStruct, [], emptyStruct, new BinaryBuffer().Object(Op.StructNew, emptyStruct));
        var bytes = helper.AddType([Op.ArrayType, .. Op.Storage(new WasmValueType(WasmValueKind.I8)), 1]);
        AddMaker(helper, HelperNames.AnyArray, [], bytes, new BinaryBuffer().Object(Op.ArrayNewFixed, bytes).U32(0));
        helper.AddFunction(HelperNames.AnyFunction, [], [], new BinaryBuffer().Byte(Op.Unreachable));
        foreach (var type in NonNullFunctionTypes(guest)) helper.AddFunction(HelperNames.Function(type), type, new BinaryBuffer().Byte(Op.Unreachable));
        var exception = Op.Storage(new WasmValueType(WasmValueKind.Reference, false, new HeapType(HeapKind.Exn)));
        helper.AddFunction(
            HelperNames.AnyException, [], [exception],
            new BinaryBuffer().Byte(Op.Block).Bytes(exception)
                .Byte(Op.TryTable).Byte(Op.NoResult).U32(1).Byte(Op.CatchAllRef).U32(0).Byte(Op.Throw).U32((uint)helper.AddTag()).Byte(Op.End)
                .Byte(Op.Unreachable).Byte(Op.End));
    }

    private static IEnumerable<int> NonNullFunctionTypes(ModuleDescription guest) => guest.Types
        .SelectMany(t => t.Fields).Select(f => f.Storage)
        .Where(s => s is { IsReference: true, Nullable: false, Heap.Kind: HeapKind.Concrete } && guest.Types[s.Heap.TypeIndex].Kind == CompositeKind.Function)
        .Select(s => s.Heap.TypeIndex).Distinct();
}
