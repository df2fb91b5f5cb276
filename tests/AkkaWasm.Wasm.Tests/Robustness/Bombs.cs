using System.Text;
using AkkaWasm.Wasm.Tests.Suite;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Tests.Robustness;

/// <summary>Modules that are as large, as deep or as many as their limits allow, one respect each.</summary>
internal static class Bombs
{
    private const byte TypeSection = 1;
    private const byte ImportSection = 2;
    private const byte FunctionSection = 3;
    private const byte TableSection = 4;
    private const byte MemorySection = 5;
    private const byte GlobalSection = 6;
    private const byte ExportSection = 7;
    private const byte ElementSection = 9;
    private const byte CodeSection = 10;
    private const byte DataSection = 11;
    private const byte TagSection = 13;
    private const byte I32 = 0x7f;
    private const byte V128 = 0x7b;
    private const byte End = 0x0b;
    private const byte Empty = 0x40;

    private static readonly ModuleLimits Limits = ModuleLimits.Default;

    public static readonly IReadOnlyList<(string Name, Func<byte[]> Make)> All =
    [
        ("blocks in blocks", () => Nested([0x02, Empty], Limits.MaxNestingDepth)),
        ("loops in loops", () => Nested([0x03, Empty], Limits.MaxNestingDepth)),
        ("ifs in ifs", () => Nested([0x41, 0, 0x04, Empty], Limits.MaxNestingDepth)),
        ("handlers in handlers", () => Nested([0x1f, Empty, 0], Limits.MaxNestingDepth)),
        ("blocks deeper than the limit", () => Nested([0x02, Empty], Limits.MaxNestingDepth + 2)),
        ("loops that branch to each other", () => Function(Repeat([0x03, Empty], 2_000), Repeat([0x41, 0, 0x0d, 0, End], 2_000))),
        ("loops that all branch to the outermost", () => Function(Repeat([0x03, Empty], 2_000), Descending(2_000))),
        ("a giant straight function", () => Function(Repeat([0x41, 1, 0x1a], (Limits.MaxFunctionBytes - 16) / 3))),
        ("a giant function of calls", () => Function(Repeat([0x10, 0], (Limits.MaxFunctionBytes - 16) / 2))),
        ("a giant function of branches", () => Function(Repeat([0x02, Empty, 0x41, 0, 0x0d, 0, End], (Limits.MaxFunctionBytes - 16) / 7))),
        ("a giant function of additions", () => Function([0x41, 0], Repeat([0x41, 1, 0x6a], (Limits.MaxFunctionBytes - 16) / 3), [0x1a])),
        ("a giant function of memory accesses", () => Function(Repeat([0x41, 0, 0x41, 1, 0x36, 2, 0], (Limits.MaxFunctionBytes - 16) / 7))),
        ("a stack of constants", () => Function(Repeat([0x41, 1], 1_000_000), Repeat([0x1a], 1_000_000))),
        ("locals", () => Locals(I32)),
        ("vector locals", () => Locals(V128)),
        ("branch targets", () => Function([0x02, Empty, 0x41, 0, 0x0e], Number(Limits.MaxBranchTargets), Repeat([0], Limits.MaxBranchTargets + 1), [End])),
        ("parameters and results", () => Module((TypeSection, [1, 0x60, .. Number(1000), .. Repeat([I32], 1000), .. Number(1000), .. Repeat([I32], 1000)]))),
        ("functions", () => Functions(100_000)),
        ("types", () => Module((TypeSection, Many(Limits.MaxTypes, [0x60, 0, 0])))),
        ("types in one group", () => Module((TypeSection, [1, 0x4e, .. Many(Limits.MaxTypes, [0x5f, 0])]))),
        ("a chain of subtypes", () => Module((TypeSection, SubtypeChain(Limits.MaxSubtypingDepth)))),
        ("fields", () => Module((TypeSection, [1, 0x5f, .. Many(Limits.MaxStructFields, [I32, 1])]))),
        ("globals", () => Module((GlobalSection, Many(100_000, [I32, 1, 0x41, 0, End])))),
        ("tables", () => Module((TableSection, Many(Limits.MaxTables, [0x70, 0, 0])))),
        ("memories", () => Module((MemorySection, Many(Limits.MaxMemories, [0, 0])))),
        ("the largest memory", () => Module((MemorySection, [1, 0, .. Number(65_536)]))),
        ("the largest 64-bit memory", () => Module((MemorySection, [1, 4, .. Number(1 << 30)]))),
        ("the largest table", () => Module((TableSection, [1, 0x70, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]))),
        ("tags", () => Module((TypeSection, [1, 0x60, 0, 0]), (TagSection, Many(Limits.MaxTags, [0, 0])))),
        ("exports", () => Exports(500_000)),
        ("imports", () => Module((TypeSection, [1, 0x60, 0, 0]), (ImportSection, Many(Limits.MaxImports, [1, (byte)'e', 1, (byte)'f', 0, 0])))),
        ("data segments", () => Module((MemorySection, [1, 0, 1]), (DataSection, Many(Limits.MaxSegments, [0, 0x41, 0, End, 1, 7])))),
        ("elements", () => Elements(Limits.MaxSegmentElements, [0x41, 0])),
        ("elements at an offset that is computed", () => Elements(Limits.MaxComputedElements, [0x23, 0])),
        ("passive elements", () => WithElements(1, [1, 1, 0, .. Many(Limits.MaxComputedElements, [0])])),
        ("elements as expressions", () => WithElements(1, [1, 5, 0x70, .. Many(Limits.MaxComputedElements, [0xd2, 0, End])])),
        ("more elements as expressions than the limit", () => WithElements(1, [1, 5, 0x70, .. Many(Limits.MaxComputedElements + 1, [0xd2, 0, End])])),
        ("element segments", () => ElementSegments(Limits.MaxSegments)),
        ("a long initial value", () => Module((GlobalSection, [1, I32, 0, 0x41, 0, .. Repeat([0x41, 1, 0x6a], 500_000), End]))),
        ("custom sections", () => Module([.. Enumerable.Repeat<(byte, byte[])>((0, [1, (byte)'x']), Limits.MaxSections - 1)])),
        ("parentheses in text", () => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("(", 1_000_000)))),
        ("blocks in text", () => Encoding.UTF8.GetBytes($"(module (func {string.Concat(Enumerable.Repeat("(block ", 100_000))}{new string(')', 100_000)}))")),
    ];

    /// <summary>The bomb as the suite's machinery takes it.</summary>
    public static ScriptModule Module(int number)
    {
        var source = All[number].Make();
        return new ScriptModule(All[number].Name, source.AsSpan().StartsWith("\0asm"u8) ? ModuleForm.Binary : ModuleForm.Text, Expectation.Malformed, source);
    }

    private static byte[] Module(params (byte Id, byte[] Content)[] sections)
    {
        var module = new BinaryBuffer(1 << 20).Bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
        foreach (var (id, content) in sections) module.Section(id, content);
        return module.Written.ToArray();
    }

    private static byte[] Function(params byte[][] instructions) => WithBody([0, .. instructions.SelectMany(i => i), End]);

    private static byte[] WithBody(byte[] body) => Module(
        (TypeSection, [1, 0x60, 0, 0]), (FunctionSection, [1, 0]), (MemorySection, [1, 0, 1]), (ExportSection, [1, 1, (byte)'f', 0, 0]),
        (CodeSection, [1, .. Number(body.Length), .. body]));

    private static byte[] Nested(byte[] opening, int depth) => Function(Repeat(opening, depth), Repeat([End], depth));

    private static byte[] Locals(byte type) => WithBody([1, .. Number(Limits.MaxLocals), type, End]);

    private static byte[] Functions(int count) => Module(
        (TypeSection, [1, 0x60, 0, 0]), (FunctionSection, Many(count, [0])), (CodeSection, Many(count, [2, 0, End])));

    private static byte[] SubtypeChain(int depth)
    {
        var types = new BinaryBuffer().U32((uint)depth + 1).Bytes([0x50, 0, 0x5f, 0]);
        for (var i = 0; i < depth; i++) types.Byte(0x50).U32(1).U32((uint)i).Bytes([0x5f, 0]);
        return types.Written.ToArray();
    }

    private static byte[] Exports(int count)
    {
        var exports = new BinaryBuffer(count * 8).U32((uint)count);
        for (var i = 0; i < count; i++) exports.Name(i.ToString("x")).Byte(0).U32(0);
        return Module((TypeSection, [1, 0x60, 0, 0]), (FunctionSection, [1, 0]), (ExportSection, exports.Written.ToArray()), (CodeSection, [1, 2, 0, End]));
    }

    private static byte[] Elements(int count, byte[] offset) => WithElements(count, [1, 0, .. offset, End, .. Many(count, [0])]);

    private static byte[] ElementSegments(int count) => WithElements(1, Many(count, [0, 0x41, 0, End, 1, 0]));

    private static byte[] WithElements(int tableSize, byte[] segments) => Module(
        (TypeSection, [1, 0x60, 0, 0]), (FunctionSection, [1, 0]), (TableSection, [1, 0x70, 0, .. Number(tableSize)]),
        (GlobalSection, [1, I32, 0, 0x41, 0, End]), (ElementSection, segments), (CodeSection, [1, 2, 0, End]));

    /// <summary>Ends of that many loops, each after a branch to the outermost.</summary>
    private static byte[] Descending(int depth)
    {
        var code = new BinaryBuffer();
        for (var i = depth - 1; i >= 0; i--) code.Bytes([0x41, 0, 0x0d]).U32((uint)i).Byte(End);
        return code.Written.ToArray();
    }

    private static byte[] Many(int count, byte[] item) => [.. Number(count), .. Repeat(item, count)];

    private static byte[] Number(int value) => new BinaryBuffer(8).U32((uint)value).Written.ToArray();

    private static byte[] Repeat(byte[] bytes, int count)
    {
        var repeated = new byte[bytes.Length * count];
        for (var i = 0; i < count; i++) bytes.CopyTo(repeated, i * bytes.Length);
        return repeated;
    }
}
