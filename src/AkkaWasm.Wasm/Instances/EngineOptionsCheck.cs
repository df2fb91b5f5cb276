namespace AkkaWasm.Wasm.Instances;

/// <summary>Refuses options that the library would answer by ending the process.</summary>
internal static class EngineOptionsCheck
{
    private const long KiB = 1024;
    private const long GiB = 1L << 30;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="WasmEngineException">The machine has no address space for the pool.</exception>
    public static void Require(WasmEngineOptions options)
    {
        Range(nameof(options.MaxStackBytes), options.MaxStackBytes, 64 * KiB, GiB / 4);
        Range(nameof(options.MemoryReservationBytes), options.MemoryReservationBytes, 0, 64 * GiB);
        Range(nameof(options.MemoryGuardBytes), options.MemoryGuardBytes, 0, 4 * GiB);
        Range(nameof(options.MaxTotalMemoryBytes), options.MaxTotalMemoryBytes, 0, long.MaxValue);
        Range(nameof(options.MaxMappings), options.MaxMappings, 0, int.MaxValue);
        if (options.Allocation == InstanceAllocation.Dense && !OperatingSystem.IsLinux())
            throw new WasmEngineException("Dense instances are there on Linux only: choose another allocation.", isTransient: false);
        if (options.Allocation != InstanceAllocation.Pooling) return;
        var pool = options.Pooling;
        Range(nameof(pool.MaxInstances), pool.MaxInstances, 1, 1_000_000);
        Range(nameof(pool.MaxMemoriesPerModule), pool.MaxMemoriesPerModule, 1, 100);
        Range(nameof(pool.MaxTablesPerModule), pool.MaxTablesPerModule, 1, 100);
        Range(nameof(pool.MaxTableElements), pool.MaxTableElements, 1, 10_000_000);
        Range(nameof(pool.MaxMemoryBytes), pool.MaxMemoryBytes, 64 * KiB, options.MemoryReservationBytes);
        RequireAddressSpace(options);
    }

    /// <summary>Slots of memories, and of a GC heap for each instance; tables take 16 bytes an element at most.</summary>
    private static void RequireAddressSpace(WasmEngineOptions options)
    {
        var pool = options.Pooling;
        var slot = (UInt128)(options.MemoryReservationBytes + options.MemoryGuardBytes);
        var tables = (UInt128)pool.MaxTableElements * 16 * (UInt128)pool.MaxTablesPerModule;
        var needed = (UInt128)pool.MaxInstances * ((slot * (UInt128)(pool.MaxMemoriesPerModule + 1)) + tables);
        if (needed <= (UInt128)long.MaxValue && (!OperatingSystem.IsLinux() || HostPages.CanReserve((nuint)needed))) return;
        throw new WasmEngineException(
            $"A pool of {pool.MaxInstances} instances needs {needed >> 30} GiB of address space, more than there is: lower {nameof(pool.MaxInstances)} or {nameof(options.MemoryReservationBytes)}.",
            isTransient: false);
    }

    private static void Range(string name, long value, long least, long greatest)
    {
        if (value < least || value > greatest)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {greatest}.");
    }
}
