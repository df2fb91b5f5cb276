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
        var globals = new GlobalImage[Count(24, "globals")];
        for (var i = 0; i < globals.Length; i++) globals[i] = Global();
        var tables = new TableImage[Count(8, "tables")];
        for (var i = 0; i < tables.Length; i++) tables[i] = Table();
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
        return new ItemImage(globals, tables, dropped);
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

    private TableImage Table()
    {
        var index = (int)U32();
        var elements = new uint[Count(4, "elements")];
        for (var i = 0; i < elements.Length; i++) elements[i] = U32();
        return new TableImage(index, elements);
    }
}
