using System.Buffers;
using System.Text;

namespace AkkaWasm.Wasm.Weaving;

/// <summary>Writes the binary format's numbers, names and sections.</summary>
internal sealed class BinaryBuffer(int capacity = 256)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(Math.Max(1, capacity));

    public int Length => _bytes.WrittenCount;

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public BinaryBuffer Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
        return this;
    }

    public BinaryBuffer Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public BinaryBuffer U32(uint value) => U64(value);

    public BinaryBuffer U64(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }
        return Byte((byte)value);
    }

    /// <summary>A signed number, as type indices in heap types are.</summary>
    public BinaryBuffer S33(long value)
    {
        while (value is < -0x40 or > 0x3f)
        {
            Byte((byte)(value & 0x7f | 0x80));
            value >>= 7;
        }
        return Byte((byte)(value & 0x7f));
    }

    public BinaryBuffer Name(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return U32((uint)bytes.Length).Bytes(bytes);
    }

    /// <summary>A section: id, size, content.</summary>
    public BinaryBuffer Section(byte id, ReadOnlySpan<byte> content) => Byte(id).U32((uint)content.Length).Bytes(content);
}
