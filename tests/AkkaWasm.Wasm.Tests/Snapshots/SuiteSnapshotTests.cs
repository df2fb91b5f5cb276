using AkkaWasm.Wasm.Tests.Instances;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Snapshots;

/// <summary>Every module of the official suite that can be made here with stub imports, captured and restored.</summary>
public sealed class SuiteSnapshotTests
{
    private const int LeastModules = 2000;
    private const ulong FuelEach = 1_000_000;

    [WasmSpecFact]
    public void Modules_of_the_official_suite_are_captured_restored_and_hashed_alike()
    {
        var limits = new WasmLimits { MemoryBytes = 1L << 30 };
        var failures = new List<string>();
        var done = 0;
        foreach (var module in SuiteModules.All.Where(m => m.Expectation == Expectation.Valid))
        {
            try
            {
                if (RoundTrip(module, limits)) done++;
            }
            catch (Exception e)
            {
                failures.Add($"{module.Name}: {e.GetType().Name}: {e.Message}");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(20)));
        Assert.True(done >= LeastModules, $"only {done} modules were captured and restored");
    }

    private static bool RoundTrip(ScriptModule script, WasmLimits limits)
    {
        using var module = TryLoad(script);
        if (module is null || Stubs(module.Description) is not { } stubs) return false;
        using var instance = TryStart(module, stubs, limits, callAll: true) ?? TryStart(module, stubs, limits, callAll: false);
        if (instance is null) return false;
        var bytes = instance.Capture().ToBytes();
        using var restored = WasmInstance.Create(module, stubs, limits);
        restored.Restore(WasmSnapshot.FromBytes(bytes));
        Assert.Equal(instance.ComputeHash(), restored.ComputeHash());
        restored.Store.ChangeState();
        Assert.Equal(bytes, restored.Capture().ToBytes());
        return true;
    }

    private static WasmModule? TryLoad(ScriptModule script)
    {
        try
        {
            return Guests.WithFuel.Load(script.Source, script.Name);
        }
        catch (ModuleRefusedException)
        {
            return null;
        }
    }

    /// <summary>Some modules are made to trap when they begin, or to take more than anybody gives them.</summary>
    private static WasmInstance? TryStart(WasmModule module, HostFunctions stubs, WasmLimits limits, bool callAll)
    {
        WasmInstance? instance = null;
        try
        {
            instance = WasmInstance.Create(module, stubs, limits);
            instance.Fuel = FuelEach;
            instance.RunStart();
            if (callAll) CallAll(instance);
            return instance;
        }
        catch (Exception e) when (e is WasmTrapException or ModuleRefusedException)
        {
            instance?.Dispose();
            return null;
        }
    }

    private static void CallAll(WasmInstance instance)
    {
        var exports = instance.Module.Description.Exports.Where(e => e.Kind == ExternalKind.Function);
        foreach (var function in exports.Select(e => instance.GetFunction(e.Name)!).Where(f => f.Type.Parameters.Count == 0)) function.Invoke();
    }

    /// <summary>Functions that answer zeros; null if the module imports anything else.</summary>
    private static HostFunctions? Stubs(ModuleDescription description)
    {
        var functions = new HostFunctions();
        var known = new HashSet<(string, string, WasmFunctionType)>();
        foreach (var import in description.Imports)
        {
            if (import.Kind != ExternalKind.Function) return null;
            var type = description.FunctionType(import.Index);
            if (type.Parameters.Concat(type.Results).Any(t => t.IsReference)) return null;
            var signature = new WasmFunctionType(type.Parameters, type.Results);
            if (known.Add((import.Module, import.Name, signature))) functions.Define(import.Module, import.Name, signature, (ref HostCall _) => { });
        }
        return functions;
    }
}
