using System.Buffers.Binary;
using System.IO.Hashing;

namespace AkkaWasm.Actors.Persistence;

/// <summary>How far the log reached when it was last committed.</summary>
/// <param name="SequenceNr">Sequence number of the last row.</param>
/// <param name="LastOffset">Offset of the last record in it.</param>
/// <param name="Checksum">Checksum of the block in it.</param>
internal readonly record struct LogHead(long SequenceNr, long LastOffset, ulong Checksum);

/// <summary>
/// The file <c>log.head</c>: magic, version, sequence number, last offset, checksum, XxHash64 over all before. Overwritten after each commit and
/// not synced: it may lag behind the journal after a crash, but a journal that lags behind it has lost its end.
/// </summary>
internal sealed class LogHeadFile : IDisposable
{
    private const uint Magic = 0x44414548; // "HEAD"
    private const int Version = 1;
    private const int Size = 4 + 4 + 8 + 8 + 8 + 8;

    private readonly FileStream file;

    private LogHeadFile(FileStream file) => this.file = file;

    /// <summary>Opens the file for writing; it is made by the first <see cref="Write"/>.</summary>
    public static LogHeadFile Open(string path) => new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 1));

    /// <summary>Reads the file.</summary>
    /// <returns>The head, or null if there is none or a crash of the machine left it torn.</returns>
    public static LogHead? Read(string path)
    {
        if (!File.Exists(path)) return null;
        Span<byte> bytes = stackalloc byte[Size];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        if (RandomAccess.Read(file.SafeFileHandle, bytes, 0) < Size) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic || BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]) != Version) return null;
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..]) != XxHash64.HashToUInt64(bytes[..^8])) return null;
        return new LogHead(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
    }

    public void Write(LogHead head)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], head.SequenceNr);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], head.LastOffset);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], head.Checksum);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[^8..], XxHash64.HashToUInt64(bytes[..^8]));
        RandomAccess.Write(file.SafeFileHandle, bytes, 0);
    }

    /// <summary>What is wrong if the log's end is before the head, one sentence, or null.</summary>
    public static string? Missing(LogHead? head, long lastSequenceNr, long lastOffset) => head is { } h && h.SequenceNr > lastSequenceNr
        ? $"The log ends at offset {lastOffset} (row {lastSequenceNr}), but it had been committed up to offset {h.LastOffset} (row {h.SequenceNr}): its end was cut off; put the journal back from a copy, or delete log.head to accept the loss."
        : null;

    public void Dispose() => file.Dispose();
}
