using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Guests;

/// <summary>Every way a guest can fail, and what the mesh is told.</summary>
public sealed class GuestFaultTests
{
    [Theory]
    [InlineData("trap", FaultKind.Trap, "unreachable", "agent.wat!trap")]
    [InlineData("div", FaultKind.Trap, "integer-division-by-zero", "agent.wat!divide")]
    [InlineData("oob", FaultKind.Trap, "memory-out-of-bounds", "agent.wat!load_out_of_bounds")]
    [InlineData("stack", FaultKind.Trap, "stack-overflow", "agent.wat!recurse")]
    [InlineData("grow", FaultKind.Trap, "unreachable", "agent.wat!grow_without_end")]
    [InlineData("throw", FaultKind.UncaughtException, "uncaught-exception", null)]
    [InlineData("status", FaultKind.Status, "status", null)]
    [InlineData("fail", FaultKind.Failed, "failed", "agent.wat!mesh_handle")]
    [InlineData("loop", FaultKind.Deadline, "deadline", "agent.wat!loop_for_ever")]
    internal void A_failure_has_kind_code_and_back_trace(string data, FaultKind kind, string code, string? innermost)
    {
        using var bench = GuestBench.Of("counter", a => a with { Limits = new AgentLimits { Deadline = data == "loop" ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromMinutes(1) } });
        Assert.Null(bench.Initialize());

        var (fault, _) = bench.Handle(data);

        Assert.NotNull(fault);
        Assert.Equal((kind, code), (fault.Kind, fault.Code));
        Assert.EndsWith(".", fault.Message + (kind == FaultKind.Failed ? "." : ""), StringComparison.Ordinal);
        if (innermost is not null) Assert.StartsWith(innermost, fault.BackTrace[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_message_of_fail_is_the_guests_own()
    {
        using var bench = GuestBench.Of("counter");
        bench.Initialize();

        Assert.Equal("failed as the event asked for", bench.Handle("fail").Fault?.Message);
    }

    [Fact]
    public void A_turn_without_fuel_left_fails_and_its_fuel_is_counted()
    {
        using var bench = GuestBench.Of("counter", a => a with { Limits = new AgentLimits { FuelPerTurn = 100_000 } }, new GuestEngineOptions { ConsumeFuel = true });
        bench.Initialize();

        Assert.Null(bench.Handle("one").Fault);
        Assert.InRange(bench.Guest.Usage.Fuel, 1, 100_000);
        Assert.Equal((FaultKind.Fuel, "out-of-fuel"), bench.Handle("loop").Fault is { } fault ? (fault.Kind, fault.Code) : default);
    }

    [Fact]
    public void What_the_mesh_refuses_ends_the_turn_with_its_fault_and_the_guests_back_trace()
    {
        using var bench = GuestBench.Of("director", a => a with { Capabilities = new Capabilities { Publish = ["allowed.>"] } });
        bench.Initialize();

        var (fault, _) = bench.Handle("to forbidden.topic x");

        Assert.Equal((FaultKind.Capability, "may-not-publish"), (fault!.Kind, fault.Code));
        Assert.StartsWith("agent.wat!mesh_handle", fault.BackTrace[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_topic_that_is_none_is_a_bad_argument()
    {
        using var bench = GuestBench.Of("director");
        bench.Initialize();

        Assert.Equal((FaultKind.BadArgument, "bad-publish"), bench.Handle("to a..b x").Fault is { } fault ? (fault.Kind, fault.Code) : default);
    }

    [Fact]
    public void A_range_outside_of_the_memory_is_a_bad_argument()
    {
        using var bench = new GuestBench("""
            (module (import "mesh_v1" "publish" (func $p (param i32 i32 i32 i32))) (memory (export "memory") 1)
              (func (export "mesh_handle") (param i32) (result i32) (call $p (i32.const 65530) (i32.const 10) (i32.const 0) (i32.const 0)) (i32.const 0)))
            """);
        bench.Initialize();

        var fault = bench.Handle("x").Fault;

        Assert.Equal(FaultKind.BadArgument, fault!.Kind);
        Assert.Contains("10 bytes at 65530", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_memories_are_bounded_together()
    {
        using var bench = new GuestBench("""
            (module (memory (export "memory") 1) (memory (export "scratch") 1)
              (func (export "mesh_handle") (param i32) (result i32) (drop (memory.grow 1 (i32.const 1))) (i32.const 0)))
            """, a => a with { Limits = new AgentLimits { MemoryBytes = 2 << 16 } });
        bench.Initialize();

        Assert.Equal((FaultKind.Limit, "memory"), bench.Handle("x").Fault is { } fault ? (fault.Kind, fault.Code) : default);
    }
}
