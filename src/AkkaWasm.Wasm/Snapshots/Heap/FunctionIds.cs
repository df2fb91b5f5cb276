using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// The numbers under which the library keeps functions in its heap. They are learned by putting each function into a struct of a helper and looking;
/// a function keeps its number for as long as the store lives.
/// </summary>
internal sealed unsafe class FunctionIds(StoreView store, HeapHelpers helpers, FunctionMap functions)
{
    private const int FieldOffset = HeapLayout.HeaderBytes;

    private readonly Dictionary<uint, nint> _raws = [];

    /// <summary>The function with that number as calls pass it, 0 for null.</summary>
    public nint RawOf(uint id)
    {
        if (_raws.TryGetValue(id, out var raw)) return raw;
        Learn();
        return _raws.TryGetValue(id, out raw) ? raw : throw new InvalidOperationException($"The heap has a function {id} that no instance can refer to.");
    }

    private void Learn()
    {
        var helper = helpers.AnyTypeTest;
        var box = helper.Find(HelperNames.FunctionBox);
        foreach (var raw in functions.Raws.Prepend(0))
        {
            RawValue value = new() { Low = (ulong)raw };
            helper.Call(ref box, &value, 1);
            _raws.TryAdd(*(uint*)(store.GcHeap!.Base + (uint)value.Low + FieldOffset), raw);
        }
    }
}
