namespace AkkaWasm.Wasm;

/// <summary>The value types of the specification; all references share <see cref="Reference"/>.</summary>
public enum WasmValueKind : byte
{
    /// <summary>A 32-bit integer.</summary>
    I32,

    /// <summary>A 64-bit integer.</summary>
    I64,

    /// <summary>A 32-bit IEEE 754 number.</summary>
    F32,

    /// <summary>A 64-bit IEEE 754 number.</summary>
    F64,

    /// <summary>A 128-bit vector.</summary>
    V128,

    /// <summary>A reference; <see cref="WasmValueType.Heap"/> says to what.</summary>
    Reference,

    /// <summary>An 8-bit integer: storage of a field only, never a value on the stack.</summary>
    I8,

    /// <summary>A 16-bit integer: storage of a field only, never a value on the stack.</summary>
    I16,
}

/// <summary>What a reference can point to: the abstract heap types, or one of the module's own types.</summary>
public enum HeapKind : byte
{
    /// <summary>Not a reference type at all.</summary>
    None,

    /// <summary>Any function.</summary>
    Func,

    /// <summary>The bottom of the functions: only null.</summary>
    NoFunc,

    /// <summary>A host reference.</summary>
    Extern,

    /// <summary>The bottom of the host references: only null.</summary>
    NoExtern,

    /// <summary>Any object of the GC heap, and i31.</summary>
    Any,

    /// <summary>Anything that <c>ref.eq</c> compares: i31, structs and arrays.</summary>
    Eq,

    /// <summary>An unboxed 31-bit integer.</summary>
    I31,

    /// <summary>Any struct.</summary>
    Struct,

    /// <summary>Any array.</summary>
    Array,

    /// <summary>The bottom of the GC objects (<c>none</c>): only null.</summary>
    NoAny,

    /// <summary>A caught exception.</summary>
    Exn,

    /// <summary>The bottom of the exceptions: only null.</summary>
    NoExn,

    /// <summary>A type of the module's type section; <see cref="HeapType.TypeIndex"/> says which.</summary>
    Concrete,
}

/// <summary>The target of a reference type.</summary>
/// <param name="Kind">The abstract heap type, or <see cref="HeapKind.Concrete"/>.</param>
/// <param name="TypeIndex">The type index if <paramref name="Kind"/> is <see cref="HeapKind.Concrete"/>, else 0.</param>
public readonly record struct HeapType(HeapKind Kind, int TypeIndex = 0)
{
    /// <summary>The name as the text format spells it, <c>func</c> or a type index.</summary>
    public override string ToString() => Kind switch
    {
        HeapKind.Concrete => TypeIndex.ToString(),
        HeapKind.NoAny => "none",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}

/// <summary>A value type, or the storage type of a field.</summary>
/// <param name="Kind">Number, vector, packed integer or reference.</param>
/// <param name="Nullable">Whether a reference may be null; false for everything else.</param>
/// <param name="Heap">What a reference points to; the default for everything else.</param>
public readonly record struct WasmValueType(WasmValueKind Kind, bool Nullable = false, HeapType Heap = default)
{
    /// <summary>A nullable reference to any function.</summary>
    public static readonly WasmValueType FuncRef = new(WasmValueKind.Reference, true, new HeapType(HeapKind.Func));

    /// <summary>A nullable host reference.</summary>
    public static readonly WasmValueType ExternRef = new(WasmValueKind.Reference, true, new HeapType(HeapKind.Extern));

    /// <summary>Whether this is a reference type.</summary>
    public bool IsReference => Kind == WasmValueKind.Reference;

    /// <summary>The type as the text format spells it, <c>i32</c> or <c>(ref null func)</c>.</summary>
    public override string ToString() =>
        !IsReference ? Kind.ToString().ToLowerInvariant() : Nullable ? $"(ref null {Heap})" : $"(ref {Heap})";
}
