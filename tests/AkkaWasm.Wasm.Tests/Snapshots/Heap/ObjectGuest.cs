using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

/// <summary>The guest of <c>Golden/objects.wat</c>, which wires objects of every kind and checks them from inside.</summary>
internal static class ObjectGuest
{
    /// <summary>What "check" answers if nothing is missing: one bit for each thing.</summary>
    public const long AllThere = (1L << Checks) - 1;

    public const ulong HostKey = 0x1234_5678_9abc_def0;

    private const int Checks = 31;

    public static WasmModule Module { get; } = Guests.Engine.Load(Text(), "objects.wat");

    public static byte[] Text() => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Snapshots", "Golden", "objects.wat"));

    public static WasmInstance Fresh() => WasmInstance.Create(Module, Guests.None);

    public static WasmInstance Built(int listNodes)
    {
        var instance = Fresh();
        instance.GetGlobal("host")!.Value = WasmValue.FromHostReference(HostKey);
        instance.CallNone("build");
        instance.CallNone("grow-list", listNodes);
        return instance;
    }

    public static long Check(this WasmInstance instance) => instance.Call("check")[0].AsI64();

    /// <summary>Captures what is there now, and not what is known from before.</summary>
    public static byte[] CaptureAnew(this WasmInstance instance)
    {
        instance.Store.ChangeState();
        return instance.Capture().ToBytes();
    }

    public static void Collect(this WasmInstance instance)
    {
        var error = LibWasmtime.wasmtime_context_gc(instance.Store.Context);
        Assert.Equal(0, error);
    }
}
