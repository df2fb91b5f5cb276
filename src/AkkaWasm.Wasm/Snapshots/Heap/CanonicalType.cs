namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// A type as the instances of a store share it: types of several modules that the specification calls equal are one. Type indices inside its
/// fields are <see cref="Number"/>s.
/// </summary>
internal sealed class CanonicalType
{
    /// <summary>Its number in the <see cref="TypeSpace"/>.</summary>
    public required int Number { get; init; }

    /// <summary>The first instance whose module has it, and its index there: its portable name.</summary>
    public required int Instance { get; init; }

    /// <inheritdoc cref="Instance"/>
    public required int Index { get; init; }

    public required CompositeKind Kind { get; init; }

    /// <summary>The declared supertype, or null.</summary>
    public required CanonicalType? Super { get; init; }

    /// <summary>How many types are above it.</summary>
    public required int Depth { get; init; }

    /// <summary>The fields of a struct, the one element of an array; empty for functions.</summary>
    public required FieldPlan[] Fields { get; init; }

    public FieldPlan Element => Fields[0];

    /// <summary>Those of <see cref="Fields"/> that refer to objects.</summary>
    public required FieldPlan[] References { get; init; }

    /// <summary>Those of <see cref="Fields"/> that are references, to functions too.</summary>
    public required FieldPlan[] Checked { get; init; }

    /// <summary>Those of <see cref="References"/> that must be there when the object is made.</summary>
    public required FieldPlan[] Prerequisites { get; init; }

    public required bool HasMutableFields { get; init; }

    /// <summary>The bytes that a struct's fields take in an image.</summary>
    public required int ImageBytes { get; init; }

    /// <summary>The bytes of the library's heap that a struct takes at least, header included.</summary>
    public required int HeapBytes { get; init; }
}

/// <summary>How a field's value is kept.</summary>
internal enum FieldKind : byte
{
    /// <summary>1, 2, 4, 8 or 16 bytes of number or vector.</summary>
    Number,

    /// <summary>A reference in the hierarchies of <c>any</c> and <c>extern</c>, whose objects and hosts' references pass from one to the other.</summary>
    Any,

    /// <summary>A reference to an exception.</summary>
    Exception,

    /// <summary>A reference to a function.</summary>
    Function,
}

/// <summary>A field as the reader and the writer of objects see it.</summary>
/// <param name="Type">Its storage type; a concrete heap type names a <see cref="CanonicalType.Number"/>.</param>
/// <param name="Kind">How its value is kept.</param>
/// <param name="IsMutable">Whether it can be written after the object was made.</param>
/// <param name="Bytes">What it takes in an image and in the heap.</param>
/// <param name="ImageOffset">Where it lies in the image of a struct; 0 for an element.</param>
/// <param name="HeapOffset">Where it lies in an object of the library's heap, from the object's beginning; of an array, the first element.</param>
internal readonly record struct FieldPlan(WasmValueType Type, FieldKind Kind, bool IsMutable, int Bytes, int ImageOffset, int HeapOffset);
