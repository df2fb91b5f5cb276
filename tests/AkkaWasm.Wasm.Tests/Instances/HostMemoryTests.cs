using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class HostMemoryTests
{
    private const string Grower = """
        (module (memory (export "memory") 1)
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "store") (param i32) (i32.store (local.get 0) (i32.const 7))))
        """;

    [Fact]
    public void A_growth_that_the_host_cannot_serve_fails_the_guest_as_an_operating_fault()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var engine = new WasmEngine(new WasmEngineOptions { MaxTotalMemoryBytes = 4 * 65536 });
        using var module = Guests.Load(Grower, engine);
        using (var instance = WasmInstance.Create(module, Guests.None))
        {
            Assert.Equal(1, instance.CallI32("grow", 3));

            var trap = Assert.Throws<WasmTrapException>(() => instance.CallI32("grow", 1));

            Assert.Equal(WasmFailureCode.HostOutOfMemory, trap.Code);
            Assert.True(instance.Faulted);
            Assert.True(Assert.Throws<WasmEngineException>(() => WasmInstance.Create(module, Guests.None)).IsTransient);
        }
        using var next = WasmInstance.Create(module, Guests.None);
        Assert.Equal(1, next.CallI32("grow", 3));
    }

    [Fact]
    public void The_guests_own_limit_still_answers_minus_one()
    {
        using var engine = new WasmEngine(new WasmEngineOptions { MaxTotalMemoryBytes = 4 * 65536 });
        using var instance = Guests.Create(Grower, limits: new WasmLimits { MemoryBytes = 2 * 65536 }, engine: engine);

        Assert.Equal(-1, instance.CallI32("grow", 3));
        Assert.False(instance.Faulted);
    }

    [Fact]
    public void After_the_host_ran_out_the_guest_reaches_no_host_function_any_more()
    {
        if (!OperatingSystem.IsLinux()) return;
        var reached = false;
        var functions = new HostFunctions().Define("env", "f", WasmFunctionType.Of([], []), (ref HostCall _) => reached = true);
        using var engine = new WasmEngine(new WasmEngineOptions { MaxTotalMemoryBytes = 65536 });
        using var instance = Guests.Create(
            """(module (import "env" "f" (func $f)) (memory 1) (func (export "run") (drop (memory.grow (i32.const 1))) (call $f)))""", functions, engine: engine);

        var trap = Assert.Throws<WasmTrapException>(() => instance.Call("run"));

        Assert.Equal(WasmFailureCode.HostOutOfMemory, trap.Code);
        Assert.False(reached);
    }

    [Theory]
    [InlineData(0L, 0L)]
    [InlineData(65536L, 0L)]
    [InlineData(1L << 20, 65536L)]
    public void A_memory_that_outgrows_its_reservation_moves_with_its_contents(long reservation, long guard)
    {
        using var engine = new WasmEngine(new WasmEngineOptions { MemoryReservationBytes = reservation, MemoryGuardBytes = guard });
        using var instance = Guests.Create(Grower, engine: engine);
        for (var pages = 1; pages < 200; pages += 7)
        {
            instance.Call("store", WasmValue.FromI32((pages * 65536) - 4));
            Assert.Equal(pages, instance.CallI32("grow", 7));
        }
        var memory = instance.GetMemory(0);
        for (var pages = 1; pages < 200; pages += 7) Assert.Equal(7, memory.GetSpan((ulong)(pages * 65536) - 4, 4)[0]);

        Assert.Equal(WasmFailureCode.MemoryOutOfBounds, Assert.Throws<WasmTrapException>(() => instance.Call("store", WasmValue.FromI32(0x7ffffff0))).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Room_is_given_back_in_full(bool isDense)
    {
        if (!OperatingSystem.IsLinux()) return;
        var budget = new HostMemoryBudget(1 << 20);
        var source = new HostMemorySource(budget, isDense);
        for (var i = 0; i < 100; i++)
        {
            var memory = HostMemory.TryCreate(source, null, 1 << 19, 0, 0)!;
            Assert.True(memory.TryGrow(1 << 20));
            Assert.Null(HostMemory.TryCreate(source, null, 1, 0, 0));
            memory.Free();
        }
        source.Free();
        Assert.Equal(0, budget.Mappings);
    }
}
