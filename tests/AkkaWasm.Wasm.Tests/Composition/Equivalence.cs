using AkkaWasm.Wasm.Tests.RandomModules;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Composition;

/// <summary>
/// Runs the same calls on guests that the engine links as instances of their own, and on the module that they are composed to. Both must start and answer alike,
/// and what their memories and globals hold at the end must be the same.
/// </summary>
internal sealed class Equivalence(WasmEngine engine, Action<string> beforeStep)
{
    private const int Calls = 40;
    private const ulong DeadlineTicks = 200;
    private const string ComposedName = "composed";
    private static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(50);
    private static readonly WasmLimits Limits = new() { MemoryBytes = 64L << 20, TableElements = 100_000, Instances = 100 };

    /// <summary>Runs the guests of a seed; the detail of same results is the number of calls that did not fail.</summary>
    public (Outcome Outcome, string Detail) Run(Func<ulong, LinkedGuests> make, ulong seed)
    {
        var modules = new List<WasmModule>();
        using var ticker = new Timer(_ => engine.IncrementEpoch(), null, TickLength, TickLength);
        try
        {
            beforeStep("make and load");
            var guests = make(seed);
            foreach (var (name, bytes) in guests.Modules) modules.Add(engine.Load(bytes, name));
            beforeStep("compose");
            var parts = guests.Modules.Select(m => new ModulePart(m.Name, m.Module, m.Name)).ToArray();
            var composed = ModuleComposer.Compose(parts, new CompositionOptions { Main = parts[^1].Name, ExportsAllParts = true });
            beforeStep("load composed");
            modules.Add(engine.Load(composed.Bytes, ComposedName));
            return Compare([.. guests.Modules.Select(m => m.Name)], modules, new SplitMix(seed));
        }
        catch (NotSupportedException exception)
        {
            return (Outcome.Refused, exception.Message);
        }
        catch (Exception exception)
        {
            return (Outcome.Broken, exception.ToString());
        }
        finally
        {
            modules.ForEach(m => m.Dispose());
        }
    }

    private (Outcome, string) Compare(string[] names, List<WasmModule> modules, SplitMix random)
    {
        using var apart = NewStore();
        using var together = NewStore();
        beforeStep("instantiate");
        var start = StartApart(apart, names, modules);
        var other = GuestCalls.Answer(() => Start(together, modules[^1], new WasmImports()));
        if (start != other) return (Outcome.OtherResults, $"the start is {start}, composed {other}");
        if (start.StartsWith("failed", StringComparison.Ordinal)) return (Outcome.SameResults, "0");
        var succeeded = 0;
        for (var i = 0; i < Calls; i++)
        {
            var (name, export, arguments) = GuestCalls.Next(apart, random);
            beforeStep($"call {i}: {name} of module {export.Number}");
            var merged = export.Number == names.Length - 1 ? name : $"{names[export.Number]}.{name}";
            var (before, after) = (GuestCalls.Call(apart, export.Number, name, arguments), GuestCalls.Call(together, 0, merged, arguments));
            if (before.Contains(nameof(WasmFailureCode.Interrupt), StringComparison.Ordinal) || apart.Faulted || together.Faulted) break;
            if (before != after) return (Outcome.OtherResults, $"call {i}, {name} of module {export.Number}: {before}, composed {after}");
            if (!before.StartsWith("failed", StringComparison.Ordinal)) succeeded++;
            if (Difference(names, apart, together.Instances[0]) is { } difference) return (Outcome.OtherResults, $"after call {i}, {name} of module {export.Number}: {difference}");
        }
        return (Outcome.SameResults, $"{succeeded}");
    }

    private WasmStore NewStore() => new(engine, Limits) { KeepsRunningAfterFailure = true };

    private static string StartApart(WasmStore store, string[] names, List<WasmModule> modules) => GuestCalls.Answer(() =>
    {
        var imports = new WasmImports();
        for (var i = 0; i < names.Length; i++)
        {
            Start(store, modules[i], imports);
            imports.Add(names[i], store.Instances[i]);
        }
        return "";
    });

    private static string Start(WasmStore store, WasmModule module, WasmImports imports)
    {
        var instance = store.Instantiate(module, imports);
        store.SetDeadline(DeadlineTicks);
        instance.RunStart();
        return "";
    }

    /// <summary>What exported memories, and exported globals that hold numbers, hold differently.</summary>
    private static string? Difference(string[] names, WasmStore apart, WasmInstance together)
    {
        for (var i = 0; i < names.Length; i++)
        {
            var instance = apart.Instances[i];
            foreach (var export in instance.Module.Description.Exports)
            {
                var merged = i == names.Length - 1 ? export.Name : $"{names[i]}.{export.Name}";
                if (export.Kind == ExternalKind.Memory && !SameBytes(instance.GetMemory(export.Name)!.Value, together.GetMemory(merged)!.Value)) return $"the memory {merged}";
                if (export.Kind == ExternalKind.Global && instance.GetGlobal(export.Name)! is { Type.IsReference: false } global && global.Value.Bits != together.GetGlobal(merged)!.Value.Bits)
                    return $"the global {merged} is {global.Value.Bits:x}, composed {together.GetGlobal(merged)!.Value.Bits:x}";
            }
        }
        return null;
    }

    private static bool SameBytes(MemoryView one, MemoryView other) =>
        one.Length == other.Length && one.GetSpan(0, (int)one.Length).SequenceEqual(other.GetSpan(0, (int)other.Length));
}
