using AkkaWasm.Wasm;

namespace AkkaWasm.Actors;

/// <summary>How the memories of guests find room.</summary>
public enum GuestAllocation
{
    /// <summary>
    /// Code runs at full speed: every memory has 4 GiB of address space, so that accesses need no checks. The system's limit of mappings bounds how
    /// many agents can be awake, to about 24,000 on an unchanged Linux.
    /// </summary>
    Fast,

    /// <summary>Small memories share mappings: 100,000 agents can be awake, and code that works in memory runs 1.0 to 1.6 times as long. Linux only.</summary>
    Dense,
}

/// <summary>Settings of the guests' engine. Those that change what a guest computes are written into every block of the log.</summary>
public sealed record GuestEngineOptions
{
    /// <summary>Agents that may be awake where nothing else bounds them: 1,000,000.</summary>
    public const int MostAwake = 1_000_000;

    private const int MappingsPerGuest = 2;
    private const double ShareOfMemory = 0.7;

    /// <summary>Whether fuel is counted, needed by <c>limits.fuel-per-turn</c>. Costs 1.1 to 2.5 times in run time. Off.</summary>
    public bool ConsumeFuel { get; init; }

    /// <summary>Whether NaNs have the same bits on every machine. Off.</summary>
    public bool CanonicalizeNan { get; init; }

    /// <summary>Stack of guest code, bytes; 512 KiB.</summary>
    public int MaxStackBytes { get; init; } = 512 << 10;

    /// <summary>How the memories of guests find room: fast.</summary>
    public GuestAllocation Allocation { get; init; } = GuestAllocation.Fast;

    /// <summary>
    /// Mappings of the process's address space that memories of guests may take, 1 or more: three quarters of what the system allows
    /// (<c>vm.max_map_count</c>). Beyond it agents are put to sleep. Linux only.
    /// </summary>
    public int MaxMappings { get; init; } = new WasmEngineOptions().MaxMappings;

    /// <summary>
    /// Agents that may be awake, 1 or more: at this limit the least recently used that have nothing to do are put to sleep. As many as
    /// <see cref="MaxMappings"/> has room for, two for each; <see cref="MostAwake"/> where memories share mappings.
    /// </summary>
    public int MaxAwake
    {
        get => field > 0 ? field : Allocation == GuestAllocation.Dense || !OperatingSystem.IsLinux() ? MostAwake : Math.Max(1, MaxMappings / MappingsPerGuest);
        init;
    }

    /// <summary>
    /// Memory that the process may have, bytes, before agents are put to sleep, least recently used first, until it has less: 70 % of what the machine
    /// or its container has.
    /// </summary>
    public long MaxMemoryBytes
    {
        get => field > 0 ? field : (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * ShareOfMemory);
        init;
    }

    /// <summary>How often running turns are checked against their deadline; 5 ms. Deadlines are rounded up to it.</summary>
    public TimeSpan EpochTick { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Threads that run guests; 0 for one per processor, at least two.</summary>
    public int Threads { get; init; }

    /// <summary>Folder for compiled modules; null for <c>cache</c> in the data folder, empty for none.</summary>
    public string? CacheFolder { get; init; }
}
