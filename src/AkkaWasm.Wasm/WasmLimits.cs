namespace AkkaWasm.Wasm;

/// <summary>
/// What the instances of a store may take each. What a guest asks for beyond it is answered by the instructions' own failure value, -1 for
/// <c>memory.grow</c> and <c>table.grow</c>; a module that needs more from the start is refused.
/// </summary>
public sealed record WasmLimits
{
    /// <summary>The limits that hold unless others are given.</summary>
    public static readonly WasmLimits Default = new();

    /// <summary>Bytes of each linear memory: 256 MiB.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Bytes of the GC heap that a store's instances share: 256 MiB. It begins with 64 KiB and doubles, or grows by what one object needs if that is
    /// more; the first growth past the limit is refused, so at least half of the limit can be used, and all of a power of two by small objects. A
    /// guest that needs more fails with <see cref="WasmFailureCode.GcHeapOutOfMemory"/>. On other systems than Linux and in pools
    /// <see cref="MemoryBytes"/> bounds the GC heap too.
    /// </summary>
    public long GcHeapBytes { get; init; } = 256L << 20;

    /// <summary>Elements of each table: 1,000,000.</summary>
    public long TableElements { get; init; } = 1_000_000;

    /// <summary>Linear memories of the module: 100.</summary>
    public int Memories { get; init; } = 100;

    /// <summary>Tables of the module: 100.</summary>
    public int Tables { get; init; } = 100;

    /// <summary>Instances in one store: 10,000.</summary>
    public int Instances { get; init; } = 10_000;
}
