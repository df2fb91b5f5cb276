namespace AkkaWasm.Wasm.Binary;

/// <summary>What can follow an opcode.</summary>
internal enum Immediate : byte
{
    None,
    BlockType,
    Label,
    Labels,
    Function,
    FunctionReference,
    Type,
    AllocatedType,
    Table,
    WrittenTable,
    Local,
    Global,
    WrittenGlobal,
    MemoryArgument,
    Memory,
    S32,
    S64,
    F32,
    F64,
    Data,
    DroppedData,
    Element,
    DroppedElement,
    Heap,
    ValueTypes,
    Tag,
    Catches,
    Bytes16,
    Lane,
    U32,
    CastFlags,
}

/// <summary>What an instruction does to the nesting of blocks.</summary>
internal enum Nesting : byte
{
    None,
    Opens,
    Closes,
}

/// <summary>One row of the instruction table: what follows the opcode, what it needs, or why it is refused.</summary>
internal sealed record InstructionShape(
    WasmFeatures Features, Nesting Nesting, bool IsArithmetic, Immediate[] Immediates, string? Refusal = null)
{
    /// <summary>Whether it may stand in a constant expression (specification, Validation, Constant Expressions).</summary>
    public bool IsConstant { get; init; }
}
