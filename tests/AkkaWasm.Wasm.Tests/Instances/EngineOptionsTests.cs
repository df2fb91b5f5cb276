namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class EngineOptionsTests
{
    private static readonly WasmEngineOptions Pooled = new() { Allocation = InstanceAllocation.Pooling };

    public static TheoryData<string, WasmEngineOptions> OutOfRange => new()
    {
        { nameof(WasmEngineOptions.MaxStackBytes), new() { MaxStackBytes = 0 } },
        { nameof(WasmEngineOptions.MaxStackBytes), new() { MaxStackBytes = int.MaxValue } },
        { nameof(WasmEngineOptions.MemoryReservationBytes), new() { MemoryReservationBytes = -1 } },
        { nameof(WasmEngineOptions.MemoryGuardBytes), new() { MemoryGuardBytes = long.MaxValue } },
        { nameof(PoolingLimits.MaxInstances), Pooled with { Pooling = new() { MaxInstances = 0 } } },
        { nameof(PoolingLimits.MaxMemoryBytes), Pooled with { MemoryReservationBytes = 1 << 20 } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void What_the_library_would_die_of_is_refused_by_name(string name, WasmEngineOptions options) =>
        Assert.Contains(name, Assert.Throws<ArgumentOutOfRangeException>(() => new WasmEngine(options)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pool_larger_than_the_address_space_is_refused()
    {
        if (!OperatingSystem.IsLinux()) return;
        var fault = Assert.Throws<WasmEngineException>(() => new WasmEngine(Pooled with { Pooling = new() { MaxInstances = 1_000_000 } }));
        Assert.False(fault.IsTransient);
        Assert.Contains(nameof(PoolingLimits.MaxInstances), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_extremes_of_every_range_make_an_engine_that_runs()
    {
        foreach (var options in new WasmEngineOptions[]
        {
            new() { MaxStackBytes = 64 * 1024, MemoryReservationBytes = 0, MemoryGuardBytes = 0 },
            new() { MaxStackBytes = 512 * 1024, MemoryReservationBytes = 64L << 30, MemoryGuardBytes = 4L << 30 },
            Pooled with { MemoryReservationBytes = 1 << 20, MemoryGuardBytes = 0, Pooling = new() { MaxInstances = 1, MaxMemoryBytes = 65536, MaxTableElements = 1 } },
        })
        {
            using var engine = new WasmEngine(options);
            using var instance = Guests.Create("""(module (memory 1) (func (export "f") (result i32) (i32.load (i32.const 0))))""", engine: engine);
            Assert.Equal(0, instance.CallI32("f"));
        }
        new WasmEngine(new WasmEngineOptions { MaxStackBytes = 256 << 20 }).Dispose();
    }

    [Fact]
    public void The_fingerprint_tells_apart_what_compiles_differently_and_nothing_else()
    {
        var plain = new WasmEngineOptions().Fingerprint;

        Assert.Equal(plain, new WasmEngineOptions { CacheFolder = "somewhere", MaxStackBytes = 1 << 20 }.Fingerprint);
        Assert.Equal(4, new[] { plain, new WasmEngineOptions { ConsumeFuel = true }.Fingerprint, new WasmEngineOptions { CanonicalizeNan = true }.Fingerprint,
            new WasmEngineOptions { MemoryReservationBytes = 65536 }.Fingerprint }.Distinct().Count());
        Assert.Contains("50.0.1", plain, StringComparison.Ordinal);
    }
}
