namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Reads objects of the heap by their raw references. Contents come as an image has them, but for references to objects, which stay raw.
/// </summary>
internal abstract class ObjectReader
{
    /// <summary>Not a struct or array of a guest: a host's reference.</summary>
    public const int HostReference = -1;

    /// <summary>The <see cref="CanonicalType.Number"/> of the object's own type, or <see cref="HostReference"/>. Not for exceptions.</summary>
    public abstract int TypeOf(uint raw);

    /// <summary>All fields of a struct, one after the other.</summary>
    public abstract void ReadStruct(CanonicalType type, uint raw, Span<byte> fields);

    /// <summary>The length of an array.</summary>
    public abstract uint LengthOf(uint raw);

    /// <summary>All elements of an array.</summary>
    public abstract void ReadArray(CanonicalType type, uint raw, Span<byte> elements);
}
