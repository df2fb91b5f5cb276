using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Weaving;
using PlainInstance = AkkaWasm.Wasm.Tests.Suite.PlainEngine.PlainInstance;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>Calls every exported function of a module, woven and as it was, with the same arguments in the same order.</summary>
internal sealed class ResultComparison(PlainEngine engine, Action<string> beforeStep)
{
    private const int DeadlineTicks = 20;
    private static readonly TimeSpan TickLength = TimeSpan.FromMilliseconds(10);

    /// <summary>Argument n of a call takes the n-th value after the call's own place in this list.</summary>
    private static readonly long[] Arguments = [0, 1, -1, 7, 0x0102030405060708, 65_535, long.MinValue, 3];

    /// <summary>Runs the module; the detail of same results is the number of calls.</summary>
    public (Outcome Outcome, string Detail) Run(ScriptModule module)
    {
        if (module.Expectation is Expectation.Malformed or Expectation.Invalid) return (Outcome.Refused, "not run");
        byte[] wasm;
        ModuleDescription description;
        try
        {
            wasm = module.Form == ModuleForm.Binary ? module.Source : WatText.ToBinary(module.Source, module.Name);
            description = ModuleReader.Read(wasm, module.Name, ModuleLimits.Default);
        }
        catch (ModuleRefusedException refusal)
        {
            return (Outcome.Refused, refusal.Reason);
        }
        using var ticker = new Timer(_ => engine.Tick(), null, TickLength, TickLength);
        return Compare(wasm, description, ModuleWeaver.Weave(wasm, description));
    }

    private (Outcome, string) Compare(byte[] wasm, ModuleDescription description, WovenModule woven)
    {
        beforeStep("compile");
        using var original = engine.Compile(wasm, out var failure);
        using var ours = engine.Compile(woven.Bytes.Span, out var ourFailure);
        if (original is null || ours is null) return (Outcome.NotInstantiated, $"{failure} {ourFailure}");
        using var pair = new Pair(original, ours, [.. new[] { woven.ApplyExport, woven.StartExport }.OfType<string>()]);
        beforeStep("start");
        if (pair.Start() is { } difference) return (Outcome.OtherResults, difference);
        if (!pair.IsRunning) return (Outcome.NotInstantiated, "the original does not start");
        var calls = 0;
        foreach (var export in description.Exports.Where(e => e.Kind == ExternalKind.Function))
        {
            var type = description.FunctionType(export.Index);
            if (type.Parameters.Any(p => p is { IsReference: true, Nullable: false })) continue;
            var sets = type.Parameters.Count == 0 ? 2 : Arguments.Length;
            for (var set = 0; set < sets; set++, calls++)
            {
                beforeStep($"call {export.Name} with {set}");
                var before = Call(pair.Original, export.Name, type, set, description);
                var after = Call(pair.Woven, export.Name, type, set, description);
                var interrupted = IsInterrupt(before) || IsInterrupt(after);
                if (before != after && !interrupted) return (Outcome.OtherResults, $"{export.Name} with arguments {set}: {before} became {after}");
                if ((interrupted || IsFailure(before)) && (pair.Start() is not null || !pair.IsRunning))
                    return (Outcome.OtherResults, "a second instance could not be made");
                if (interrupted) break;
            }
        }
        return (Outcome.SameResults, $"{calls}");
    }

    /// <summary>An instance of the original and one of the woven module, made anew after each failure.</summary>
    private sealed class Pair(PlainEngine.PlainModule original, PlainEngine.PlainModule woven, string[] startExports) : IDisposable
    {
        private PlainInstance? _original;
        private PlainInstance? _woven;

        public PlainInstance Original => _original!;

        public PlainInstance Woven => _woven!;

        public bool IsRunning => _original is not null && _woven is not null;

        /// <summary>Makes both; gives how they differ, or null.</summary>
        public string? Start()
        {
            Dispose();
            _original = original.Instantiate(out var failure, DeadlineTicks);
            _woven = woven.Instantiate(out var ourFailure, DeadlineTicks);
            if (_woven is not null && startExports.Select(e => _woven.Call(e, [])).FirstOrDefault(f => f is not null) is { } startFailure)
            {
                ourFailure = startFailure;
                _woven.Dispose();
                _woven = null;
            }
            return Last(failure) == Last(ourFailure) ? null : $"start: {failure} became {ourFailure}";
        }

        public void Dispose()
        {
            _original?.Dispose();
            _woven?.Dispose();
            _original = _woven = null;
        }
    }

    private static string Call(PlainInstance instance, string export, TypeDefinition type, int set, ModuleDescription description)
    {
        var values = new UInt128[Math.Max(type.Parameters.Count, type.Results.Count)];
        for (var i = 0; i < type.Parameters.Count; i++)
        {
            if (!type.Parameters[i].IsReference) values[i] = (UInt128)(Int128)Arguments[(set + i) % Arguments.Length];
        }
        instance.SetDeadline(DeadlineTicks);
        return instance.Call(export, values) is { } failure
            ? $"failed: {failure}"
            : string.Join(", ", type.Results.Select((r, i) => Value(r, values[i], description)));
    }

    /// <summary>A result's bits; of a reference only whether it is null.</summary>
    private static string Value(WasmValueType type, UInt128 bits, ModuleDescription description) => type.Kind switch
    {
        WasmValueKind.I32 or WasmValueKind.F32 => $"{(uint)bits:x}",
        WasmValueKind.I64 or WasmValueKind.F64 => $"{(ulong)bits:x}",
        WasmValueKind.V128 => $"{bits:x}",
        _ when IsFunction(type.Heap, description) => (ulong)bits == 0 ? "null" : "function",
        _ => (uint)bits == 0 ? "null" : "object",
    };

    private static bool IsFunction(HeapType heap, ModuleDescription description) => heap.Kind is HeapKind.Func or HeapKind.NoFunc
        || heap.Kind == HeapKind.Concrete && description.Types[heap.TypeIndex].Kind == CompositeKind.Function;

    private static bool IsFailure(string result) => result.StartsWith("failed", StringComparison.Ordinal);

    private static bool IsInterrupt(string result) => IsFailure(result) && result.Contains("interrupt", StringComparison.Ordinal);

    /// <summary>What failed without where: a failing start function fails at instantiation in one, in a call in the other.</summary>
    private static string? Last(string? failure)
    {
        const string instantiation = "instantiate: ";
        var last = failure?.Split('\n')[^1].Trim();
        return last is not null && last.StartsWith(instantiation, StringComparison.Ordinal) ? last[instantiation.Length..] : last;
    }
}
