using System.Buffers.Binary;
using System.Globalization;

namespace AkkaWasm.Wasm;

/// <summary>
/// A digest of everything a guest can see of its own state: memories, globals, tables, dropped segments, objects. Equal states have equal hashes however
/// they were reached and on every machine. Made by XXH3-128: it finds errors, it does not keep out forgers.
/// </summary>
/// <param name="Value">The 128 bits.</param>
public readonly record struct StateHash(UInt128 Value)
{
    /// <summary>The length of its binary form in bytes.</summary>
    public const int SizeBytes = 16;

    /// <summary>Reads what <see cref="ToString"/> gave.</summary>
    /// <exception cref="FormatException">It is not 32 hexadecimal digits.</exception>
    public static StateHash Parse(string text) => text.Length == 32
        ? new(UInt128.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
        : throw new FormatException($"A state hash has 32 hexadecimal digits, not {text.Length} characters.");

    /// <summary>Reads the binary form.</summary>
    /// <param name="bytes">At least <see cref="SizeBytes"/> bytes.</param>
    public static StateHash FromBytes(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes));

    /// <summary>Writes the binary form, little endian.</summary>
    /// <param name="destination">At least <see cref="SizeBytes"/> bytes.</param>
    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128LittleEndian(destination, Value);

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
