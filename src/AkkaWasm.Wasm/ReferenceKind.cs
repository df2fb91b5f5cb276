namespace AkkaWasm.Wasm;

/// <summary>What a reference refers to, as far as the host can see.</summary>
public enum ReferenceKind : byte
{
    /// <summary>It is no reference.</summary>
    None,

    /// <summary>Nothing: the null reference.</summary>
    Null,

    /// <summary>An unboxed 31-bit integer.</summary>
    I31,

    /// <summary>Something of the host's, known by its key.</summary>
    Host,

    /// <summary>A function.</summary>
    Function,

    /// <summary>A struct of the GC heap.</summary>
    Struct,

    /// <summary>An array of the GC heap.</summary>
    Array,

    /// <summary>A caught exception.</summary>
    Exception,
}
