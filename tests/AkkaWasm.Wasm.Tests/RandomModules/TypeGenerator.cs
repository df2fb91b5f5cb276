using AkkaWasm.Wasm.Tests.Suite;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>
/// Makes a type section: recursion groups of structs and arrays that refer to each other, subtypes, function types. A field that cannot be null
/// refers to an earlier type only, so that there is an object of every type.
/// </summary>
internal sealed class TypeGenerator(SplitMix random)
{
    private const int MostFields = 5;
    private readonly List<DefinedType> _types = [];
    private readonly List<string> _groups = [];

    /// <summary>The types in index order.</summary>
    public IReadOnlyList<DefinedType> Types => _types;

    /// <summary>The structs and arrays.</summary>
    public DefinedType[] Objects => [.. _types.Where(t => t.Kind != CompositeKind.Function)];

    /// <summary>The function types.</summary>
    public DefinedType[] Functions => [.. _types.Where(t => t.Kind == CompositeKind.Function)];

    /// <summary>The type section as text.</summary>
    public string Text => string.Join('\n', _groups);

    public void Generate()
    {
        var groups = 2 + random.Below(4);
        for (var g = 0; g < groups; g++) AddGroup(1 + random.Below(4));
        AddFunctionType([], []);
        for (var n = 3 + random.Below(4); n > 0; n--) AddFunctionType(Values(random.Below(4)), Values(random.Below(3)));
    }

    /// <summary>A type of parameters, globals and fields: numbers, and references that can be null.</summary>
    public GuestType Value()
    {
        var objects = Objects;
        return random.Below(3) switch
        {
            0 when objects.Length > 0 => objects[random.Below(objects.Length)].Nullable,
            1 => GuestType.Abstract[random.Below(GuestType.Abstract.Length)],
            _ => GuestType.Plain[random.Below(GuestType.Plain.Length)],
        };
    }

    private GuestType[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => Value())];

    private void AddGroup(int count)
    {
        var first = _types.Count;
        for (var i = 0; i < count; i++) _types.Add(Composite(first, count));
        var members = _types.Skip(first).Select(t => t.Text);
        _groups.Add(count == 1 && random.Below(2) == 0 ? _types[first].Text : $"(rec {string.Join(' ', members)})");
    }

    private DefinedType Composite(int first, int count)
    {
        var id = $"$t{_types.Count}";
        var parents = Objects;
        if (parents.Length > 0 && random.Below(3) == 0)
        {
            var parent = parents[random.Below(parents.Length)];
            var more = parent.Kind == CompositeKind.Struct ? Fields(random.Below(3), first, count) : [];
            return new DefinedType(id, parent.Kind, [.. parent.Fields, .. more], [], [], parent);
        }
        return random.Below(3) == 0
            ? new DefinedType(id, CompositeKind.Array, Fields(1, first, count), [], [], null)
            : new DefinedType(id, CompositeKind.Struct, Fields(random.Below(MostFields), first, count), [], [], null);
    }

    private GuestField[] Fields(int fields, int first, int count) => [.. Enumerable.Range(0, fields).Select(_ => Field(first, count))];

    private GuestField Field(int first, int count)
    {
        var isMutable = random.Below(4) > 0;
        switch (random.Below(6))
        {
            case 0:
                return new GuestField(random.Below(2) == 0 ? "i8" : "i16", GuestType.I32, isMutable);
            case 1:
                var earlier = Objects;
                var heap = earlier.Length == 0 || random.Below(4) == 0 ? "i31" : earlier[random.Below(earlier.Length)].Id;
                return Whole(GuestType.Ref(heap, nullable: false), isMutable);
            case 2:
                // Of its own group, itself and what comes behind it too.
                return Whole(GuestType.Ref($"$t{first + random.Below(count)}", nullable: true), isMutable);
            case 3:
                return Whole(GuestType.Abstract[random.Below(GuestType.Abstract.Length)], isMutable);
            default:
                return Whole(GuestType.Plain[random.Below(GuestType.Plain.Length)], isMutable);
        }
    }

    private static GuestField Whole(GuestType type, bool isMutable) => new(type.Name, type, isMutable);

    private void AddFunctionType(GuestType[] parameters, GuestType[] results)
    {
        var type = new DefinedType($"$t{_types.Count}", CompositeKind.Function, [], parameters, results, null);
        _types.Add(type);
        _groups.Add(type.Text);
    }
}
