using AkkaWasm.Wasm.Tests.Instances;
using static AkkaWasm.Wasm.WasmValueKind;

namespace AkkaWasm.Wasm.Tests.Robustness;

/// <summary>Recursion without end through every form of call, and loops without end of every kind.</summary>
public sealed class EndlessTests
{
    private static readonly WasmFunctionType Nothing = WasmFunctionType.Of([], []);

    public static TheoryData<string> Recursions =>
    [
        "(func $run (export \"run\") (call $run))",
        "(func $run (export \"run\") (call_indirect $t (type $v) (i32.const 0))) (elem (table $t) (i32.const 0) func $run)",
        "(func $run (export \"run\") (call_ref $v (ref.func $run))) (elem declare func $run)",
        "(func $run (export \"run\") (call $again)) (func $again (call $run))",
        "(func $run (export \"run\") (call $host))",
        "(func $run (export \"run\") (call $host) (call $run))",
        "(func $run (export \"run\") (block $h (try_table (catch_all $h) (call $run))) (call $run))",
        "(func $run (export \"run\") (block $h (try_table (catch_all $h) (throw $e))) (call $run))",
        "(func $run (export \"run\") (local i64 i64 i64 i64 i64 i64 i64 i64) (call $run) (return_call $run))",
        "(func $run (export \"run\") (call $many) (drop) (drop) (drop) (drop)) (func $many (result i32 i32 i32 i32) (call $many))",
    ];

    public static TheoryData<string> Loops =>
    [
        "(func (export \"run\") (loop $l (br $l)))",
        "(func $run (export \"run\") (return_call $run))",
        "(func $run (export \"run\") (return_call_indirect $t (type $v) (i32.const 0))) (elem (table $t) (i32.const 0) func $run)",
        "(func $run (export \"run\") (return_call_ref $v (ref.func $run))) (elem declare func $run)",
        "(func (export \"run\") (loop $l (block $h (try_table (catch_all $h) (throw $e))) (br $l)))",
        "(func (export \"run\") (loop $l (call $host-once) (br $l)))",
        "(func (export \"run\") (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)))",
        "(func (export \"run\") (loop $l (table.fill $t (i32.const 0) (ref.null func) (i32.const 1)) (br $l)))",
        "(func (export \"run\") (loop $l (drop (struct.new_default $s)) (br $l)))",
        "(func (export \"run\") (loop $l (drop (array.new_default $a (i32.const 10000))) (br $l)))",
        "(func (export \"run\") (loop $l (drop (memory.grow (i32.const 0))) (br_if $l (i32.const 1))))",
    ];

    [Theory]
    [MemberData(nameof(Recursions))]
    public void A_recursion_without_end_is_a_trap(string functions)
    {
        using var instance = Create(functions, Guests.Engine);

        Assert.Equal(WasmFailureCode.StackOverflow, Assert.Throws<WasmTrapException>(() => instance.Call("run")).Code);
    }

    [Theory]
    [MemberData(nameof(Recursions))]
    public void The_same_in_a_start_function_is_a_trap(string functions)
    {
        using var instance = Create($"{functions} (start $run)", Guests.Engine);

        Assert.Equal(WasmFailureCode.StackOverflow, Assert.Throws<WasmTrapException>(instance.RunStart).Code);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void A_loop_without_end_ends_at_its_deadline(string functions)
    {
        using var engine = new WasmEngine();
        using var instance = Create(functions, engine);
        instance.SetDeadline(3);

        Assert.Equal(WasmFailureCode.Interrupt, Guests.WhileEpochMoves(engine, () => Assert.Throws<WasmTrapException>(() => instance.Call("run"))).Code);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void A_loop_without_end_ends_when_its_fuel_is_used_up(string functions)
    {
        using var instance = Create(functions, Guests.WithFuel);
        instance.Fuel = 100_000;

        Assert.Equal(WasmFailureCode.OutOfFuel, Assert.Throws<WasmTrapException>(() => instance.Call("run")).Code);
    }

    private static WasmInstance Create(string functions, WasmEngine engine)
    {
        var host = new HostFunctions()
            .Define("env", "host", Nothing, (ref HostCall call) => call.Instance.GetFunction("run")!.Invoke())
            .Define("env", "host-once", Nothing, (ref HostCall _) => { });
        return Guests.Create(
            $"""
            (module
              (type $v (func)) (type $s (struct (field i64))) (type $a (array (mut i8)))
              (import "env" "host" (func $host)) (import "env" "host-once" (func $host-once))
              (memory 1) (table $t 1 funcref) (tag $e)
              {functions})
            """, host, engine: engine);
    }
}
