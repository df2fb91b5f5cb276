using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>What an item of an archive is. The numbers are part of the format.</summary>
internal enum ArchiveItemKind : byte
{
    /// <summary>A block of the log; its number is that of its row.</summary>
    Block = 1,

    /// <summary>A file of the folder of modules; its name is that of the file.</summary>
    Module = 2,

    /// <summary>A snapshot; its name is the manifest, a line feed and the persistence id, its number the sequence number.</summary>
    Snapshot = 3,

    /// <summary>A part of images; its name is the 32 hexadecimal digits of the part's.</summary>
    Part = 4,

    /// <summary>The end; its number is that of the items before it, its content XxHash64 over their checksums.</summary>
    End = 9,
}

/// <summary>An item of an archive.</summary>
internal sealed record ArchiveItem(ArchiveItemKind Kind, string Name, long Number, byte[] Content);

/// <summary>
/// The binary form of an archive, little endian: 8 bytes magic with the version in the last, then items. An item: kind (1 byte), length of the name (4),
/// number (8), length of the content (8), name, content, XxHash64 over all of the item before it. The last item is <see cref="ArchiveItemKind.End"/>.
/// </summary>
internal static class ArchiveFormat
{
    private const int HeaderBytes = 1 + 4 + 8 + 8;
    private const int MaxNameBytes = 4_096;

    private static ReadOnlySpan<byte> Magic => "AKWLOG\0\u0001"u8;

    /// <summary>Size of an item in an archive, bytes.</summary>
    public static long SizeOf(string name, byte[] content) => HeaderBytes + Encoding.UTF8.GetByteCount(name) + content.LongLength + 8;

    public static void WriteMagic(Stream to) => to.Write(Magic);

    public static void ReadMagic(Stream from)
    {
        var magic = new byte[8];
        if (from.ReadAtLeast(magic, magic.Length, false) < magic.Length || !magic.AsSpan(0, 7).SequenceEqual(Magic[..7])) throw Broken("it does not begin as an archive of a log does");
        if (magic[7] != Magic[7]) throw Broken($"it has format version {magic[7]}, known is {Magic[7]}");
    }

    /// <returns>The item's checksum.</returns>
    public static ulong Write(Stream to, ArchiveItem item)
    {
        var name = Encoding.UTF8.GetBytes(item.Name);
        var head = new byte[HeaderBytes + name.Length];
        head[0] = (byte)item.Kind;
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(1), name.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(5), item.Number);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(13), item.Content.LongLength);
        name.CopyTo(head, HeaderBytes);
        var checksum = ChecksumOf(head, item.Content);
        to.Write(head);
        to.Write(item.Content);
        Span<byte> tail = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(tail, checksum);
        to.Write(tail);
        return checksum;
    }

    /// <exception cref="LogCorruptException">It is cut or damaged.</exception>
    public static (ArchiveItem Item, ulong Checksum) Read(Stream from, long number)
    {
        var head = Exactly(from, HeaderBytes, number);
        var (nameLength, length) = (BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(1)), BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(13)));
        if (nameLength is < 0 or > MaxNameBytes || length < 0 || length > Array.MaxLength) throw Broken($"item {number} is damaged");
        var name = Exactly(from, nameLength, number);
        var content = Exactly(from, (int)length, number);
        var checksum = BinaryPrimitives.ReadUInt64LittleEndian(Exactly(from, 8, number));
        if (ChecksumOf([.. head, .. name], content) != checksum) throw Broken($"item {number} is damaged: its checksum does not fit");
        return (new ArchiveItem((ArchiveItemKind)head[0], Encoding.UTF8.GetString(name), BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(5)), content), checksum);
    }

    public static LogCorruptException Broken(string what) => new($"The archive cannot be used: {what}; export it again.", Position.None);

    private static ulong ChecksumOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> content)
    {
        var hash = new XxHash64();
        hash.Append(head);
        hash.Append(content);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Reads in steps, so that a forged length takes no room that the archive does not have.</summary>
    private static byte[] Exactly(Stream from, int count, long number)
    {
        const int step = 1 << 20;
        var bytes = new byte[Math.Min(count, step)];
        for (var read = 0; read < count;)
        {
            if (read == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(count, bytes.Length * 2L));
            var got = from.Read(bytes, read, bytes.Length - read);
            if (got == 0) throw Broken($"it ends in the middle of item {number}");
            read += got;
        }
        return bytes;
    }
}
