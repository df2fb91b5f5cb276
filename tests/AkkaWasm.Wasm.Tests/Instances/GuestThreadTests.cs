namespace AkkaWasm.Wasm.Tests.Instances;

public sealed class GuestThreadTests
{
    private const string Deep = """(module (func $deep (export "run") (call $deep)))""";

    [Theory]
    [InlineData(1024 * 1024)]
    [InlineData(16 * 1024 * 1024)]
    public void An_endless_recursion_is_a_trap_on_a_thread_with_room(int stackBytes) =>
        Assert.Equal(WasmFailureCode.StackOverflow, Assert.IsType<WasmTrapException>(RunOn(stackBytes)).Code);

    [Fact]
    public void A_thread_without_room_is_refused_before_the_guest_runs()
    {
        using var engine = new WasmEngine(new WasmEngineOptions { MaxStackBytes = 64 * 1024 * 1024 });

        var refused = Assert.IsType<InsufficientExecutionStackException>(RunOn(1024 * 1024, engine));

        Assert.Contains(nameof(WasmEngineOptions.MaxStackBytes), refused.Message, StringComparison.Ordinal);
    }

    private static Exception? RunOn(int stackBytes, WasmEngine? engine = null)
    {
        using var instance = Guests.Create(Deep, engine: engine);
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => instance.Call("run")), stackBytes);
        thread.Start();
        thread.Join();
        return thrown;
    }
}
