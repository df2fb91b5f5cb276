namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class LimitTests
{
    private const string Endless = """(module (func (export "run") (loop $l (br $l))))""";

    [Fact]
    public void An_endless_loop_ends_when_the_epoch_passes_its_deadline()
    {
        using var engine = new WasmEngine();
        using var instance = Guests.Create(Endless, engine: engine);
        instance.SetDeadline(2);

        Assert.Equal(WasmFailureCode.Interrupt, Guests.WhileEpochMoves(engine, () => Assert.Throws<WasmTrapException>(() => instance.Call("run"))).Code);
    }

    [Fact]
    public void A_deadline_of_zero_ticks_interrupts_at_once_and_without_one_guests_run_on()
    {
        using var engine = new WasmEngine();
        using var unbound = Guests.Create("""(module (func (export "run")))""", engine: engine);
        for (var i = 0; i < 1000; i++) engine.IncrementEpoch();
        unbound.Call("run");

        unbound.SetDeadline(0);

        Assert.Equal(WasmFailureCode.Interrupt, Assert.Throws<WasmTrapException>(() => unbound.Call("run")).Code);
    }

    [Fact]
    public void Fuel_counts_down_and_ends_the_guest_when_it_is_used_up()
    {
        using var instance = Guests.Create(
            """(module (func (export "run") (loop $l (br $l))) (func (export "short") (nop)))""", engine: Guests.WithFuel);
        instance.Fuel = 10_000;
        instance.Call("short");
        var used = instance.Usage.FuelUsed;
        Assert.InRange(used, 1UL, 100UL);
        Assert.Equal(10_000 - used, instance.Fuel);

        var trap = Assert.Throws<WasmTrapException>(() => instance.Call("run"));

        Assert.Equal(WasmFailureCode.OutOfFuel, trap.Code);
    }

    [Fact]
    public void Fuel_is_refused_where_the_engine_does_not_count_it()
    {
        using var instance = Guests.Create(Endless);
        Assert.Throws<InvalidOperationException>(() => instance.Fuel = 1);
        Assert.Equal(0UL, instance.Usage.FuelUsed);
    }

    [Fact]
    public void Growth_beyond_the_limits_answers_minus_one_and_the_guest_goes_on()
    {
        using var instance = Guests.Create(
            """
            (module (memory 1) (table $t 1 funcref)
              (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "table") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0))))
            """,
            limits: new WasmLimits { MemoryBytes = 3 * 65536, TableElements = 10 });

        Assert.Equal(1, instance.CallI32("memory", 2));
        Assert.Equal(-1, instance.CallI32("memory", 1));
        Assert.Equal(1, instance.CallI32("table", 9));
        Assert.Equal(-1, instance.CallI32("table", 1));
        Assert.Equal(new WasmUsage(3 * 65536, 10, 0, 0), instance.Usage);
        Assert.False(instance.Faulted);
    }

    [Theory]
    [InlineData("(module (memory 4))", "memory 0", nameof(WasmLimits.MemoryBytes))]
    [InlineData("(module (table 11 funcref))", "table 0", nameof(WasmLimits.TableElements))]
    [InlineData("(module (memory 1) (memory 1) (memory 1))", "3 memories", nameof(WasmLimits.Memories))]
    public void A_module_that_begins_beyond_a_limit_is_refused_by_name(string wat, string what, string limit)
    {
        var limits = new WasmLimits { MemoryBytes = 3 * 65536, TableElements = 10, Memories = 2 };

        var refused = Assert.Throws<ModuleRefusedException>(() => Guests.Create(wat, limits: limits));

        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
        Assert.Contains(limit, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_back_trace_of_an_endless_recursion_is_bounded()
    {
        using var instance = Guests.Create("""(module (func $deep (export "run") (call $deep)))""");

        var trap = Assert.Throws<WasmTrapException>(() => instance.Call("run"));

        Assert.Equal(WasmFailureCode.StackOverflow, trap.Code);
        Assert.InRange(trap.Frames.Count, 1, WasmTrapException.MaxFrames);
        Assert.Contains("StackOverflow: the call stack is used up", trap.ToString(), StringComparison.Ordinal);
        Assert.Contains("   at guest.wat!deep", trap.ToString(), StringComparison.Ordinal);
    }
}
