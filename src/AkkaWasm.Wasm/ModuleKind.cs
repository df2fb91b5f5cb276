namespace AkkaWasm.Wasm;

/// <summary>What a core module is for. Components are refused and have no kind.</summary>
public enum ModuleKind : byte
{
    /// <summary>A core module that speaks no protocol known here; its exports can be called by name.</summary>
    Core,

    /// <summary>An agent: it exports <c>mesh_handle</c> or imports from <c>mesh_v1</c>.</summary>
    Mesh,

    /// <summary>A WASI preview 1 program: it exports <c>_start</c>.</summary>
    WasiCommand,

    /// <summary>A WASI preview 1 library: it exports <c>_initialize</c>, or imports WASI and has no <c>_start</c>.</summary>
    WasiReactor,
}

/// <summary>What a module uses beyond WebAssembly 1.0, found in its types and its code.</summary>
[Flags]
public enum WasmFeatures
{
    /// <summary>WebAssembly 1.0 only.</summary>
    None = 0,

    /// <summary>Imported or exported mutable globals.</summary>
    MutableGlobals = 1 << 0,

    /// <summary><c>i32.extend8_s</c> and its relatives.</summary>
    SignExtension = 1 << 1,

    /// <summary>Saturating conversions of floating-point numbers to integers.</summary>
    SaturatingFloatToInt = 1 << 2,

    /// <summary>Several results, and blocks with parameters.</summary>
    MultiValue = 1 << 3,

    /// <summary>Bulk memory and table instructions, passive segments.</summary>
    BulkMemory = 1 << 4,

    /// <summary><c>externref</c>, several tables, reference instructions.</summary>
    ReferenceTypes = 1 << 5,

    /// <summary>128-bit vectors.</summary>
    Simd = 1 << 6,

    /// <summary>Vector instructions whose results the standard leaves open in part.</summary>
    RelaxedSimd = 1 << 7,

    /// <summary>Arithmetic in the initial values of globals and offsets.</summary>
    ExtendedConst = 1 << 8,

    /// <summary>Tail calls.</summary>
    TailCall = 1 << 9,

    /// <summary>More than one memory.</summary>
    MultiMemory = 1 << 10,

    /// <summary>64-bit memories or tables.</summary>
    Memory64 = 1 << 11,

    /// <summary>Typed function references.</summary>
    FunctionReferences = 1 << 12,

    /// <summary>Structs, arrays, i31, recursion groups and subtypes.</summary>
    Gc = 1 << 13,

    /// <summary>Exceptions: tags, <c>throw</c>, <c>try_table</c>, <c>exnref</c>.</summary>
    Exceptions = 1 << 14,
}
