using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Wast.Running;

/// <summary>What all scripts of a run share: the engine, the module <c>spectest</c>, a clock for deadlines. For any number of threads.</summary>
internal sealed class ScriptEngine : IDisposable
{
    private static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(100);

    /// <summary>What a script may take: room for all that the official suite does, and an end to what loops.</summary>
    private static readonly WasmLimits Limits = new() { MemoryBytes = 8L << 30, TableElements = 10_000_000, Instances = 10_000 };

    private readonly WasmEngine engine = new();
    private readonly Timer ticker;

    public ScriptEngine()
    {
        Spectest = Running.Spectest.Load(engine);
        ticker = new Timer(_ => engine.IncrementEpoch(), null, TickLength, TickLength);
    }

    /// <summary>The module <c>spectest</c>.</summary>
    public WasmModule Spectest { get; }

    /// <summary>The functions that <see cref="Spectest"/> imports.</summary>
    public HostFunctions SpectestFunctions { get; } = Running.Spectest.Functions();

    /// <exception cref="ModuleRefusedException">The module is malformed or invalid.</exception>
    public WasmModule Load(byte[] module, string file) => engine.Load(module, file);

    /// <summary>A store that goes on after traps, as the specification has it.</summary>
    public WasmStore NewStore() => new(engine, Limits) { KeepsRunningAfterFailure = true };

    /// <summary>Gives what runs next in the store its whole time.</summary>
    public static void StartDeadline(WasmStore store) => store.SetDeadline((ulong)(ScriptLimits.ActionDeadline / TickLength));

    public void Dispose()
    {
        ticker.Dispose();
        Spectest.Dispose();
        engine.Dispose();
    }
}
