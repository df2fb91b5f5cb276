using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The bytes are not what was written: cut, damaged or of another version.</summary>
internal sealed class DecodeException(string message) : Exception(message);

/// <summary>Reads what <see cref="ByteWriter"/> writes. Every read is checked against the end.</summary>
internal sealed class ByteReader(ReadOnlyMemory<byte> bytes)
{
    private int at;

    public int Position => at;

    public bool AtEnd => at == bytes.Length;

    public byte Byte() => Take(1)[0];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw new DecodeException($"byte {at - 1}: {other} where 0 or 1 must stand"),
    };

    public ulong UInt()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw new DecodeException($"byte {at}: a number of more than 64 bits");
    }

    public long Int()
    {
        var value = UInt();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Int32()
    {
        var value = Int();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new DecodeException($"byte {at}: {value} does not fit into 32 bits");
    }

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public StateHash Hash() => StateHash.Read(Take(StateHash.Size));

    public StateHash? OptionalHash() => Bool() ? Hash() : null;

    public ReadOnlyMemory<byte> Bytes()
    {
        var length = Length();
        Take(length);
        return bytes.Slice(at - length, length);
    }

    /// <summary>Passes over what <see cref="Bytes"/> or <see cref="Text"/> would read.</summary>
    public void SkipBytes() => Take(Length());

    public ReadOnlySpan<byte> Raw(int length) => Take(length);

    public string Text() => Encoding.UTF8.GetString(Take(Length()));

    public string? OptionalText() => Bool() ? Text() : null;

    public ImmutableArray<T> List<T>(Func<ByteReader, T> read)
    {
        var count = Length();
        var items = ImmutableArray.CreateBuilder<T>(Math.Min(count, 1024));
        for (var i = 0; i < count; i++) items.Add(read(this));
        return items.DrainToImmutable();
    }

    private int Length()
    {
        var length = UInt();
        return length <= (ulong)(bytes.Length - at) ? (int)length : throw new DecodeException($"byte {at}: a length of {length} with {bytes.Length - at} bytes left");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > bytes.Length - at) throw new DecodeException($"byte {at}: {length} bytes wanted, {bytes.Length - at} left");
        at += length;
        return bytes.Span.Slice(at - length, length);
    }
}
