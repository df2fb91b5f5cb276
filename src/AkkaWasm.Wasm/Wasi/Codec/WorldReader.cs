using System.Buffers.Binary;
using System.Text;

namespace AkkaWasm.Wasm.Wasi.Codec;

/// <summary>Reads what <see cref="WorldWriter"/> writes. Every read is checked against the end.</summary>
/// <param name="bytes">The bytes; parts of them are given out, not copied.</param>
/// <param name="what">What they are, for messages: <c>the world</c>.</param>
internal sealed class WorldReader(ReadOnlyMemory<byte> bytes, string what)
{
    private int _at;

    public bool AtEnd => _at == bytes.Length;

    public byte Byte() => Take(1).Span[0];

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span);

    public ulong Number()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw Corrupt("a number of more than 64 bits");
    }

    /// <summary>A count or other number up to a bound.</summary>
    public int Number(int max)
    {
        var value = Number();
        return value <= (ulong)max ? (int)value : throw Corrupt($"the number {value} where at most {max} may stand");
    }

    public ReadOnlyMemory<byte> Bytes() => Take(Number(bytes.Length - _at));

    public string Text()
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes().Span);
        }
        catch (DecoderFallbackException)
        {
            throw Corrupt("a text that is not UTF-8");
        }
    }

    public SnapshotCorruptException Corrupt(string found) => new($"{what} has {found}", _at);

    private ReadOnlyMemory<byte> Take(int length)
    {
        if (length > bytes.Length - _at) throw Corrupt($"its end where {length} bytes should follow");
        _at += length;
        return bytes.Slice(_at - length, length);
    }
}
