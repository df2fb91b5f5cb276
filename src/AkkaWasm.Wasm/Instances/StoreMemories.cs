namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// Tells a store's GC heap from its linear memories, which the library asks for alike: it makes the heap before the memories of the first instance
/// that needs one, or outside of any instantiation. Known only where the host serves the memories (<see cref="HostMemoryCreator.Serves"/>).
/// </summary>
internal sealed class StoreMemories
{
    private List<HostMemory>? _made;

    /// <summary>The GC heap, or null if there is none yet, or none that the host serves.</summary>
    public HostMemory? GcHeap { get; private set; }

    /// <summary>Bytes that each linear memory may have.</summary>
    public long MemoryBytes { get; set; } = long.MaxValue;

    /// <summary>Bytes that the GC heap may have.</summary>
    public long GcHeapBytes { get; set; } = long.MaxValue;

    /// <summary>An instance is about to be made.</summary>
    public void BeginInstantiation() => _made = [];

    /// <summary>An instance was made, or not.</summary>
    /// <param name="ownMemories">The linear memories that its module defines.</param>
    public void EndInstantiation(int ownMemories)
    {
        if (_made is { } made && made.Count > ownMemories) GcHeap ??= made[0];
        _made = null;
    }

    public void Add(HostMemory memory)
    {
        if (_made is null) GcHeap ??= memory;
        else _made.Add(memory);
    }

    /// <summary>Whether a memory may grow to that size. While an instance is being made only the library's own limit holds.</summary>
    public bool MayGrow(HostMemory memory, nuint bytes) => _made is not null || bytes <= (nuint)(memory == GcHeap ? GcHeapBytes : MemoryBytes);
}
