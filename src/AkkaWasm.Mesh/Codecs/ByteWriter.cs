using System.Buffers.Binary;
using System.Text;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>Writes the primitives of the log's binary form into a growing buffer: LEB128 numbers, length-prefixed bytes and UTF-8 text.</summary>
internal sealed class ByteWriter(int capacity = 4096)
{
    private byte[] buffer = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value) => Room(1)[0] = value;

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void UInt(ulong value)
    {
        var room = Room(10, advance: false);
        var used = 0;
        while (value >= 0x80)
        {
            room[used++] = (byte)(value | 0x80);
            value >>= 7;
        }
        room[used++] = (byte)value;
        Length += used;
    }

    public void Int(long value) => UInt((ulong)((value << 1) ^ (value >> 63)));

    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    public void Double(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Room(8), value);

    public void Hash(StateHash value) => value.Write(Room(StateHash.Size));

    public void OptionalHash(StateHash? value)
    {
        Bool(value is not null);
        if (value is { } hash) Hash(hash);
    }

    public void Raw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        UInt((ulong)bytes.Length);
        Raw(bytes);
    }

    public void Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        UInt((ulong)length);
        Encoding.UTF8.GetBytes(text, Room(length));
    }

    /// <summary>Null is told apart from empty.</summary>
    public void OptionalText(string? text)
    {
        Bool(text is not null);
        if (text is not null) Text(text);
    }

    public void List<T>(IReadOnlyCollection<T> items, Action<ByteWriter, T> write)
    {
        UInt((ulong)items.Count);
        foreach (var item in items) write(this, item);
    }

    private Span<byte> Room(int bytes, bool advance = true)
    {
        if (buffer.Length - Length < bytes) Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + bytes));
        var room = buffer.AsSpan(Length, bytes);
        if (advance) Length += bytes;
        return room;
    }
}
