using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>
/// Before each call of a module's functions its state is saved and restored into a fresh instance: both must then answer
/// alike and end in the same state. So what the state report calls saveable is all that a module can keep.
/// </summary>
internal sealed class SnapshotComparison(WasmEngine engine, Action<string> beforeStep)
{
    private const ulong DeadlineTicks = 20;
    private static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(10);
    private static readonly long[] Arguments = [0, 1, -1, 7, 65_535, 3];

    /// <summary>Runs the module; the detail of same results is the number of calls.</summary>
    public (Outcome Outcome, string Detail) Run(ScriptModule script)
    {
        if (script.Expectation is Expectation.Malformed or Expectation.Invalid) return (Outcome.Refused, "not run");
        WasmModule module;
        try
        {
            beforeStep("load");
            var wasm = script.Form == ModuleForm.Binary ? script.Source : WatText.ToBinary(script.Source, script.Name);
            var description = ModuleReader.Read(wasm, script.Name, ModuleLimits.Default);
            if (!HostStubs.Serve(description)) return (Outcome.Refused, "not run");
            module = engine.Load(wasm, script.Name);
        }
        catch (ModuleRefusedException refusal)
        {
            return (Outcome.Refused, refusal.Reason);
        }
        using var ticker = new Timer(_ => engine.IncrementEpoch(), null, TickLength, TickLength);
        using (module) return Compare(module);
    }

    private (Outcome, string) Compare(WasmModule module)
    {
        var stubs = HostStubs.For(module.Description);
        var instance = Start(module, stubs, out var failure);
        var calls = 0;
        foreach (var export in module.Description.Exports.Where(e => e.Kind == ExternalKind.Function))
        {
            var type = module.Description.FunctionType(export.Index);
            if (type.Parameters.Any(p => p is { IsReference: true, Nullable: false })) continue;
            for (var set = 0; set < Arguments.Length && instance is not null; set++, calls++)
            {
                beforeStep($"save and call {export.Name} with {set}");
                using var restored = WasmInstance.Create(module, stubs, HostStubs.Limits);
                restored.Restore(instance.Capture());
                var before = Call(instance, export.Name, type, set);
                var after = Call(restored, export.Name, type, set);
                if (IsInterrupt(before) || IsInterrupt(after)) set = Arguments.Length;
                else if (before != after) return (Outcome.SnapshotDiffers, $"{export.Name} with arguments {set}: {before} became {after}");
                if (instance.Faulted || restored.Faulted)
                {
                    instance.Dispose();
                    instance = Start(module, stubs, out failure);
                }
                else if (instance.ComputeHash() != restored.ComputeHash())
                    return (Outcome.SnapshotDiffers, $"the state after {export.Name} with arguments {set}");
            }
        }
        instance?.Dispose();
        return instance is null ? (Outcome.NotInstantiated, failure!) : (Outcome.SameResults, $"{calls}");
    }

    private static WasmInstance? Start(WasmModule module, HostFunctions stubs, out string? failure)
    {
        failure = null;
        try
        {
            var instance = WasmInstance.Create(module, stubs, HostStubs.Limits);
            instance.SetDeadline(DeadlineTicks);
            instance.RunStart();
            return instance;
        }
        catch (Exception exception) when (exception is WasmTrapException or ModuleRefusedException)
        {
            failure = exception.Message;
            return null;
        }
    }

    private static string Call(WasmInstance instance, string export, TypeDefinition type, int set)
    {
        var arguments = type.Parameters
            .Select((p, i) => p.IsReference ? WasmValue.NullReference : WasmValue.FromBits(p.Kind, (ulong)Arguments[(set + i) % Arguments.Length]))
            .ToArray();
        instance.SetDeadline(DeadlineTicks);
        try
        {
            return string.Join(", ", instance.GetFunction(export)!.Invoke(arguments).Select(v => $"{v.Kind} {v.Bits:x}"));
        }
        catch (WasmTrapException trap)
        {
            return $"failed: {trap.Code}";
        }
    }

    private static bool IsInterrupt(string result) => result == $"failed: {WasmFailureCode.Interrupt}";
}
