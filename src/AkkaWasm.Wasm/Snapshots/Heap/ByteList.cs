using System.Buffers.Binary;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>Bytes that grow at the end.</summary>
internal sealed class ByteList
{
    private byte[] _bytes = new byte[256];

    public int Length { get; private set; }

    /// <summary>Room for that many more bytes; their contents are undefined. Valid until the next.</summary>
    /// <exception cref="WasmEngineException">There would be more than an array can hold.</exception>
    public Span<byte> Append(long count)
    {
        var needed = Length + count;
        if (needed > Array.MaxLength)
            throw new WasmEngineException($"The objects of the GC heap take more than {Array.MaxLength} bytes, which no snapshot carries.", isTransient: false);
        if (needed > _bytes.Length) Grow(needed);
        var span = _bytes.AsSpan(Length, (int)count);
        Length = (int)needed;
        return span;
    }

    public void AppendU32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Append(4), value);

    public void AppendU64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Append(8), value);

    public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    private void Grow(long needed)
    {
        var grown = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, Math.Max(needed, _bytes.Length * 2L)));
        _bytes.AsSpan(0, Length).CopyTo(grown);
        _bytes = grown;
    }
}
