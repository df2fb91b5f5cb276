using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// A helper module that makes immutable arrays where the host cannot write into them. They get all their elements when they are made: numbers from a
/// data segment, references from a table that the host has filled.
/// </summary>
internal static class FixedArrayModule
{
    /// <summary>The elements that <c>array.new_fixed</c> takes at most. The time to compile it grows with their square: 0.7 s for 1,000, 7 s for 4,000.</summary>
    public const int MaxElements = 10_000;

    /// <param name="guest">The guest whose types they are.</param>
    /// <param name="lengths">The arrays of references to be made: type index and length.</param>
    /// <param name="numberTypes">The types of arrays of numbers to be made.</param>
    /// <param name="numbers">What these are made from.</param>
    public static ReadOnlyMemory<byte> Build(
        ModuleDescription guest, IEnumerable<(int Type, int Length)> lengths, IEnumerable<int> numberTypes, ReadOnlySpan<byte> numbers)
    {
        var helper = new HelperBuilder(guest);
        WriterModule.AddSlots(helper);
        var data = helper.AddData(numbers);
        foreach (var type in numberTypes)
        {
            WriterModule.AddMaker(
                helper, HelperNames.FromData(type), [Op.I32, Op.I32], type,
                new BinaryBuffer().Local(0).Local(1).Object(Op.ArrayNewData, type).U32((uint)data));
        }
        foreach (var group in lengths.GroupBy(l => l.Type)) AddReferences(helper, guest.Types[group.Key], group.Select(g => g.Length));
        return helper.Build();
    }

    private static void AddReferences(HelperBuilder helper, TypeDefinition type, IEnumerable<int> lengths)
    {
        var element = type.Fields[0].Storage;
        var nullable = Op.Storage(element with { Nullable = true });
        var table = helper.AddTable(nullable, $"stage.{type.Index}");
        helper.AddFunction(HelperNames.SetElement(type.Index), [Op.I32, nullable], [], Puts(table, 1));
        helper.AddFunction(
            HelperNames.SetElements(type.Index), [Op.I32, .. Enumerable.Repeat(nullable, HelperNames.ElementsPerCall)], [], Puts(table, HelperNames.ElementsPerCall));
        helper.AddFunction(
            HelperNames.Stage(type.Index, 0), [Op.I32], [Op.I32],
            Op.Heap(new BinaryBuffer().Byte(Op.RefNull), element.Heap).Local(0).Byte(Op.Misc).U32(Op.TableGrow).U32((uint)table));
        helper.AddFunction(
            HelperNames.Stage(type.Index, 1), [Op.I32], [],
            Op.Heap(new BinaryBuffer().Const(0).Byte(Op.RefNull), element.Heap).Local(0).Byte(Op.Misc).U32(Op.TableFill).U32((uint)table));
        foreach (var length in lengths)
        {
            var make = new BinaryBuffer();
            for (var i = 0; i < length; i++)
            {
                make.Const(i).Byte(Op.TableGet).U32((uint)table);
                if (!element.Nullable) make.Byte(Op.RefAsNonNull);
            }
            WriterModule.AddMaker(
                helper, HelperNames.Fixed(type.Index, length), [], type.Index, make.Object(Op.ArrayNewFixed, type.Index).U32((uint)length));
        }
    }

    private static BinaryBuffer Puts(int table, int count)
    {
        var code = new BinaryBuffer();
        for (var i = 0; i < count; i++)
        {
            code.Local(0);
            if (i > 0) code.Const(i).Byte(Op.I32Add);
            code.Local(1 + i).Byte(Op.TableSet).U32((uint)table);
        }
        return code;
    }
}
