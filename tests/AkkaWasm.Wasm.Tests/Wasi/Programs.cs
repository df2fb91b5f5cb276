using System.Text;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Wasm.Tests.Wasi;

/// <summary>A host of a world whose time stands still.</summary>
internal sealed class StillHost(string input = "", ulong now = StillHost.Now, int seed = 1) : WasiHost
{
    public const ulong Now = 1_500_000_000_123_456_789;

    private readonly MemoryStream input = new(Encoding.UTF8.GetBytes(input));
    private readonly Random random = new(seed);
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();

    public string Output => output.ToString();

    public string Error => error.ToString();

    public override ulong RealtimeNs => now;

    public override void FillRandom(Span<byte> destination) => random.NextBytes(destination);

    public override int ReadInput(Span<byte> destination) => input.Read(destination);

    public override void Write(WasiStream stream, ReadOnlySpan<byte> bytes) => (stream == WasiStream.Error ? error : output).Append(Encoding.UTF8.GetString(bytes));
}

/// <summary>What came of running a program.</summary>
internal sealed record Outcome(uint Code, string Output, string Error);

/// <summary>The programs of tests/guests/wasi, run in worlds without a machine.</summary>
internal static class Programs
{
    private static readonly WasmEngine Engine = new();
    private static readonly HostFunctions Functions = WasiFunctions.DefineIn(new HostFunctions(), instance => (WasiWorld)instance.HostState!);
    private static readonly Dictionary<string, WasmModule> Modules = [];

    public static string Root { get; } = FindRoot();

    public static WasmModule Module(string name)
    {
        lock (Modules)
        {
            if (!Modules.TryGetValue(name, out var module))
                Modules[name] = module = Engine.Load(File.ReadAllBytes(Path.Combine(Root, "tests", "guests", "wasi", name + ".wasm")), name + ".wasm");
            return module;
        }
    }

    public static WasmModule Load(byte[] bytes, string file) => Engine.Load(bytes, file);

    public static Outcome Run(this WasiWorld world, string name, string input = "", StillHost? host = null) => world.Run(Module(name), host ?? new StillHost(input));

    public static Outcome Run(this WasiWorld world, WasmModule module, StillHost host)
    {
        using var instance = Instantiate(module, world);
        world.BeginProgram();
        world.BeginTurn(host);
        try
        {
            instance.RunStart();
            instance.GetFunction("_start")!.Invoke();
            return new Outcome(0, host.Output, host.Error);
        }
        catch (WasmTrapException e) when (WasiExitException.Is(e, out var code))
        {
            return new Outcome(code, host.Output, host.Error);
        }
        finally
        {
            world.EndTurn();
        }
    }

    public static WasmInstance Instantiate(WasmModule module, WasiWorld world)
    {
        var instance = WasmInstance.Create(module, Functions);
        instance.HostState = world;
        return instance;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("no AkkaWasm.sln above the test assembly");
    }
}
