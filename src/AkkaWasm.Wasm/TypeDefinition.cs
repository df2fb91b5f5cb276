namespace AkkaWasm.Wasm;

/// <summary>The three shapes a type of the type section can have.</summary>
public enum CompositeKind : byte
{
    /// <summary>A function type.</summary>
    Function,

    /// <summary>A struct type.</summary>
    Struct,

    /// <summary>An array type; its element is the only field.</summary>
    Array,
}

/// <summary>A field of a struct, or the element of an array.</summary>
/// <param name="Storage">The storage type, packed integers included.</param>
/// <param name="IsMutable">Whether it can be written after the object was made.</param>
public readonly record struct FieldType(WasmValueType Storage, bool IsMutable);

/// <summary>Types that are defined together and may refer to each other.</summary>
/// <param name="FirstType">The type index of the group's first type.</param>
/// <param name="Count">The number of its types; a group can be empty.</param>
public readonly record struct RecursionGroup(int FirstType, int Count);

/// <summary>One type of the module's type section.</summary>
public sealed record TypeDefinition
{
    /// <summary>The type index.</summary>
    public required int Index { get; init; }

    /// <summary>The position of its group in <see cref="ModuleDescription.RecursionGroups"/>.</summary>
    public required int RecursionGroup { get; init; }

    /// <summary>Function, struct or array.</summary>
    public required CompositeKind Kind { get; init; }

    /// <summary>Whether no other type may be declared as its subtype.</summary>
    public bool IsFinal { get; init; } = true;

    /// <summary>The declared supertypes' indices; WebAssembly 3.0 allows one at most.</summary>
    public IReadOnlyList<int> Supertypes { get; init; } = [];

    /// <summary>The parameters of a function type; empty otherwise.</summary>
    public IReadOnlyList<WasmValueType> Parameters { get; init; } = [];

    /// <summary>The results of a function type; empty otherwise.</summary>
    public IReadOnlyList<WasmValueType> Results { get; init; } = [];

    /// <summary>The fields of a struct type, the one element of an array type; empty for functions.</summary>
    public IReadOnlyList<FieldType> Fields { get; init; } = [];

    /// <summary>A function type as <c>(i32, i64) -> (f64)</c>, other types by their fields.</summary>
    public override string ToString() => Kind == CompositeKind.Function
        ? $"({string.Join(", ", Parameters)}) -> ({string.Join(", ", Results)})"
        : $"{Kind.ToString().ToLowerInvariant()} {{{string.Join(", ", Fields.Select(f => f.IsMutable ? $"mut {f.Storage}" : f.Storage.ToString()))}}}";
}
