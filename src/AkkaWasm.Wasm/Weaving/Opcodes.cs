namespace AkkaWasm.Wasm.Weaving;

/// <summary>The instructions that woven functions are made of.</summary>
internal static class Opcodes
{
    public const byte End = 0x0b;
    public const byte MemoryInit = 8;
    public const byte DataDrop = 9;
    public const byte TableInit = 12;
    public const byte ElementDrop = 13;

    private const byte I32ConstCode = 0x41;
    private const byte I64ConstCode = 0x42;
    private const byte MiscPrefix = 0xfc;

    public static BinaryBuffer I32Const(this BinaryBuffer code, int value) => code.Byte(I32ConstCode).S33(value);

    /// <summary>A constant of an address or index type.</summary>
    public static BinaryBuffer AddressConst(this BinaryBuffer code, bool is64, int value) => code.Byte(is64 ? I64ConstCode : I32ConstCode).S33(value);

    /// <summary>The instructions behind the prefix, before their own indices.</summary>
    public static BinaryBuffer Misc(this BinaryBuffer code, byte instruction) => code.Byte(MiscPrefix).U32(instruction);
}
