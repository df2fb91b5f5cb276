using System.Buffers.Binary;
using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Snapshots;
using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

public sealed class HeapGraphTests
{
    private const int Fields = 10_000;
    private const int Types = 220_000;
    private const byte AnyRef = 0x6e;

    [Fact]
    public void A_snapshot_that_names_so_many_types_that_their_product_with_a_struct_s_fields_is_no_number_is_checked_like_any_other()
    {
        Assert.True((long)Fields * Types > int.MaxValue);
        var module = ModuleReader.Read(Module(), "types.wasm", ModuleLimits.Default);

        Assert.Equal(2, Graph(module, lastField: ReferenceCode.OfObject(1)).Count);

        Assert.Contains("a reference that its field cannot hold", Assert.Throws<ArgumentException>(() => Graph(module, lastField: ReferenceCode.OfObject(2))).Message);
    }

    /// <summary>A struct of as many references as there may be, and very many without any.</summary>
    private static ReadOnlyMemory<byte> Module()
    {
        var types = new BinaryBuffer().U32(1).Byte(Op.RecursionGroup).U32(Types).Byte(Op.StructType).U32(Fields);
        for (var i = 0; i < Fields; i++) types.Byte(AnyRef).Byte(0);
        for (var i = 1; i < Types; i++) types.Byte(Op.StructType).U32(0);
        return new BinaryBuffer().Bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]).Section(1, types.Written.Span).Written;
    }

    /// <summary>Names all types, and has an object of the first and one of the last.</summary>
    private static HeapGraph Graph(ModuleDescription module, uint lastField)
    {
        var names = Enumerable.Range(0, Types).Select(i => new ObjectTypeName(ObjectKind.Struct, 0, i)).ToArray();
        var fields = new byte[Fields * 4];
        BinaryPrimitives.WriteUInt32LittleEndian(fields.AsSpan(fields.Length - 4), lastField);
        var heap = new HeapImage(names, [0, Types - 1], fields);
        return new HeapGraph(TypeSpace.Of([module]), null, null!, [module], new ItemImage([], [], heap));
    }
}
