namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>How this version of the library lays objects out in its heap. Nothing is read by it that was not tried out first.</summary>
internal static class HeapLayout
{
    /// <summary>What precedes the fields of a struct.</summary>
    public const int HeaderBytes = 24;

    /// <summary>Where an array keeps its length, an unsigned 32-bit number.</summary>
    public const int ArrayLengthOffset = 24;

    /// <summary>What precedes the elements of an array, before they are aligned.</summary>
    public const int ArrayHeaderBytes = 28;

    /// <summary>Where an object keeps the engine's number of its type, which is 32 bits.</summary>
    public const int TypeOffset = 4;

    /// <summary>Where an object keeps its kind, in the highest bits of 32.</summary>
    public const int KindOffset = 0;
}
