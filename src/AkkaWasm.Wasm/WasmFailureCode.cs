namespace AkkaWasm.Wasm;

/// <summary>Why a guest failed. A closed list: the supervisor decides by it.</summary>
public enum WasmFailureCode : byte
{
    /// <summary>An <c>unreachable</c> instruction, the way compilers spell a failed assertion.</summary>
    Unreachable,

    /// <summary>An access outside a linear memory or a data segment.</summary>
    MemoryOutOfBounds,

    /// <summary>An access outside a table or an element segment, or a call through an index outside it.</summary>
    TableOutOfBounds,

    /// <summary>A call through a table element that is null.</summary>
    IndirectCallToNull,

    /// <summary>A call through a table element of another signature.</summary>
    BadSignature,

    /// <summary>An integer operation whose result does not fit.</summary>
    IntegerOverflow,

    /// <summary>An integer division by zero.</summary>
    IntegerDivisionByZero,

    /// <summary>A conversion of a NaN to an integer.</summary>
    BadConversionToInteger,

    /// <summary>The guest's call stack is used up.</summary>
    StackOverflow,

    /// <summary>The deadline has passed. Depends on the host's speed.</summary>
    Interrupt,

    /// <summary>All fuel is used up.</summary>
    OutOfFuel,

    /// <summary>A null reference was used.</summary>
    NullReference,

    /// <summary>An access outside a GC array.</summary>
    ArrayOutOfBounds,

    /// <summary>A reference was cast to a type that it does not have.</summary>
    CastFailure,

    /// <summary>A GC object larger than the engine can make.</summary>
    AllocationTooLarge,

    /// <summary>The GC heap is full. Cyclic garbage is freed only by capture and restore, which is worth a try.</summary>
    GcHeapOutOfMemory,

    /// <summary>A WebAssembly exception that no handler caught.</summary>
    UncaughtException,

    /// <summary>A host function threw; <see cref="Exception.InnerException"/> is what it threw.</summary>
    HostFailure,

    /// <summary>
    /// The host had no memory left for a growth that the guest's limits allow. An operating fault: nothing the guest did after it counts.
    /// </summary>
    HostOutOfMemory,

    /// <summary>Something that the library reports and that fits none of the others; the message says what.</summary>
    Other,
}
