using System.Globalization;
using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Snapshots;
using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm;

/// <summary>How the engine finds room for instances.</summary>
public enum InstanceAllocation
{
    /// <summary>Each instance gets memory from the operating system when it is made. No bound but that of the system.</summary>
    OnDemand,

    /// <summary>
    /// Instances take prepared slots (<see cref="PoolingLimits"/>): about three times quicker to make, but a module that does not fit a slot is
    /// refused and so is an instance when all slots are taken.
    /// </summary>
    Pooling,

    /// <summary>
    /// Many small instances: memories up to 4 MiB share a few large mappings, so that 50,000 instances and more fit a process
    /// (<see cref="WasmEngineOptions.MaxMappings"/>). All accesses to memories are checked by instructions, which costs 1.0 to 1.6 times in run time;
    /// <see cref="WasmEngineOptions.MemoryReservationBytes"/> and <see cref="WasmEngineOptions.MemoryGuardBytes"/> count as 0. Linux only.
    /// </summary>
    Dense,
}

/// <summary>The size of the pool if instances are pooled. Address space is reserved for all of it at once.</summary>
public sealed record PoolingLimits
{
    /// <summary>Instances at a time: 1,000, the library's own default.</summary>
    public int MaxInstances { get; init; } = 1_000;

    /// <summary>Memories per module: 2, one and a scratch memory.</summary>
    public int MaxMemoriesPerModule { get; init; } = 2;

    /// <summary>Tables per module: 2.</summary>
    public int MaxTablesPerModule { get; init; } = 2;

    /// <summary>Elements per table: 20,000, the library's own default.</summary>
    public int MaxTableElements { get; init; } = 20_000;

    /// <summary>Bytes per memory: 64 MiB. Memories beyond 4 GiB need <see cref="InstanceAllocation.OnDemand"/>.</summary>
    public long MaxMemoryBytes { get; init; } = 64L << 20;
}

/// <summary>
/// What an engine is made with. Immutable. WebAssembly 3.0 is always on in full, threads and shared memories are always off, relaxed SIMD is
/// always deterministic, and code is always compiled for speed with epoch checks.
/// </summary>
public sealed record WasmEngineOptions
{
    /// <summary>Whether executed instructions are counted against <see cref="WasmInstance.Fuel"/>. Costs 1.1 to 2.5 times in run time. Off.</summary>
    public bool ConsumeFuel { get; init; }

    /// <summary>
    /// Whether every NaN a guest computes has the same bits on every machine. Needed only where machines of different architectures share a
    /// log; costs up to 3.6 times in floating-point code. Off.
    /// </summary>
    public bool CanonicalizeNan { get; init; }

    /// <summary>Where instances get their room: on demand.</summary>
    public InstanceAllocation Allocation { get; init; } = InstanceAllocation.OnDemand;

    /// <summary>The pool's size; used only if <see cref="Allocation"/> is <see cref="InstanceAllocation.Pooling"/>.</summary>
    public PoolingLimits Pooling { get; init; } = new();

    /// <summary>
    /// The folder that compiled modules are kept in, or null to compile each time. Machine code is loaded from it, so nobody else may be able
    /// to write there; the engine creates it readable and writable by its owner only.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// The stack that guest code may use before it traps, in bytes, 64 KiB to 256 MiB: 512 KiB, the library's own default. Threads that call guests need this and
    /// at least 256 KiB more; .NET's own have 1.5 MiB.
    /// </summary>
    public int MaxStackBytes { get; init; } = 512 * 1024;

    /// <summary>
    /// Address space reserved for each memory in bytes: 4 GiB, so that 32-bit memories need no bounds checks and never move. Smaller values make
    /// room for more instances and cost 1.0 to 1.6 times in run time.
    /// </summary>
    public long MemoryReservationBytes { get; init; } = 4L << 30;

    /// <summary>Unmapped space behind each memory that catches accesses with offsets, in bytes: 32 MiB, the library's own default.</summary>
    public long MemoryGuardBytes { get; init; } = 32L << 20;

    /// <summary>
    /// Bytes that all memories and GC heaps of the engine may have together, touched or not: no bound. A growth beyond it fails the guest with
    /// <see cref="WasmFailureCode.HostOutOfMemory"/>, as when the operating system has no more. On demand on Linux only.
    /// </summary>
    public long MaxTotalMemoryBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Mappings of the process's address space that memories and GC heaps may take: three quarters of what the system allows a process
    /// (<c>vm.max_map_count</c>), because at its limit .NET itself ends the process. A memory takes two, a small one of
    /// <see cref="InstanceAllocation.Dense"/> instances none. Beyond it no instance can be made until another is disposed of. Linux only, not with a pool.
    /// </summary>
    public int MaxMappings { get; init; } = HostMappings.Default;

    /// <summary>How large a module may be.</summary>
    public ModuleLimits ModuleLimits { get; init; } = ModuleLimits.Default;

    /// <summary>How far the kernel is asked which pages a snapshot has to look at; the tests force each way.</summary>
    internal PageTracking PageTracking { get; init; } = PageTracking.Written;

    /// <summary>
    /// Everything that decides what machine code a module becomes, as one line: engine version, architecture, options. Compiled modules are
    /// exchanged only between equal fingerprints, and the log's block headers carry it.
    /// </summary>
    public string Fingerprint => string.Create(
        CultureInfo.InvariantCulture,
        $"wasmtime {WasmEngine.EngineVersion}; {RuntimeInformation.RuntimeIdentifier}; fuel {(ConsumeFuel ? 1 : 0)}; nan {(CanonicalizeNan ? 1 : 0)}; reservation {MemoryReservationBytes}; guard {MemoryGuardBytes}; allocation {Allocation}");
}
