using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// A text for a recursion group that is equal exactly for groups that the specification calls equal (Validation, Types, Defined Types): types of the
/// group stand in it by their place there, others by a number that equal types share.
/// </summary>
internal static class RecursionGroupKey
{
    /// <param name="module">The module.</param>
    /// <param name="group">One of its groups.</param>
    /// <param name="numbers">The numbers of the types before the group, by their indices.</param>
    public static string Of(ModuleDescription module, RecursionGroup group, int[] numbers)
    {
        var key = new BinaryBuffer().U32((uint)group.Count);
        void Index(int type)
        {
            var isOwn = type >= group.FirstType && type < group.FirstType + group.Count;
            key.Byte(isOwn ? (byte)1 : (byte)0).U32((uint)(isOwn ? type - group.FirstType : numbers[type]));
        }
        void Value(WasmValueType type)
        {
            key.Byte((byte)type.Kind).Byte(type.Nullable ? (byte)1 : (byte)0).Byte((byte)type.Heap.Kind);
            if (type.Heap.Kind == HeapKind.Concrete) Index(type.Heap.TypeIndex);
        }
        for (var i = group.FirstType; i < group.FirstType + group.Count; i++)
        {
            var type = module.Types[i];
            key.Byte((byte)type.Kind).Byte(type.IsFinal ? (byte)1 : (byte)0).U32((uint)type.Supertypes.Count);
            foreach (var super in type.Supertypes) Index(super);
            key.U32((uint)type.Parameters.Count).U32((uint)type.Results.Count).U32((uint)type.Fields.Count);
            foreach (var value in type.Parameters.Concat(type.Results)) Value(value);
            foreach (var field in type.Fields)
            {
                Value(field.Storage);
                key.Byte(field.IsMutable ? (byte)1 : (byte)0);
            }
        }
        return new string(MemoryMarshal.Cast<byte, char>(Padded(key)));
    }

    private static ReadOnlySpan<byte> Padded(BinaryBuffer key) => (key.Length % 2 == 0 ? key : key.Byte(0xff)).Written.Span;
}
