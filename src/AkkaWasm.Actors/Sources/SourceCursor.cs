using System.Buffers.Binary;
using System.IO.Hashing;

namespace AkkaWasm.Actors.Sources;

/// <summary>
/// How far a file was read, as it is kept in the log: version, fingerprint of the file, elements done. The fingerprint covers the file's length and
/// its first and last 64 KiB; another file is read from its beginning, and ids make that harmless.
/// </summary>
/// <param name="Fingerprint">Of the file.</param>
/// <param name="Elements">Elements that are in the log.</param>
internal readonly record struct SourceCursor(UInt128 Fingerprint, long Elements)
{
    private const byte Version = 1;
    private const int Size = 1 + 16 + 8;
    private const int SampleBytes = 64 << 10;

    /// <summary>Reads a cursor of the log.</summary>
    /// <returns>The cursor, or null if it is of another kind.</returns>
    public static SourceCursor? Read(ReadOnlyMemory<byte>? bytes) => bytes is { Length: Size, Span: var span } && span[0] == Version
        ? new SourceCursor(BinaryPrimitives.ReadUInt128LittleEndian(span[1..]), BinaryPrimitives.ReadInt64LittleEndian(span[17..]))
        : null;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(1), Fingerprint);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(17), Elements);
        return bytes;
    }

    /// <summary>The fingerprint of a file as it is now.</summary>
    public static UInt128 FingerprintOf(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
        var hash = new XxHash128();
        hash.Append(BitConverter.GetBytes(file.Length));
        var sample = new byte[SampleBytes];
        foreach (var at in new[] { 0, Math.Max(0, file.Length - SampleBytes) })
        {
            file.Position = at;
            hash.Append(sample.AsSpan(0, file.ReadAtLeast(sample, sample.Length, throwOnEndOfStream: false)));
        }
        return hash.GetCurrentHashAsUInt128();
    }
}
