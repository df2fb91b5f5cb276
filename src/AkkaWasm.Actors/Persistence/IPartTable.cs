using AkkaWasm.Mesh;

namespace AkkaWasm.Actors.Persistence;

/// <summary>A table of the parts of images and states by their names. Each call is one or more transactions, and what it wrote is safe when it returns. May be called by any thread.</summary>
internal interface IPartTable
{
    /// <summary>Writes parts; those that are there already stay.</summary>
    /// <returns>Bytes of the parts that were not there.</returns>
    long Write(IReadOnlyList<StatePart> parts);

    /// <summary>Which of some parts are there.</summary>
    HashSet<UInt128> Existing(IReadOnlyList<UInt128> names);

    /// <summary>The content of parts; those that are missing or damaged are not among them.</summary>
    Dictionary<UInt128, ReadOnlyMemory<byte>> Read(IReadOnlyList<UInt128> names);

    /// <summary>How many parts there are, and their bytes.</summary>
    (long Count, long Bytes) Size();

    /// <summary>All names from one to another, both included, rising.</summary>
    IEnumerable<UInt128> Names(UInt128 from, UInt128 to);

    /// <summary>Deletes parts.</summary>
    void Delete(IReadOnlyList<UInt128> names);
}
