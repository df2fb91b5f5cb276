using System.Runtime.CompilerServices;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Stores;

[Collection(nameof(AloneInProcess))]
public sealed class StoreLifetimeTests
{
    private const string Table = """
        (module (table (export "table") 2 funcref) (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
        """;

    private const string Filler = """
        (module (import "t" "table" (table 2 funcref)) (import "h" "f" (func $f (result i32)))
          (global $g (mut i32) (i32.const 40)) (elem (i32.const 0) $count $f)
          (func $count (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
        """;

    [Fact]
    public void Functions_in_a_table_work_when_the_host_has_forgotten_who_put_them_there()
    {
        using var store = new WasmStore(Guests.Engine);
        using var tableModule = Guests.Load(Table);
        var table = store.Instantiate(tableModule, new WasmImports());
        PutAndForget(store, table);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.Equal(41, table.CallI32("call", 0));
        Assert.Equal(42, table.CallI32("call", 0));
        Assert.Equal(7, table.CallI32("call", 1));
    }

    [Fact]
    public void Modules_and_engine_may_go_before_the_store()
    {
        var engine = new WasmEngine();
        var (tableModule, fillerModule) = (Guests.Load(Table, engine), Guests.Load(Filler, engine));
        using var store = new WasmStore(engine);
        var table = store.Instantiate(tableModule, new WasmImports());
        var filler = store.Instantiate(fillerModule, new WasmImports(Seven()).Add("t", table));
        tableModule.Dispose();
        fillerModule.Dispose();
        engine.Dispose();

        filler.RunStart();

        Assert.Equal(41, table.CallI32("call", 0));
        Assert.Throws<ObjectDisposedException>(() => store.Instantiate(tableModule, new WasmImports()));
        Assert.Throws<ObjectDisposedException>(() => new WasmStore(engine));
    }

    [Fact]
    public void Stores_come_and_go_without_leaving_handles_with_and_without_failures()
    {
        using var tableModule = Guests.Load(Table);
        using var fillerModule = Guests.Load(Filler);
        void Live()
        {
            using var store = new WasmStore(Guests.Engine) { KeepsRunningAfterFailure = true };
            var table = store.Instantiate(tableModule, new WasmImports());
            Assert.Throws<ModuleRefusedException>(() => store.Instantiate(fillerModule, new WasmImports().Add("t", table)));
            Assert.Throws<WasmTrapException>(() => table.CallI32("call", 0));
            store.Instantiate(fillerModule, new WasmImports(Seven()).Add("t", table)).RunStart();
            Assert.Equal(7, table.CallI32("call", 1));
        }
        Live();
        var before = NativeHandle.OpenCount;

        for (var i = 0; i < 200; i++) Live();

        Assert.True(NativeHandle.OpenCount <= before);
    }

    [Fact]
    public void A_store_that_was_forgotten_is_given_back()
    {
        using var tableModule = Guests.Load(Table);
        using var fillerModule = Guests.Load(Filler);
        ForgetStores(tableModule, fillerModule, 1);
        var before = NativeHandle.OpenCount;

        ForgetStores(tableModule, fillerModule, 20);
        for (var i = 0; i < 10 && NativeHandle.OpenCount > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.True(NativeHandle.OpenCount <= before);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetStores(WasmModule tableModule, WasmModule fillerModule, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var store = new WasmStore(Guests.Engine);
            var table = store.Instantiate(tableModule, new WasmImports());
            store.Instantiate(fillerModule, new WasmImports(Seven()).Add("t", table)).RunStart();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PutAndForget(WasmStore store, WasmInstance table)
    {
        using var module = Guests.Load(Filler);
        store.Instantiate(module, new WasmImports(Seven()).Add("t", table)).RunStart();
    }

    private static HostFunctions Seven() =>
        new HostFunctions().Define("h", "f", WasmFunctionType.Of([], [WasmValueKind.I32]), (ref HostCall call) => call.SetI32(0, 7));
}
