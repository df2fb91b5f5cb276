using static AkkaWasm.Wasm.WasmValueKind;

namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class HostFunctionTests
{
    private static readonly WasmFunctionType I32ToI32 = WasmFunctionType.Of([I32], [I32]);

    [Fact]
    public void Arguments_and_results_of_every_number_and_vector_type_arrive_unchanged()
    {
        var functions = new HostFunctions().Define("env", "swap", WasmFunctionType.Of([I32, I64, F32, F64, V128], [V128, F64, F32, I64, I32]),
            (ref HostCall call) =>
            {
                call.SetV128(0, call.V128(4));
                call.SetF64(1, call.F64(3));
                call.SetF32(2, call.F32(2));
                call.SetI64(3, call.I64(1));
                call.SetI32(4, call.I32(0));
            });
        using var instance = Guests.Create(
            """
            (module (import "env" "swap" (func $swap (param i32 i64 f32 f64 v128) (result v128 f64 f32 i64 i32)))
              (func (export "run") (param i32 i64 f32 f64 v128) (result v128 f64 f32 i64 i32)
                (call $swap (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))))
            """, functions);
        var vector = new UInt128(0x0123456789abcdef, 0xfedcba9876543210);

        var results = instance.Call("run", WasmValue.FromI32(-2), WasmValue.FromI64(long.MinValue), WasmValue.FromF32(1.5f),
            WasmValue.FromF64(-0.0), WasmValue.FromV128(vector));

        Assert.Equal(vector, results[0].AsV128());
        Assert.Equal(-0.0, results[1].AsF64());
        Assert.True(double.IsNegative(results[1].AsF64()));
        Assert.Equal(1.5f, results[2].AsF32());
        Assert.Equal(long.MinValue, results[3].AsI64());
        Assert.Equal(-2, results[4].AsI32());
    }

    [Fact]
    public void A_result_that_is_not_set_is_zero()
    {
        var functions = new HostFunctions()
            .Define("env", "one", I32ToI32, (ref HostCall _) => { })
            .Define("env", "two", WasmFunctionType.Of([I32, I32], [I32, I32]), (ref HostCall call) => call.SetI32(1, call.I32(0)));
        using var instance = Guests.Create(
            """
            (module (import "env" "one" (func $one (param i32) (result i32))) (import "env" "two" (func $two (param i32 i32) (result i32 i32)))
              (func (export "run") (result i32 i32 i32) (call $one (i32.const 5)) (call $two (i32.const 6) (i32.const 7))))
            """, functions);

        Assert.Equal([0, 0, 6], instance.Call("run").Select(r => r.AsI32()));
    }

    [Fact]
    public void More_arguments_than_usual_with_several_results_do_not_overwrite_each_other()
    {
        var kinds = Enumerable.Repeat(I32, 40).ToArray();
        var functions = new HostFunctions().Define("env", "sum", WasmFunctionType.Of(kinds, [I32, I32]), (ref HostCall call) =>
        {
            call.SetI32(0, -1);
            call.SetI32(1, -1);
            var sum = 0;
            for (var i = 0; i < 40; i++) sum += call.I32(i);
            call.SetI32(0, sum);
        });
        var parameters = string.Join(' ', kinds.Select(_ => "i32"));
        var values = string.Join(' ', Enumerable.Range(1, 40).Select(i => $"(i32.const {i})"));
        using var instance = Guests.Create(
            $"""(module (import "env" "sum" (func $sum (param {parameters}) (result i32 i32))) (func (export "run") (result i32 i32) (call $sum {values})))""",
            functions);

        Assert.Equal([820, -1], instance.Call("run").Select(r => r.AsI32()));
    }

    [Fact]
    public void What_a_host_function_throws_is_a_trap_of_the_guest_with_the_exception_inside()
    {
        var functions = new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall _) => throw new FormatException("no good"));
        using var instance = Guests.Create(
            """(module (import "env" "f" (func $f (param i32) (result i32))) (func $run (export "run") (drop (call $f (i32.const 1)))))""", functions);

        var trap = Assert.Throws<WasmTrapException>(() => instance.Call("run"));

        Assert.Equal(WasmFailureCode.HostFailure, trap.Code);
        Assert.IsType<FormatException>(trap.InnerException);
        Assert.Contains("no good", trap.Message, StringComparison.Ordinal);
        Assert.Equal("run", trap.Frames[0].FunctionName);
        Assert.True(instance.Faulted);
    }

    [Fact]
    public void Asking_for_an_argument_of_another_type_fails_the_guest_and_names_the_function()
    {
        var functions = new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall call) => call.I64(0));
        using var instance = Guests.Create(
            """(module (import "env" "f" (func $f (param i32) (result i32))) (func (export "run") (drop (call $f (i32.const 1)))))""", functions);

        var trap = Assert.Throws<WasmTrapException>(() => instance.Call("run"));

        Assert.IsType<ArgumentException>(trap.InnerException);
        Assert.Contains("env.f (i32) -> (i32) has no argument 0 that is the i64", trap.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_function_may_call_back_into_its_guest_and_see_its_state()
    {
        var functions = new HostFunctions().Define("env", "twice", I32ToI32, (ref HostCall call) =>
        {
            Assert.Equal("the state", call.Instance.HostState);
            var inner = call.Instance.GetFunction("inner")!;
            call.SetI32(0, inner.InvokeI32(inner.InvokeI32(call.I32(0))));
        });
        using var instance = Guests.Create(
            """
            (module (import "env" "twice" (func $twice (param i32) (result i32)))
              (func (export "inner") (param i32) (result i32) (i32.add (local.get 0) (i32.const 10)))
              (func (export "run") (param i32) (result i32) (call $twice (local.get 0))))
            """, functions);
        instance.HostState = "the state";

        Assert.Equal(21, instance.CallI32("run", 1));
    }

    [Fact]
    public void A_trap_in_a_nested_call_keeps_its_code_and_fails_the_outer_call_even_if_the_host_hides_it()
    {
        const string Wat =
            """
            (module (import "env" "f" (func $f (param i32) (result i32)))
              (func (export "inner") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
              (func (export "run") (param i32) (result i32) (call $f (local.get 0))))
            """;
        using var open = Guests.Create(Wat, new HostFunctions().Define("env", "f", I32ToI32,
            (ref HostCall call) => call.SetI32(0, call.Instance.GetFunction("inner")!.InvokeI32(call.I32(0)))));
        using var hidden = Guests.Create(Wat, new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall call) =>
        {
            try
            {
                call.Instance.GetFunction("inner")!.InvokeI32(call.I32(0));
            }
            catch (WasmTrapException)
            {
                call.SetI32(0, 1);
            }
        }));

        Assert.Equal(1, open.CallI32("run", 1));
        var trap = Assert.Throws<WasmTrapException>(() => open.CallI32("run", 0));
        Assert.Equal(WasmFailureCode.IntegerDivisionByZero, trap.Code);
        Assert.IsType<WasmTrapException>(trap.InnerException);
        Assert.Throws<WasmTrapException>(() => hidden.CallI32("run", 0));
        Assert.True(hidden.Faulted);
    }

    [Fact]
    public void Recursion_through_host_and_guest_ends_in_a_trap()
    {
        var functions = new HostFunctions().Define("env", "f", I32ToI32,
            (ref HostCall call) => call.SetI32(0, call.Instance.GetFunction("run")!.InvokeI32(call.I32(0))));
        using var instance = Guests.Create(
            """(module (import "env" "f" (func $f (param i32) (result i32))) (func (export "run") (param i32) (result i32) (call $f (local.get 0))))""",
            functions);

        Assert.Equal(WasmFailureCode.StackOverflow, Assert.Throws<WasmTrapException>(() => instance.CallI32("run", 0)).Code);
    }

    [Fact]
    public void One_function_serves_32_and_64_bit_pointers_under_two_signatures()
    {
        HostFunction length = (ref HostCall call) => call.SetAddress(0, call.Address(0) + call.Address(1));
        var functions = new HostFunctions()
            .Define("env", "f", WasmFunctionType.Of([I32, I32], [I32]), length)
            .Define("env", "f", WasmFunctionType.Of([I64, I64], [I64]), length);
        using var narrow = Guests.Create(
            """(module (import "env" "f" (func $f (param i32 i32) (result i32))) (func (export "run") (result i32) (call $f (i32.const 0x80000000) (i32.const 1))))""",
            functions);
        using var wide = Guests.Create(
            """(module (import "env" "f" (func $f (param i64 i64) (result i64))) (func (export "run") (result i64) (call $f (i64.const 0x100000000) (i64.const 1))))""",
            functions);

        Assert.Equal(unchecked((int)0x80000001), narrow.Call("run")[0].AsI32());
        Assert.Equal(0x100000001, wide.Call("run")[0].AsI64());
    }

    [Theory]
    [InlineData("""(import "env" "g" (func))""", "env.g () -> (); env offers f")]
    [InlineData("""(import "other" "f" (func))""", "nothing is offered under other")]
    [InlineData("""(import "env" "f" (func (param i64)))""", "env.f as (i64) -> (), but the host offers it as (i32) -> (i32)")]
    [InlineData("""(import "env" "memory" (memory 1))""", "imports the memory env.memory")]
    public void An_import_that_is_not_served_is_refused_by_name(string import, string message)
    {
        var functions = new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall _) => { });
        using var module = Guests.Load($"(module {import})");

        var refused = Assert.Throws<ModuleRefusedException>(() => WasmInstance.Create(module, functions));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Message, Assert.Throws<ModuleRefusedException>(() => functions.Check(module.Description)).Message);
    }

    [Fact]
    public void Definitions_are_refused_twice_with_references_and_after_first_use()
    {
        var functions = new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall _) => { });
        Assert.Throws<ArgumentException>(() => functions.Define("env", "f", I32ToI32, (ref HostCall _) => { }));
        Assert.Throws<ArgumentException>(() => functions.Define("env", "r", new WasmFunctionType([WasmValueType.FuncRef], []), (ref HostCall _) => { }));
        using var instance = Guests.Create("(module)", functions);

        Assert.Throws<InvalidOperationException>(() => functions.Define("env", "g", I32ToI32, (ref HostCall _) => { }));
    }
}
