using System.Buffers.Binary;
using System.Globalization;

namespace AkkaWasm.Wasm;

/// <summary>
/// The name of a page of memory: a hash of its contents, XXH3-128. It finds errors, it does not keep out forgers: a guest that means harm can make two
/// pages of one name. So keep the pages of guests that do not trust each other apart.
/// </summary>
/// <param name="Value">The 128 bits.</param>
public readonly record struct PageHash(UInt128 Value)
{
    /// <summary>The length of its binary form in bytes.</summary>
    public const int SizeBytes = 16;

    /// <summary>Reads what <see cref="ToString"/> gave.</summary>
    /// <exception cref="FormatException">It is not 32 hexadecimal digits.</exception>
    public static PageHash Parse(string text) => text.Length == 32
        ? new(UInt128.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
        : throw new FormatException($"A page hash has 32 hexadecimal digits, not {text.Length} characters.");

    /// <summary>Reads the binary form.</summary>
    /// <param name="bytes">At least <see cref="SizeBytes"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public static PageHash FromBytes(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128LittleEndian(bytes));

    /// <summary>Writes the binary form, little endian.</summary>
    /// <param name="destination">At least <see cref="SizeBytes"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128LittleEndian(destination, Value);

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

/// <summary>A page of memory that a snapshot carries.</summary>
/// <param name="Hash">Its name.</param>
/// <param name="Contents">Its <see cref="SizeBytes"/> bytes, not all of them zero.</param>
public readonly record struct SnapshotPage(PageHash Hash, ReadOnlyMemory<byte> Contents)
{
    /// <summary>The length of every page in bytes, whatever the machine's own.</summary>
    public const int SizeBytes = 4096;
}
