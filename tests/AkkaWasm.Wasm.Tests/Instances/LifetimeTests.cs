using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Tests.Instances;

/// <summary>Counts what the process owns, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(AloneInProcess), DisableParallelization = true)]
public sealed class AloneInProcess;

[Collection(nameof(AloneInProcess))]
public sealed class LifetimeTests
{
    private const string Counter = """
        (module (memory (export "memory") 1) (global $g (mut i32) (i32.const 0))
          (func (export "add") (param i32) (result i32) (global.set $g (i32.add (global.get $g) (local.get 0))) (global.get $g)))
        """;

    [Fact]
    public void Everything_is_refused_after_dispose()
    {
        var engine = new WasmEngine();
        var module = Guests.Load(Counter, engine);
        var instance = WasmInstance.Create(module, Guests.None);
        var add = instance.GetFunction("add")!;
        var memory = instance.GetMemory(0);
        var snapshot = instance.Capture();
        instance.Dispose();
        instance.Dispose();

        Assert.Throws<ObjectDisposedException>(() => add.InvokeI32(1));
        Assert.Throws<ObjectDisposedException>(() => add.Invoke(WasmValue.FromI32(1)));
        Assert.Throws<ObjectDisposedException>(() => instance.GetFunction("add"));
        Assert.Throws<ObjectDisposedException>(() => instance.GetMemory(0));
        Assert.Throws<ObjectDisposedException>(() => memory.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.TryGetSpan(0, 1, out _));
        Assert.Throws<ObjectDisposedException>(() => instance.SetDeadline(1));
        Assert.Throws<ObjectDisposedException>(() => instance.Usage);
        Assert.Throws<ObjectDisposedException>(() => instance.Capture());
        Assert.Throws<ObjectDisposedException>(() => instance.ComputeHash());
        Assert.Throws<ObjectDisposedException>(() => instance.Restore(snapshot));
        Assert.Throws<ObjectDisposedException>(instance.ZeroScratchMemories);
        Assert.Throws<ObjectDisposedException>(instance.RunStart);
        module.Dispose();
        Assert.Throws<ObjectDisposedException>(() => WasmInstance.Create(module, Guests.None));
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Guests.Load(Counter, engine));
        Assert.Throws<ObjectDisposedException>(engine.IncrementEpoch);
    }

    [Fact]
    public void An_instance_outlives_its_module_and_engine()
    {
        var engine = new WasmEngine();
        var module = Guests.Load(Counter, engine);
        using var instance = WasmInstance.Create(module, Guests.None);
        module.Dispose();
        engine.Dispose();

        Assert.Equal(5, instance.CallI32("add", 5));
    }

    [Fact]
    public void A_thousand_instances_come_and_go_without_leaving_handles()
    {
        using var module = Guests.Load(Counter);
        using (WasmInstance.Create(module, Guests.None))
        {
        }
        var before = NativeHandle.OpenCount;

        for (var i = 0; i < 1000; i++)
        {
            using var instance = WasmInstance.Create(module, Guests.None);
            Assert.Equal(i, instance.CallI32("add", i));
        }

        Assert.True(NativeHandle.OpenCount <= before);
    }

    [Fact]
    public void Failed_creations_leave_no_handles_either()
    {
        using var module = Guests.Load("""(module (memory 1) (data (i32.const 65536) "x"))""");
        Assert.Throws<WasmTrapException>(() => WasmInstance.Create(module, Guests.None));
        var before = NativeHandle.OpenCount;

        for (var i = 0; i < 100; i++) Assert.Throws<WasmTrapException>(() => WasmInstance.Create(module, Guests.None));

        Assert.True(NativeHandle.OpenCount <= before);
    }

    [Fact]
    public async Task Two_instances_run_side_by_side_on_two_threads()
    {
        using var module = Guests.Load(Counter);
        var sums = await Task.WhenAll(Enumerable.Range(1, 2).Select(step => Task.Run(() =>
        {
            using var instance = WasmInstance.Create(module, Guests.None);
            var add = instance.GetFunction("add")!;
            var last = 0;
            for (var i = 0; i < 100_000; i++) last = add.InvokeI32(step);
            return last;
        })));

        Assert.Equal([100_000, 200_000], sums);
    }

    [Fact]
    public async Task A_second_thread_is_refused_while_a_call_is_running()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        var functions = new HostFunctions().Define("env", "wait", WasmFunctionType.Of([], []), (ref HostCall _) =>
        {
            entered.SetResult();
            release.Wait();
        });
        using var instance = Guests.Create(
            """(module (import "env" "wait" (func $w)) (func (export "run") (call $w)) (func (export "other")))""", functions);
        var running = Task.Run(() => instance.Call("run"));
        await entered.Task;

        Assert.Throws<InvalidOperationException>(() => instance.Call("other"));
        Assert.Throws<InvalidOperationException>(instance.Dispose);
        release.Set();
        await running;
        instance.Call("other");
    }
}
