using System.Text;
using AkkaWasm.Wasm.Tests.Instances;
using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

/// <summary>
/// Random object graphs of random types, built by the guest, captured and restored in the middle: both instances must then go on alike. What a
/// capture says is read in two ways, by looking into the heap and by the guest's own instructions.
/// </summary>
internal static class RandomGraphs
{
    private const int Steps = 400;

    /// <summary>What differed, or null; and how many objects there were.</summary>
    public static (string? Difference, int Objects) Run(WasmEngine engine, ulong seed)
    {
        var random = new SplitMix(seed);
        var types = new RandomTypes(random);
        using var module = engine.Load(Encoding.UTF8.GetBytes(types.Text()), $"random types of seed {seed}");
        using var instance = WasmInstance.Create(module, Guests.None);
        Live(instance, types, random, Steps);
        var bytes = instance.CaptureAnew();
        var objects = instance.Capture().Items.Heap.ObjectTypes.Length;
        instance.Store.ReadsHeapDirectly = false;
        if (!bytes.AsSpan().SequenceEqual(instance.CaptureAnew())) return ("both ways to read it differ", objects);
        using var restored = WasmInstance.Create(module, Guests.None);
        if (seed % 2 == 0) restored.Store.ReadsHeapDirectly = false;
        if (seed % 4 == 1) restored.Store.LeastBatchedObjects = 1;
        restored.Restore(WasmSnapshot.FromBytes(bytes));
        restored.Collect();
        if (!bytes.AsSpan().SequenceEqual(restored.CaptureAnew())) return ("it is not captured as the same bytes", objects);
        var again = random.Next();
        Live(instance, types, new SplitMix(again), Steps);
        Live(restored, types, new SplitMix(again), Steps);
        instance.Collect();
        restored.Store.ReadsHeapDirectly = true;
        return instance.CaptureAnew().AsSpan().SequenceEqual(restored.CaptureAnew()) ? (null, objects) : ("it goes on otherwise", objects);
    }

    private static void Live(WasmInstance instance, RandomTypes types, SplitMix random, int count)
    {
        int Slot() => random.Below(RandomTypes.Slots);
        for (var step = 0; step < count; step++)
        {
            switch (random.Below(10))
            {
                case 0:
                    instance.CallNone("i31", Slot());
                    break;
                case 1:
                    instance.CallNone("extern", Slot());
                    break;
                case 2:
                    instance.CallNone("take", Slot());
                    break;
                default:
                    var verb = random.Below(3) > 0 ? "new" : "change";
                    instance.CallNone($"{verb}.{random.Below(types.Count)}", Slot(), random.Below(100_000), Slot(), Slot(), Slot());
                    break;
            }
        }
    }
}
