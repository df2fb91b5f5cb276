using System.Diagnostics;
using System.Globalization;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Service.Cli;

/// <summary>What came of calling a function.</summary>
/// <param name="Results">The results of the last call.</param>
/// <param name="Types">Their types.</param>
/// <param name="Times">How long each call took, in the order of the calls; null if that was not asked for.</param>
internal sealed record WasmRun(IReadOnlyList<WasmValue> Results, IReadOnlyList<WasmValueType> Types, TimeSpan[]? Times)
{
    public const int MaxRepeats = 100_000_000;

    private const string Start = "_start";
    private const string Initialize = "_initialize";

    /// <summary>Calls an exported function; a WASI library is initialized before.</summary>
    public static WasmRun Call(WasmModule module, string name, string[] arguments, int? repeat, WasmLimits limits, WasiWorld world)
    {
        var type = TypeOf(module.Description, name);
        var values = WasmArguments.Read(name, type, arguments);
        using var instance = Instantiate(module, limits, world);
        instance.RunStart();
        if (WasiFunctions.AreImportedBy(module.Description)) instance.GetFunction(Initialize)?.Invoke();
        var function = instance.GetFunction(name)!;
        var times = new TimeSpan[repeat ?? 1];
        WasmValue[] results = [];
        for (var i = 0; i < times.Length; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            results = function.Invoke(values);
            times[i] = Stopwatch.GetElapsedTime(begin);
        }
        return new WasmRun(results, type.Results, repeat is null ? null : times);
    }

    /// <summary>Runs a WASI command.</summary>
    /// <returns>The program's exit code.</returns>
    public static int Command(WasmModule module, WasmLimits limits, WasiWorld world)
    {
        if (module.Description.FindExport(Start, ExternalKind.Function) is null)
            throw new CliException(ExitCode.BadInput, $"{module.File} is no program: it exports no function '{Start}'; name a function to call with --invoke");
        using var instance = Instantiate(module, limits, world);
        instance.RunStart();
        instance.GetFunction(Start)!.Invoke();
        return 0;
    }

    private static WasmInstance Instantiate(WasmModule module, WasmLimits limits, WasiWorld world)
    {
        WasiFunctions.RequireMemory(module.Description);
        var instance = WasmInstance.Create(module, WasiFunctions.DefineIn(new HostFunctions(), called => (WasiWorld)called.HostState!), limits);
        instance.HostState = world;
        return instance;
    }

    public void Write(CliContext context, bool json)
    {
        if (json) JsonText.WriteLine(context.Out, WriteJson);
        else
        {
            foreach (var result in Results) context.Out.WriteLine(result);
            if (Times is { } times)
                context.Out.WriteLine($"{times.Length} calls: first {Show(times[0])}, least {Show(times.Min())}, median {Show(Median(times))}");
        }
    }

    private void WriteJson(System.Text.Json.Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteList("results", Results.Zip(Types, (value, type) => (Value: value, Type: type)), result =>
        {
            json.WriteStartObject();
            json.WriteString("type", result.Type.ToString());
            json.WriteString("value", result.Value.ToString());
            json.WriteEndObject();
        });
        if (Times is { } times)
        {
            json.WriteNumber("calls", times.Length);
            json.WriteNumber("first_ns", times[0].TotalNanoseconds);
            json.WriteNumber("min_ns", times.Min().TotalNanoseconds);
            json.WriteNumber("median_ns", Median(times).TotalNanoseconds);
        }
        json.WriteEndObject();
    }

    private static WasmFunctionType TypeOf(ModuleDescription module, string name)
    {
        if (module.FindExport(name, ExternalKind.Function) is { } export)
        {
            var type = module.FunctionType(export.Index);
            return new WasmFunctionType(type.Parameters, type.Results);
        }
        var names = module.Exports.Where(e => e.Kind == ExternalKind.Function).Select(e => e.Name).ToArray();
        var remedy = names.Length == 0 ? "it exports no functions"
            : NearestName.Find(name, names) is { } near ? $"did you mean '{near}'?"
            : $"it exports {string.Join(", ", names)}";
        throw new CliException(ExitCode.BadInput, $"{module.File} exports no function '{name}'; {remedy}");
    }

    private static TimeSpan Median(TimeSpan[] times)
    {
        var sorted = times.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Show(TimeSpan time) => time.TotalMilliseconds >= 1
        ? time.TotalMilliseconds.ToString("0.000 ms", CultureInfo.InvariantCulture)
        : time.TotalMicroseconds.ToString("0.0 µs", CultureInfo.InvariantCulture);
}
