using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>The objects of a store whose instances can hold any.</summary>
internal sealed class HeapState(StoreView store, TypeSpace types, FunctionMap functions)
{
    private readonly HeapHelpers _helpers = new(store, types);
    private FunctionIds? _functionIds;

    public ExceptionTags Tags { get; } = new(store, types);

    /// <summary>Begins to walk the objects; the roots are to be asked for their codes.</summary>
    public HeapCapture Capture(FunctionCodes codes) =>
        new(store.Context, types, Tags, Reader(codes), codes, IsHeapOpen ? int.MaxValue : FixedArrayModule.MaxElements);

    /// <summary>Finds out which objects of an image the store has already, in immutable globals and what these are made of.</summary>
    /// <exception cref="ArgumentException">They are not what the image has there.</exception>
    public void Adopt(HeapGraph graph, ItemImage image, IReadOnlyList<AdoptedRoot> roots, uint[] raws)
    {
        if (roots.Count == 0) return;
        var codes = new FunctionCodes(functions, image.Functions);
        new Adoption(graph, types, Reader(codes), raws).Adopt(roots);
    }

    /// <summary>Whether both ways to read objects give the same for these.</summary>
    public bool CompareReaders(IEnumerable<uint> raws)
    {
        if (store.GcHeap is null) return false;
        var codes = new FunctionCodes(functions);
        return HeapCalibration.AreAlike(types, new HelperReader(_helpers, codes), Direct(codes), raws);
    }

    private ObjectReader Reader(FunctionCodes codes) => IsHeapOpen ? Direct(codes) : new HelperReader(_helpers, codes);

    private bool IsHeapOpen => store.GcHeap is not null && (store.ReadsHeapDirectly ?? HeapCalibration.Holds(store.Engine));

    private DirectReader Direct(FunctionCodes codes) => new(store, _helpers, _functionIds ??= new FunctionIds(store, _helpers, functions), codes);

    /// <summary>Makes the objects of an image that the store has not. They live until the builder is disposed, or for as long as they can be reached.</summary>
    /// <exception cref="WasmEngineException">There is no room for them.</exception>
    public HeapBuilder Build(RestorePlan plan)
    {
        store.LiftLimits();
        var builder = new HeapBuilder(store, _helpers, plan.Graph!, [.. plan.Image.Functions.Select(functions.RawOf)], plan.Raws, IsHeapOpen);
        var heap = store.GcHeap;
        if (heap is not null) heap.ExpectedBytes = (nuint)plan.Graph!.LeastHeapBytes(plan.Raws);
        try
        {
            builder.Build(plan.Order);
            return builder;
        }
        catch (WasmTrapException e)
        {
            builder.Dispose();
            throw new WasmEngineException($"The objects of the snapshot cannot be made: {e.Message}. Raise {nameof(WasmLimits.GcHeapBytes)}.", isTransient: false);
        }
        catch
        {
            builder.Dispose();
            throw;
        }
        finally
        {
            if (heap is not null) heap.ExpectedBytes = 0;
        }
    }
}
