using System.Buffers.Binary;
using System.IO.Hashing;

namespace AkkaWasm.Actors.Sources;

/// <summary>Says whether a file is the one that was read before.</summary>
/// <param name="Length">Its length, bytes.</param>
/// <param name="Hash">XxHash128 of all of it.</param>
internal readonly record struct FileFingerprint(long Length, UInt128 Hash)
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Reads a file through.</summary>
    /// <exception cref="SourceFailedException">It cannot be opened or read.</exception>
    public static FileFingerprint Of(string path, CancellationToken cancellation)
    {
        using var file = ElementReader.OpenFile(path);
        var hash = new XxHash128();
        var chunk = new byte[ChunkBytes];
        long length = 0;
        try
        {
            while (file.Read(chunk) is > 0 and var count)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.Append(chunk.AsSpan(0, count));
                length += count;
            }
        }
        catch (IOException e)
        {
            throw new SourceFailedException($"'{path}' cannot be read at byte {length}: {e.Message}", true, e);
        }
        return new FileFingerprint(length, hash.GetCurrentHashAsUInt128());
    }
}

/// <summary>How far a file was read: version, fingerprint, elements done, whether that is all. Kept in the log with the events it stands for.</summary>
/// <param name="File">The file.</param>
/// <param name="Elements">How many of its elements are in the log.</param>
/// <param name="IsComplete">Whether it has no more.</param>
internal readonly record struct SourceCursor(FileFingerprint File, long Elements, bool IsComplete)
{
    private const byte Version = 1;
    private const int Size = 1 + 8 + 16 + 8 + 1;

    /// <summary>Reads a cursor of the log.</summary>
    /// <returns>The cursor, or null for one of another version.</returns>
    public static SourceCursor? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size || bytes[0] != Version || bytes[^1] > 1) return null;
        var file = new FileFingerprint(BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]), BinaryPrimitives.ReadUInt128LittleEndian(bytes[9..]));
        return new SourceCursor(file, BinaryPrimitives.ReadInt64LittleEndian(bytes[25..]), bytes[^1] == 1);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), File.Length);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(9), File.Hash);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(25), Elements);
        bytes[^1] = IsComplete ? (byte)1 : (byte)0;
        return bytes;
    }
}
