using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>Random calls of guests.</summary>
internal static class GuestCalls
{
    private const ulong DeadlineTicks = 200;
    private static readonly long[] Interesting = [0, 1, -1, 2, 5, 100, 65_535, int.MaxValue, int.MinValue, long.MaxValue, 0x0102030405060708];

    /// <summary>A random call of an exported function that a host can call.</summary>
    public static (string Name, (int Number, WasmFunctionType Type) Export, WasmValue[] Arguments) Next(WasmStore store, SplitMix random)
    {
        var callable = store.Instances
            .SelectMany((instance, number) => instance.Module.Description.Exports
                .Where(e => e.Kind == ExternalKind.Function)
                .Select(e => (e.Name, Number: number, Type: instance.GetFunction(e.Name)!.Type)))
            .Where(e => e.Type.Parameters.All(CanBeGiven))
            .ToArray();
        var (name, number, type) = callable[random.Below(callable.Length)];
        return (name, (number, type), [.. type.Parameters.Select(p => Argument(p, random))]);
    }

    private static bool CanBeGiven(WasmValueType type) => type is { IsReference: false } or { Nullable: true };

    private static WasmValue Argument(WasmValueType type, SplitMix random)
    {
        var number = random.Below(2) == 0 ? (long)random.Next() : Interesting[random.Below(Interesting.Length)];
        return type.Kind switch
        {
            WasmValueKind.I32 => WasmValue.FromI32((int)number),
            WasmValueKind.I64 => WasmValue.FromI64(number),
            WasmValueKind.F32 => WasmValue.FromF32(number),
            WasmValueKind.F64 => WasmValue.FromF64(number * 0.25),
            WasmValueKind.V128 => WasmValue.FromV128(new UInt128(random.Next(), (ulong)number)),
            _ when random.Below(3) > 0 && type.Heap.Kind is HeapKind.Any or HeapKind.Extern => WasmValue.FromHostReference((ulong)number >> 1),
            _ when random.Below(3) > 0 && type.Heap.Kind is HeapKind.Any or HeapKind.Extern or HeapKind.Eq or HeapKind.I31 => WasmValue.FromI31((int)number),
            _ => WasmValue.NullReference,
        };
    }

    /// <summary>What a call gives, or how it fails, in words that can be compared.</summary>
    public static string Call(WasmStore store, int instance, string name, WasmValue[] arguments) => Answer(() =>
    {
        store.SetDeadline(DeadlineTicks);
        var results = store.Instances[instance].GetFunction(name)!.Invoke(arguments);
        return string.Join(", ", results.Select(r => $"{r.Kind} {r.ReferenceKind} {r.Bits:x}"));
    });

    /// <summary>What something answers, or how it fails.</summary>
    public static string Answer(Func<string> call)
    {
        try
        {
            return call();
        }
        catch (WasmTrapException trap)
        {
            return $"failed: {trap.Code}";
        }
    }
}
