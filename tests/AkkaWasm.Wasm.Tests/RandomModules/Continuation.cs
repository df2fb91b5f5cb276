using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>
/// Runs the same calls on two stores of the same guests. One runs on; the other's state is saved again and again, as bytes, and restored into a new
/// store. Both must answer alike and end in the same state.
/// </summary>
internal sealed class Continuation(WasmEngine engine, Action<string> beforeStep)
{
    private const int Calls = 40;
    private const ulong DeadlineTicks = 200;
    private static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(50);
    private static readonly WasmLimits Limits = new() { MemoryBytes = 64L << 20, TableElements = 100_000, Instances = 100 };

    /// <summary>Runs guests; the detail of same results is the number of calls that did not fail.</summary>
    /// <param name="make">Makes the guests of a seed; what it does not support is refused.</param>
    /// <param name="seed">The seed of the guests and of the calls.</param>
    public (Outcome Outcome, string Detail) Run(Func<ulong, LinkedGuests> make, ulong seed)
    {
        var modules = new List<(string Name, WasmModule Module)>();
        using var ticker = new Timer(_ => engine.IncrementEpoch(), null, TickLength, TickLength);
        try
        {
            beforeStep("make and load");
            foreach (var (name, bytes) in make(seed).Modules) modules.Add((name, engine.Load(bytes, name)));
            return Compare(modules, new SplitMix(seed));
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
            foreach (var (_, module) in modules) module.Dispose();
        }
    }

    private (Outcome, string) Compare(IReadOnlyList<(string Name, WasmModule Module)> modules, SplitMix random)
    {
        using var straight = Start(modules);
        var restored = Start(modules);
        try
        {
            beforeStep("start");
            if (RunStarts(straight) is var starts && starts != RunStarts(restored)) return (Outcome.SnapshotDiffers, "the start functions answer differently");
            var succeeded = 0;
            for (var i = 0; i < Calls; i++)
            {
                beforeStep($"save before call {i}");
                if (i == Calls / 2 || random.Below(3) == 0) restored = RoundTrip(restored, modules);
                var (name, export, arguments) = GuestCalls.Next(straight, random);
                beforeStep($"call {i}: {name} of module {export.Number}");
                var (before, after) = (GuestCalls.Call(straight, export.Number, name, arguments), GuestCalls.Call(restored, export.Number, name, arguments));
                if (before.Contains(nameof(WasmFailureCode.Interrupt), StringComparison.Ordinal) || straight.Faulted || restored.Faulted) break;
                if (before != after) return (Outcome.SnapshotDiffers, $"call {i}, {name} of module {export.Number}: {before} became {after}");
                if (!before.StartsWith("failed", StringComparison.Ordinal)) succeeded++;
            }
            beforeStep("hash");
            if (straight.Faulted || restored.Faulted) return (Outcome.SameResults, $"{succeeded}");
            return straight.ComputeHash() == restored.ComputeHash() ? (Outcome.SameResults, $"{succeeded}") : (Outcome.SnapshotDiffers, "the state at the end");
        }
        finally
        {
            restored.Dispose();
        }
    }

    private WasmStore Start(IReadOnlyList<(string Name, WasmModule Module)> modules)
    {
        var store = new WasmStore(engine, Limits) { KeepsRunningAfterFailure = true };
        var imports = new WasmImports();
        foreach (var (name, module) in modules) imports.Add(name, store.Instantiate(module, imports));
        return store;
    }

    private static string RunStarts(WasmStore store) => string.Join("; ", store.Instances.Select(instance => GuestCalls.Answer(() =>
    {
        store.SetDeadline(DeadlineTicks);
        instance.RunStart();
        return "";
    })));

    private WasmStore RoundTrip(WasmStore store, IReadOnlyList<(string Name, WasmModule Module)> modules)
    {
        var bytes = store.Capture().ToBytes();
        store.Dispose();
        var fresh = Start(modules);
        fresh.Restore(WasmSnapshot.FromBytes(bytes));
        Assert.Equal(bytes, fresh.Capture().ToBytes());
        return fresh;
    }
}
