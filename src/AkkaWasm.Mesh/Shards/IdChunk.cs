using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace AkkaWasm.Mesh.Shards;

/// <summary>An id of a published event as it stands in memory, little-endian; so it is written: there are millions of them.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8, Size = Size)]
internal readonly struct IdEntry(UInt128 key, long atNs, long offset, ulong content)
{
    /// <summary>Bytes of one: key, time, offset, content.</summary>
    public const int Size = 40;

    private readonly ulong low = (ulong)key;
    private readonly ulong high = (ulong)(key >> 64);

    public readonly long AtNs = atNs;
    public readonly long Offset = offset;
    public readonly ulong Content = content;

    public UInt128 Key => new(high, low);
}

/// <summary>A piece of the ring of ids. Places that are filled do not change, so that a full one is saved once, under a name that follows from its content.</summary>
internal sealed class IdChunk
{
    /// <summary>Ids in one; 40 KiB, small enough to live and die like other objects.</summary>
    public const int Length = 1 << 10;

    private readonly IdEntry[] entries;
    private object? name;

    public IdChunk() => entries = new IdEntry[Length];

    private IdChunk(IdEntry[] entries) => this.entries = entries;

    public ref IdEntry this[long place] => ref entries[place];

    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(entries.AsSpan());

    /// <summary>XxHash128 of a full one; to be asked by any thread.</summary>
    public UInt128 Name => (UInt128)(name ??= XxHash128.HashToUInt128(Bytes));

    /// <summary>One whose last places are filled anew, while this one is still read by who captured it.</summary>
    public IdChunk Copy() => new([.. entries]);
}
