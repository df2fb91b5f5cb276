using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Where encoded state goes.</summary>
internal interface IStateSink
{
    void Write(ReadOnlySpan<byte> bytes);
}

/// <summary>Hashes what is written.</summary>
internal readonly struct HashSink : IStateSink
{
    private readonly XxHash128 _hash;

    private HashSink(XxHash128 hash) => _hash = hash;

    public static HashSink Create() => new(new XxHash128());

    public void Write(ReadOnlySpan<byte> bytes) => _hash.Append(bytes);

    public StateHash Finish() => new(_hash.GetCurrentHashAsUInt128());
}

/// <summary>Keeps what is written in an array that is large enough.</summary>
internal struct ArraySink(byte[] array) : IStateSink
{
    public int Length { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(array.AsSpan(Length));
        Length += bytes.Length;
    }
}

/// <summary>
/// State as bytes, little endian; the same state is always the same bytes: memories (<see cref="MemoryEncoding"/>), then what is not memory
/// (<see cref="ItemEncoding"/>).
/// </summary>
internal static class StateEncoding
{
    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public static long SizeOf(MemoryImage[] memories, ItemImage items) => 4 + memories.Sum(MemoryEncoding.SizeOf) + ItemEncoding.SizeOf(items);

    public static void Write<TSink>(ref TSink sink, MemoryImage[] memories, ItemImage items)
        where TSink : IStateSink
    {
        WriteU32(ref sink, (uint)memories.Length);
        foreach (var memory in memories) MemoryEncoding.Write(ref sink, memory);
        ItemEncoding.Write(ref sink, items);
    }

    /// <summary>The hash of a state, however it was reached.</summary>
    public static StateHash Hash(MemoryImage[] memories, ItemImage items)
    {
        var sink = HashSink.Create();
        WriteU32(ref sink, (uint)memories.Length);
        foreach (var memory in memories) MemoryEncoding.WriteHash(ref sink, memory);
        ItemEncoding.Write(ref sink, items);
        return sink.Finish();
    }

    public static void WriteU32<TSink>(ref TSink sink, uint value)
        where TSink : IStateSink
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        sink.Write(bytes);
    }

    public static void WriteU64<TSink>(ref TSink sink, ulong value)
        where TSink : IStateSink
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        sink.Write(bytes);
    }
}
