using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AkkaWasm.Wasm.Wasi.Codec;

/// <summary>Writes the numbers, texts and bytes of a saved world or folder: LEB128 numbers, length-prefixed bytes and UTF-8.</summary>
internal sealed class WorldWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Byte(byte value) => _buffer.Write([value]);

    public void Number(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        var used = 0;
        for (; value >= 0x80; value >>= 7) bytes[used++] = (byte)(value | 0x80);
        bytes[used++] = (byte)value;
        _buffer.Write(bytes[..used]);
    }

    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);

    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number((ulong)bytes.Length);
        _buffer.Write(bytes);
    }

    public void Text(string text)
    {
        Number((ulong)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, _buffer);
    }

    private Span<byte> Room(int bytes)
    {
        var room = _buffer.GetSpan(bytes)[..bytes];
        _buffer.Advance(bytes);
        return room;
    }
}
