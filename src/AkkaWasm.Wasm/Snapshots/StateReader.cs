using System.Buffers.Binary;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Reads what <see cref="StateEncoding"/> wrote. Never reads past the end, never takes more room than the bytes that are there.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Offset { get; private set; }

    public readonly int Remaining => _bytes.Length - Offset;

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > Remaining) throw new SnapshotCorruptException($"it ends {count - Remaining} bytes too early", Offset);
        var read = _bytes.Slice(Offset, count);
        Offset += count;
        return read;
    }

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    public int Count(int leastBytesEach, string what)
    {
        var count = U32();
        return count <= Remaining / leastBytesEach
            ? (int)count
            : throw new SnapshotCorruptException($"it claims {count} {what}, more than it has room for", Offset - 4);
    }

    public MemoryImage[] Memories()
    {
        var memories = new MemoryImage[Count(16, "memories")];
        for (var i = 0; i < memories.Length; i++) memories[i] = MemoryEncoding.Read(ref this);
        return memories;
    }

    public ItemImage Items()
    {
        const int leastInstanceBytes = 16;
        var instances = new InstanceItems[Count(leastInstanceBytes, "instances")];
        for (var i = 0; i < instances.Length; i++) instances[i] = Instance();
        var functions = new FunctionName[Count(ItemEncoding.FunctionBytes, "functions")];
        for (var i = 0; i < functions.Length; i++) functions[i] = new FunctionName(Number("function's instance"), Number("function"));
        return new ItemImage(instances, functions, Heap());
    }

    private InstanceItems Instance()
    {
        var globals = new GlobalImage[Count(ItemEncoding.GlobalBytes, "globals")];
        for (var i = 0; i < globals.Length; i++) globals[i] = Global();
        var tables = new TableImage[Count(8, "tables")];
        for (var i = 0; i < tables.Length; i++) tables[i] = new TableImage(Number("table"), Numbers("elements"));
        var dropped = new bool[Count(1, "segments")];
        for (var i = 0; i < dropped.Length; i++)
        {
            dropped[i] = Bytes(1)[0] switch
            {
                0 => false,
                1 => true,
                var other => throw new SnapshotCorruptException($"segment {i} is {other}, neither there nor dropped", Offset - 1),
            };
        }
        var objects = new uint[Count(4, "segments of objects")][];
        for (var i = 0; i < objects.Length; i++) objects[i] = Numbers("references");
        return new InstanceItems(globals, tables, dropped, objects);
    }

    private HeapImage Heap()
    {
        var types = new ObjectTypeName[Count(ItemEncoding.TypeBytes, "types")];
        for (var i = 0; i < types.Length; i++)
        {
            var kind = U32();
            if (kind > (uint)ObjectKind.HostReference) throw new SnapshotCorruptException($"type {i} has the unknown kind {kind}", Offset - 4);
            types[i] = new ObjectTypeName((ObjectKind)kind, Number("type's instance"), Number("type"));
        }
        var objects = Numbers("objects");
        foreach (var type in objects)
        {
            if (type >= types.Length) throw new SnapshotCorruptException($"an object has type {type} and there are {types.Length}", Offset);
        }
        var length = U64();
        if (length > (ulong)Remaining) throw new SnapshotCorruptException($"its objects claim {length} bytes, more than it has", Offset - 8);
        return new HeapImage(types, objects, Bytes((int)length).ToArray());
    }

    private int Number(string what)
    {
        var number = U32();
        return number <= int.MaxValue ? (int)number : throw new SnapshotCorruptException($"it names a {what} {number}", Offset - 4);
    }

    private uint[] Numbers(string what)
    {
        var numbers = new uint[Count(4, what)];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = U32();
        return numbers;
    }

    private GlobalImage Global()
    {
        var index = U32();
        var kind = U32();
        if (index > int.MaxValue || kind > (uint)WasmValueKind.Reference)
            throw new SnapshotCorruptException($"global {index} has the unknown kind {kind}", Offset - 8);
        var low = U64();
        return new GlobalImage((int)index, (WasmValueKind)kind, new UInt128(U64(), low));
    }
}
