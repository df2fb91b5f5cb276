using AkkaWasm.Wasm.Tests.Instances;
using static AkkaWasm.Wasm.WasmValueKind;

namespace AkkaWasm.Wasm.Tests.Robustness;

/// <summary>Host functions called, and failing, at every moment at which a guest can call them.</summary>
public sealed class HostStateTests
{
    private static readonly WasmFunctionType Nothing = WasmFunctionType.Of([], []);
    private static readonly WasmFunctionType I32ToI32 = WasmFunctionType.Of([I32], [I32]);

    [Theory]
    [InlineData("(block $h (try_table (catch_all $h) (call $fail)))")]
    [InlineData("(drop (block $h (result exnref) (try_table (catch_all_ref $h) (call $fail)) (unreachable)))")]
    [InlineData("(block $h (try_table (catch $e $h) (call $fail)))")]
    [InlineData("(block $h (try_table (catch_all $h) (block $i (try_table (catch_all $i) (call $fail)))))")]
    public void What_the_host_throws_passes_every_handler_of_the_guest(string body)
    {
        using var instance = Guests.Create(
            $"""(module (import "env" "fail" (func $fail)) (tag $e) (func (export "run") {body}))""",
            new HostFunctions().Define("env", "fail", Nothing, (ref HostCall _) => throw new FormatException("no good")));

        var trap = Assert.Throws<WasmTrapException>(() => instance.Call("run"));

        Assert.Equal(WasmFailureCode.HostFailure, trap.Code);
        Assert.IsType<FormatException>(trap.InnerException);
    }

    [Theory]
    [InlineData("(throw $e)", WasmFailureCode.UncaughtException)]
    [InlineData("(unreachable)", WasmFailureCode.Unreachable)]
    [InlineData("(call $inner)", WasmFailureCode.StackOverflow)]
    public void A_nested_call_that_fails_passes_through_host_and_guest_frames(string inner, WasmFailureCode code)
    {
        using var instance = Guests.Create(
            $"""
            (module (import "env" "again" (func $again)) (tag $e) (func $inner (export "inner") {inner})
              (func (export "run") (block $h (try_table (catch_all $h) (call $again)))))
            """,
            new HostFunctions().Define("env", "again", Nothing, (ref HostCall call) => call.Instance.GetFunction("inner")!.Invoke()));

        Assert.Equal(code, Assert.Throws<WasmTrapException>(() => instance.Call("run")).Code);
        Assert.True(instance.Faulted);
    }

    [Fact]
    public void A_host_function_is_served_in_the_start_function_and_may_fail_there()
    {
        const string wat = """(module (import "env" "f" (func $f (param i32) (result i32))) (func $s (drop (call $f (i32.const 7)))) (start $s))""";
        var seen = 0;
        using var fine = Guests.Create(wat, new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall call) => seen = call.I32(0)));
        using var failing = Guests.Create(wat, new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall _) => throw new FormatException("no good")));

        fine.RunStart();

        Assert.Equal(7, seen);
        Assert.Equal(WasmFailureCode.HostFailure, Assert.Throws<WasmTrapException>(failing.RunStart).Code);
    }

    [Fact]
    public void Everything_that_may_not_happen_inside_a_call_is_refused_and_the_call_goes_on()
    {
        using var module = Guests.Load("""(module (import "env" "f" (func $f (param i32) (result i32))) (func (export "run") (param i32) (result i32) (call $f (local.get 0))))""");
        WasmSnapshot? snapshot = null;
        var functions = new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall call) =>
        {
            var instance = call.Instance;
            Assert.Throws<InvalidOperationException>(instance.Dispose);
            Assert.Throws<InvalidOperationException>(() => instance.Capture());
            Assert.Throws<InvalidOperationException>(() => instance.ComputeHash());
            Assert.Throws<InvalidOperationException>(() => instance.Restore(snapshot!));
            call.SetI32(0, call.I32(0) + 1);
        });
        using var instance = WasmInstance.Create(module, functions);
        snapshot = instance.Capture();

        Assert.Equal(42, instance.CallI32("run", 41));
    }

    [Fact]
    public void Guests_may_be_made_called_failed_and_disposed_inside_a_call_of_another()
    {
        using var failing = Guests.Load("""(module (func (export "run") unreachable))""");
        using var outer = Guests.Create(
            """(module (import "env" "f" (func $f (param i32) (result i32))) (func (export "run") (param i32) (result i32) (call $f (local.get 0))))""",
            new HostFunctions().Define("env", "f", I32ToI32, (ref HostCall call) =>
            {
                using var inner = WasmInstance.Create(failing, Guests.None);
                Assert.Equal(WasmFailureCode.Unreachable, Assert.Throws<WasmTrapException>(() => inner.Call("run")).Code);
                call.SetI32(0, call.I32(0));
            }));

        Assert.Equal(5, outer.CallI32("run", 5));
        Assert.False(outer.Faulted);
    }

    [Fact]
    public void A_deadline_that_passes_inside_a_host_function_ends_the_guest_when_it_returns()
    {
        using var engine = new WasmEngine();
        using var instance = Guests.Create(
            """(module (import "env" "slow" (func $slow)) (func (export "run") (call $slow) (loop $l (br $l))))""",
            new HostFunctions().Define("env", "slow", Nothing, (ref HostCall _) =>
            {
                for (var i = 0; i < 10; i++) engine.IncrementEpoch();
            }), engine: engine);
        instance.SetDeadline(5);

        Assert.Equal(WasmFailureCode.Interrupt, Assert.Throws<WasmTrapException>(() => instance.Call("run")).Code);
    }
}
