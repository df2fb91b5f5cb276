namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// For each type one whose objects can be made from nothing and stand where the type is wanted: that with the fewest objects below it. A struct whose
/// fields may not be null needs such objects first, so a type that needs itself has none, and there can be no object of it.
/// </summary>
internal sealed class Inhabitants
{
    private readonly TypeSpace _types;
    private readonly CanonicalType?[] _chosen;

    public Inhabitants(TypeSpace types)
    {
        _types = types;
        _chosen = new CanonicalType?[types.Types.Count];
        var missing = new int[_chosen.Length];
        var waiting = new List<CanonicalType>?[_chosen.Length];
        var makeable = new Queue<CanonicalType>();
        foreach (var type in types.Types.Where(t => t.Kind != CompositeKind.Function))
        {
            foreach (var needed in Needs(type))
            {
                missing[type.Number]++;
                (waiting[needed] ??= []).Add(type);
            }
            if (missing[type.Number] == 0) makeable.Enqueue(type);
        }
        while (makeable.TryDequeue(out var type))
        {
            for (var at = type; at is not null && _chosen[at.Number] is null; at = at.Super)
            {
                _chosen[at.Number] = type;
                foreach (var dependent in waiting[at.Number] ?? [])
                {
                    if (--missing[dependent.Number] == 0) makeable.Enqueue(dependent);
                }
            }
        }
    }

    /// <summary>The type to make where one of that number is wanted, or null if there can be none.</summary>
    public CanonicalType? For(int type) => _chosen[type];

    /// <summary>The numbers of the types of which an object must be there before one of this type.</summary>
    public IEnumerable<int> Needs(CanonicalType type) => type.Kind != CompositeKind.Struct ? [] : type.Fields
        .Where(f => f is { Kind: FieldKind.Any, Type: { Nullable: false, Heap.Kind: HeapKind.Concrete } })
        .Select(f => f.Type.Heap.TypeIndex);
}
