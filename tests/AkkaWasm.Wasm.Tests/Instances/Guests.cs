using System.Text;

namespace AkkaWasm.Wasm.Tests.Instances;

/// <summary>Guests written as text, on engines that the tests share.</summary>
internal static class Guests
{
    public static readonly WasmEngine Engine = new();
    public static readonly WasmEngine WithFuel = new(new WasmEngineOptions { ConsumeFuel = true });
    public static readonly HostFunctions None = new();

    public static WasmModule Load(string wat, WasmEngine? engine = null) =>
        (engine ?? Engine).Load(Encoding.UTF8.GetBytes(wat), "guest.wat");

    public static WasmInstance Create(string wat, HostFunctions? functions = null, WasmLimits? limits = null, WasmEngine? engine = null) =>
        WasmInstance.Create(Load(wat, engine), functions ?? None, limits);

    public static WasmValue[] Call(this WasmInstance instance, string name, params ReadOnlySpan<WasmValue> arguments) =>
        (instance.GetFunction(name) ?? throw new ArgumentException($"The guest exports no {name}.")).Invoke(arguments);

    public static void CallNone(this WasmInstance instance, string name, params ReadOnlySpan<int> arguments) => instance.Call(name, Values(arguments));

    public static int CallI32(this WasmInstance instance, string name, params ReadOnlySpan<int> arguments) =>
        instance.Call(name, Values(arguments))[0].AsI32();

    private static WasmValue[] Values(ReadOnlySpan<int> arguments)
    {
        var values = new WasmValue[arguments.Length];
        for (var i = 0; i < values.Length; i++) values[i] = WasmValue.FromI32(arguments[i]);
        return values;
    }

    /// <summary>Runs something while another thread moves the engine's epoch on without rest.</summary>
    public static T WhileEpochMoves<T>(WasmEngine engine, Func<T> body)
    {
        using var done = new ManualResetEventSlim();
        var ticker = new Thread(() =>
        {
            while (!done.IsSet)
            {
                engine.IncrementEpoch();
                Thread.Yield();
            }
        });
        ticker.Start();
        try
        {
            return body();
        }
        finally
        {
            done.Set();
            ticker.Join();
        }
    }
}
