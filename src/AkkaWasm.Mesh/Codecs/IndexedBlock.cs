using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>A block of the log of which single events are read: it was gone through once, and since then it is known where each record begins. Not changed by reading.</summary>
public sealed class IndexedBlock
{
    private readonly EncodedRecords records;
    private readonly BlockContext context;

    /// <summary>Reads a block.</summary>
    /// <param name="bytes">Its bytes; they are kept.</param>
    /// <exception cref="LogCorruptException">It is cut or damaged.</exception>
    public IndexedBlock(ReadOnlyMemory<byte> bytes)
    {
        records = BlockCodec.Index(bytes, out var header);
        context = new BlockContext(header.Epoch, header.BaseTimeNs);
        (FirstOffset, LastOffset) = (header.FirstOffset, header.LastOffset);
    }

    /// <summary>Offset of its first record.</summary>
    public long FirstOffset { get; }

    /// <summary>Offset of its last record.</summary>
    public long LastOffset { get; }

    /// <summary>About how much room it takes in memory, bytes.</summary>
    public long Weight => records.Bytes.Length + sizeof(int) * records.Starts.Length;

    /// <summary>The event at an offset of the block.</summary>
    /// <returns>The event, or null if the record there is of another kind.</returns>
    public MeshEvent? EventAt(long offset) => BlockCodec.ReadEvent(records.Bytes[records.Starts[(int)(offset - FirstOffset)]..], context, offset);
}
