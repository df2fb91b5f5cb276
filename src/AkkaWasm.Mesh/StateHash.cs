using System.Buffers.Binary;
using System.Globalization;

namespace AkkaWasm.Mesh;

/// <summary>A 128-bit hash of what a guest can see of its own state; equal states have equal hashes whatever way led to them.</summary>
/// <param name="Value">The hash.</param>
public readonly record struct StateHash(UInt128 Value)
{
    /// <summary>Length of the binary form, bytes.</summary>
    public const int Size = 16;

    /// <summary>Reads the binary form, little endian.</summary>
    public static StateHash Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes));

    /// <summary>Reads 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static StateHash Parse(string text) => new(UInt128.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    /// <summary>Writes the binary form, little endian.</summary>
    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128LittleEndian(destination, Value);

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
