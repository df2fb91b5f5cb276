namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class CallTests
{
    [Fact]
    public void The_start_function_runs_when_it_is_told_to_and_not_before()
    {
        using var instance = Guests.Create(
            """(module (global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 7))) (start $s) (func (export "get") (result i32) (global.get $g)))""");
        Assert.Equal(0, instance.CallI32("get"));

        instance.RunStart();

        Assert.Equal(7, instance.CallI32("get"));
    }

    [Fact]
    public void A_start_function_that_traps_is_a_trap_and_a_module_without_one_does_nothing()
    {
        using var failing = Guests.Create("(module (func $s unreachable) (start $s))");
        using var without = Guests.Create("(module)");

        Assert.Equal(WasmFailureCode.Unreachable, Assert.Throws<WasmTrapException>(failing.RunStart).Code);
        without.RunStart();
        Assert.False(without.Faulted);
    }

    [Fact]
    public void The_quick_calls_take_their_signature_only()
    {
        using var instance = Guests.Create(
            """
            (module (func (export "a") (param i32) (result i32) (i32.mul (local.get 0) (i32.const -3)))
              (func (export "b") (param i64) (result i32) (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 32)))))
            """);
        var a = instance.GetFunction("a")!;
        var b = instance.GetFunction("b")!;

        Assert.Equal(-21, a.InvokeI32(7));
        Assert.Equal(-1, b.InvokeI64ToI32(-1));
        Assert.Contains("(i64) -> (i32)", Assert.Throws<InvalidOperationException>(() => b.InvokeI32(1)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => a.InvokeI64ToI32(1));
        Assert.Null(instance.GetFunction("c"));
    }

    [Fact]
    public void References_of_the_guest_are_null_or_opaque()
    {
        using var instance = Guests.Create(
            """
            (module (type $f (func)) (type $s (struct))
              (func $own) (elem declare func $own)
              (func (export "none") (result funcref externref anyref (ref null $f) (ref null $s))
                (ref.null func) (ref.null extern) (ref.null any) (ref.null $f) (ref.null $s))
              (func (export "some") (result funcref anyref (ref $f) (ref $s))
                (ref.func $own) (ref.i31 (i32.const 0)) (ref.func $own) (struct.new $s))
              (func (export "isnull") (param externref) (result i32) (ref.is_null (local.get 0)))
              (func (export "strict") (param (ref extern))))
            """);

        Assert.All(instance.Call("none"), r => Assert.True(r.IsNullReference));
        var some = instance.Call("some");
        Assert.All(some, r => Assert.False(r.IsNullReference));
        Assert.Equal("function", some[0].ToString());
        Assert.Equal(1, instance.Call("isnull", WasmValue.NullReference)[0].AsI32());
        Assert.Throws<ArgumentException>(() => instance.Call("isnull", some[0]));
        Assert.Throws<ArgumentException>(() => instance.Call("strict", WasmValue.NullReference));
        Assert.False(instance.Faulted);
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused_before_the_call()
    {
        using var instance = Guests.Create("""(module (func (export "f") (param i32 f64)))""");

        Assert.Contains("takes 2 arguments, not 1",
            Assert.Throws<ArgumentException>(() => instance.Call("f", WasmValue.FromI32(1))).Message, StringComparison.Ordinal);
        Assert.Contains("takes f64 as argument 1, not F32",
            Assert.Throws<ArgumentException>(() => instance.Call("f", WasmValue.FromI32(1), WasmValue.FromF32(1))).Message, StringComparison.Ordinal);
        instance.Call("f", WasmValue.FromI32(1), WasmValue.FromF64(1));
    }

    [Fact]
    public void Twenty_parameters_and_results_pass_through()
    {
        var types = string.Join(' ', Enumerable.Repeat("i64", 20));
        var gets = string.Join(' ', Enumerable.Range(0, 20).Reverse().Select(i => $"(local.get {i})"));
        using var instance = Guests.Create($"""(module (func (export "f") (param {types}) (result {types}) {gets}))""");

        var results = instance.Call("f", [.. Enumerable.Range(0, 20).Select(i => WasmValue.FromI64(i))]);

        Assert.Equal(Enumerable.Range(0, 20).Reverse().Select(i => (long)i), results.Select(r => r.AsI64()));
    }

    [Fact]
    public void A_segment_that_does_not_fit_traps_at_creation()
    {
        using var module = Guests.Load("""(module (memory 1) (data (i32.const 65536) "x"))""");

        var trap = Assert.Throws<WasmTrapException>(() => WasmInstance.Create(module, Guests.None));

        Assert.Equal(WasmFailureCode.MemoryOutOfBounds, trap.Code);
    }

    [Fact]
    public void A_frame_names_module_function_and_offset()
    {
        using var instance = Guests.Create(
            """(module (memory 0) (func $inner (drop (i32.load (i32.const -1)))) (func (export "outer") (call $inner)))""");

        var frames = Assert.Throws<WasmTrapException>(() => instance.Call("outer")).Frames;

        Assert.Equal(["inner", "outer"], frames.Select(f => f.FunctionName));
        Assert.Equal([0, 1], frames.Select(f => f.FunctionIndex));
        Assert.All(frames, f => Assert.Equal("guest.wat", f.Module));
        Assert.Equal("guest.wat!inner+0x3", frames[0].ToString());
    }
}
