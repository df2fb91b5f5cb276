using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Stores;

public sealed class StoreFailureTests
{
    private const string Trapping = """
        (module $inner
          (global $g (mut i32) (i32.const 0))
          (func $boom (export "boom") (global.set $g (i32.const 5)) (unreachable))
          (func (export "g") (result i32) (global.get $g)))
        """;

    private const string Calling = """(module $outer (import "lib" "boom" (func $b)) (func $go (export "go") (call $b)))""";

    [Fact]
    public void A_failure_ends_the_store_unless_it_keeps_running()
    {
        var module = Guests.Load(Trapping);
        using var strict = new WasmStore(Guests.Engine);
        using var lenient = new WasmStore(Guests.Engine) { KeepsRunningAfterFailure = true };
        var ended = strict.Instantiate(module, new WasmImports());
        var goesOn = lenient.Instantiate(module, new WasmImports());

        Assert.Throws<WasmTrapException>(() => ended.Call("boom"));
        Assert.Throws<WasmTrapException>(() => goesOn.Call("boom"));

        Assert.True(strict.Faulted && ended.Faulted);
        Assert.Throws<InvalidOperationException>(() => ended.Call("g"));
        Assert.Throws<InvalidOperationException>(() => strict.Instantiate(module, new WasmImports()));
        Assert.False(lenient.Faulted);
        Assert.Equal(5, goesOn.CallI32("g"));
        Assert.Equal(2, CountAfterInstantiating(lenient, module));
    }

    [Fact]
    public void Frames_tell_the_module_and_function_of_each_instance()
    {
        using var store = new WasmStore(Guests.Engine);
        var inner = store.Instantiate(Guests.Engine.Load(System.Text.Encoding.UTF8.GetBytes(Trapping), "inner.wat"), new WasmImports());
        var outer = store.Instantiate(
            Guests.Engine.Load(System.Text.Encoding.UTF8.GetBytes(Calling), "outer.wat"), new WasmImports().Add("lib", inner));

        var failure = Assert.Throws<WasmTrapException>(() => outer.Call("go"));

        Assert.Equal([("inner.wat", "boom"), ("outer.wat", "go")], failure.Frames.Select(f => (f.Module, f.FunctionName)));
    }

    [Fact]
    public void The_host_may_survive_a_nested_failure_where_the_store_does()
    {
        var functions = new HostFunctions().Define("host", "try", WasmFunctionType.Of([], [WasmValueKind.I32]), (ref HostCall call) =>
        {
            var instance = call.Instance;
            var failure = Assert.Throws<WasmTrapException>(() => instance.Call("boom"));
            call.SetI32(0, failure.Code == WasmFailureCode.Unreachable ? 1 : 2);
        });
        const string wat = """
            (module (import "host" "try" (func $try (result i32))) (func (export "boom") (unreachable)) (func (export "run") (result i32) (call $try)))
            """;
        using var store = new WasmStore(Guests.Engine) { KeepsRunningAfterFailure = true };
        var instance = store.Instantiate(Guests.Load(wat), new WasmImports(functions));

        Assert.Equal(1, instance.CallI32("run"));
        Assert.Equal(1, instance.CallI32("run"));
    }

    [Fact]
    public void The_deadline_and_the_fuel_are_the_stores()
    {
        const string loop = """(module (func (export "loop") (loop $l (br $l))))""";
        var module = Guests.Load(loop, Guests.WithFuel);
        using var store = new WasmStore(Guests.WithFuel) { KeepsRunningAfterFailure = true };
        var first = store.Instantiate(module, new WasmImports());
        var second = store.Instantiate(module, new WasmImports());

        store.SetDeadline(0);
        Assert.Equal(WasmFailureCode.Interrupt, Assert.Throws<WasmTrapException>(() => first.Call("loop")).Code);
        store.SetDeadline(WasmStore.NoDeadline);
        second.Fuel = 1000;
        Assert.Equal(WasmFailureCode.OutOfFuel, Assert.Throws<WasmTrapException>(() => first.Call("loop")).Code);
        Assert.Equal(0ul, store.Fuel);
        Assert.Equal(1000ul, store.Usage.FuelUsed);
    }

    [Fact]
    public void An_instance_of_a_shared_store_goes_with_its_store()
    {
        var store = new WasmStore(Guests.Engine) { KeepsRunningAfterFailure = true };
        var instance = store.Instantiate(Guests.Load(Trapping), new WasmImports());
        var global = instance.GetFunction("g")!;
        instance.Dispose();

        Assert.Equal(0, global.Invoke()[0].AsI32());
        store.Dispose();
        store.Dispose();

        Assert.Throws<ObjectDisposedException>(() => global.Invoke());
        Assert.Throws<ObjectDisposedException>(() => instance.GetGlobal("x"));
        Assert.Throws<ObjectDisposedException>(() => store.Usage);
        Assert.Throws<ObjectDisposedException>(() => store.SetDeadline(1));
        Assert.Throws<ObjectDisposedException>(() => store.Capture());
        Assert.Throws<ObjectDisposedException>(() => store.Instantiate(instance.Module, new WasmImports()));
    }

    [Fact]
    public async Task A_second_thread_is_refused_in_all_instances()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        var functions = new HostFunctions().Define("env", "wait", WasmFunctionType.Of([], []), (ref HostCall _) =>
        {
            entered.SetResult();
            release.Wait();
        });
        using var store = new WasmStore(Guests.Engine);
        var waiting = store.Instantiate(
            Guests.Load("""(module (import "env" "wait" (func $w)) (func (export "run") (call $w)))"""), new WasmImports(functions));
        var other = store.Instantiate(
            Guests.Load("""(module (global (export "g") (mut i32) (i32.const 1)) (func (export "f")))"""), new WasmImports().Add("unused", waiting));
        var running = Task.Run(() => waiting.Call("run"));
        await entered.Task;

        Assert.Throws<InvalidOperationException>(() => other.Call("f"));
        Assert.Throws<InvalidOperationException>(() => other.GetGlobal("g")!.Value);
        Assert.Throws<InvalidOperationException>(() => store.Capture());
        Assert.Throws<InvalidOperationException>(() => store.Instantiate(other.Module, new WasmImports()));
        Assert.Throws<InvalidOperationException>(store.Dispose);
        release.Set();
        await running;
        other.Call("f");
    }

    private static int CountAfterInstantiating(WasmStore store, WasmModule module)
    {
        store.Instantiate(module, new WasmImports());
        return store.Instances.Count;
    }
}
