using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// What is not memory as bytes, little endian; the same state is always the same bytes. Per instance globals, tables, dropped segments and what segments of objects hold, each
/// list behind its length; then the functions that anything refers to; then the objects: their types, each one's type, the length of their contents and these.
/// </summary>
internal static class ItemEncoding
{
    public const int GlobalBytes = 24;
    public const int FunctionBytes = 8;
    public const int TypeBytes = 12;

    /// <summary>How many bytes are written.</summary>
    public static long SizeOf(ItemImage items) =>
        4 + items.Instances.Sum(SizeOf)
        + 4 + ((long)FunctionBytes * items.Functions.Length)
        + 4 + ((long)TypeBytes * items.Heap.Types.Length)
        + 4 + (4L * items.Heap.ObjectTypes.Length)
        + 8 + items.Heap.Fields.Length;

    public static void Write<TSink>(ref TSink sink, ItemImage items)
        where TSink : IStateSink
    {
        StateEncoding.WriteU32(ref sink, (uint)items.Instances.Length);
        foreach (var instance in items.Instances) Write(ref sink, instance);
        StateEncoding.WriteU32(ref sink, (uint)items.Functions.Length);
        foreach (var function in items.Functions)
        {
            StateEncoding.WriteU32(ref sink, (uint)function.Instance);
            StateEncoding.WriteU32(ref sink, (uint)function.Index);
        }
        Write(ref sink, items.Heap);
    }

    private static long SizeOf(InstanceItems items) =>
        4 + ((long)GlobalBytes * items.Globals.Length) + 4 + items.Tables.Sum(t => 8 + (4L * t.Elements.Length)) + 4 + items.DroppedSegments.Length
        + 4 + items.ObjectSegments.Sum(o => 4 + (4L * o.Length));

    private static void Write<TSink>(ref TSink sink, InstanceItems items)
        where TSink : IStateSink
    {
        StateEncoding.WriteU32(ref sink, (uint)items.Globals.Length);
        foreach (var global in items.Globals)
        {
            StateEncoding.WriteU32(ref sink, (uint)global.Index);
            StateEncoding.WriteU32(ref sink, (uint)global.Kind);
            StateEncoding.WriteU64(ref sink, (ulong)global.Bits);
            StateEncoding.WriteU64(ref sink, (ulong)(global.Bits >> 64));
        }
        StateEncoding.WriteU32(ref sink, (uint)items.Tables.Length);
        foreach (var table in items.Tables)
        {
            StateEncoding.WriteU32(ref sink, (uint)table.Index);
            WriteNumbers(ref sink, table.Elements);
        }
        StateEncoding.WriteU32(ref sink, (uint)items.DroppedSegments.Length);
        sink.Write(MemoryMarshal.AsBytes(items.DroppedSegments.AsSpan()));
        StateEncoding.WriteU32(ref sink, (uint)items.ObjectSegments.Length);
        foreach (var segment in items.ObjectSegments) WriteNumbers(ref sink, segment);
    }

    private static void Write<TSink>(ref TSink sink, HeapImage heap)
        where TSink : IStateSink
    {
        StateEncoding.WriteU32(ref sink, (uint)heap.Types.Length);
        foreach (var type in heap.Types)
        {
            StateEncoding.WriteU32(ref sink, (uint)type.Kind);
            StateEncoding.WriteU32(ref sink, (uint)type.Instance);
            StateEncoding.WriteU32(ref sink, (uint)type.Index);
        }
        WriteNumbers(ref sink, heap.ObjectTypes);
        StateEncoding.WriteU64(ref sink, (ulong)heap.Fields.Length);
        sink.Write(heap.Fields);
    }

    private static void WriteNumbers<TSink>(ref TSink sink, uint[] numbers)
        where TSink : IStateSink
    {
        StateEncoding.WriteU32(ref sink, (uint)numbers.Length);
        if (BitConverter.IsLittleEndian) sink.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
        else foreach (var number in numbers) StateEncoding.WriteU32(ref sink, number);
    }
}
