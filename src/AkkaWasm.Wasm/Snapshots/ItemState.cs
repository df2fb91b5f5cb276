using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots.Heap;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>The globals, tables and passive segments of all instances of a store, and the objects that they lead to, as they are saved and restored.</summary>
internal sealed class ItemState
{
    private readonly StoreView _store;
    private readonly InstanceState[] _instances;
    private readonly FunctionMap? _functions;
    private readonly HeapState? _heap;

    public ItemState(StoreView store)
    {
        _store = store;
        var kinds = store.Instances.SelectMany(InstanceState.KindsOf).Distinct().ToList();
        var types = kinds.Count == 0 ? null : HelperModules.TypesOf(store.Instances);
        _instances = [.. store.Instances.Select(i => new InstanceState(store, i, types))];
        if (types is null) return;
        _functions = new FunctionMap(store);
        if (kinds.Exists(k => k != FieldKind.Function)) _heap = new HeapState(store, types, _functions);
        Types = types;
    }

    /// <summary>How many instances it knows.</summary>
    public int InstanceCount => _instances.Length;

    private TypeSpace? Types { get; }

    public ItemImage Capture()
    {
        var functions = _functions is null ? null : new FunctionCodes(_functions);
        var heap = _heap?.Capture(functions!);
        var values = new SavedValues(_store.Context, functions, heap);
        var instances = new InstanceItems[_instances.Length];
        for (var i = 0; i < instances.Length; i++) instances[i] = _instances[i].Capture(values);
        var objects = heap?.Finish() ?? HeapImage.Empty;
        return new ItemImage(instances, functions?.Names ?? [], objects);
    }

    /// <summary>
    /// Checks that <see cref="Restore"/> can bring the store there, and prepares it. Nothing that a guest could notice is changed.
    /// </summary>
    /// <exception cref="ArgumentException">The image does not fit the modules or what the store has become already.</exception>
    /// <exception cref="WasmEngineException">The state needs more than the limits.</exception>
    public RestorePlan Plan(ItemImage image)
    {
        if (image.Instances.Length != _instances.Length)
            throw new ArgumentException($"The snapshot has {image.Instances.Length} instances, the store {_instances.Length}.");
        var graph = Types is null
            ? null
            : new HeapGraph(Types, _heap?.Tags, _functions!, [.. _store.Instances.Select(i => i.Module.Description)], image);
        if (graph is null && (image.Functions.Length > 0 || image.Heap.ObjectTypes.Length > 0))
            throw new ArgumentException("The snapshot has references and the modules keep none.");
        for (var i = 0; i < _instances.Length; i++) _instances[i].RequireFit(image.Instances[i], graph, _store.Limits);
        var raws = new uint[graph?.Count ?? 0];
        if (_heap is null || graph is null) return new RestorePlan(image, graph, [], raws);
        var order = CreationOrder.Of(graph);
        _heap.Adopt(graph, image, Roots(image), raws);
        return new RestorePlan(image, graph, order, raws);
    }

    /// <summary>Brings the store into the state that was planned.</summary>
    /// <exception cref="WasmEngineException">The state needs more than the limits, or than the host has.</exception>
    public void Restore(RestorePlan plan)
    {
        using var builder = plan.Raws.Length == 0 ? null : _heap!.Build(plan);
        var values = new RestoredValues(_store.Context, plan, _functions);
        for (var i = 0; i < _instances.Length; i++) _instances[i].Restore(plan.Image.Instances[i], values);
    }

    /// <summary>Whether both ways to read objects give the same for those of a table that an instance exports.</summary>
    public bool CompareReaders(byte[] table) => _heap!.CompareReaders(InstanceState.RawsOf(_store, _store.Instances[0].Export(table).Item));

    /// <summary>What immutable globals hold in this store and in the image.</summary>
    private List<AdoptedRoot> Roots(ItemImage image)
    {
        var roots = new List<AdoptedRoot>();
        for (var i = 0; i < _instances.Length; i++) _instances[i].AddImmutableRoots(image.Instances[i], roots);
        return roots;
    }
}

/// <summary>A checked image and what is known of the store that it is for.</summary>
/// <param name="Image">The image.</param>
/// <param name="Graph">Its objects, or null if the modules keep no references.</param>
/// <param name="Order">In which order the objects are made.</param>
/// <param name="Raws">The raw reference of each object that the store has already, 0 for the others.</param>
internal sealed record RestorePlan(ItemImage Image, HeapGraph? Graph, int[] Order, uint[] Raws);
