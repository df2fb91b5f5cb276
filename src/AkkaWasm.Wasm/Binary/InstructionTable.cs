using static AkkaWasm.Wasm.Binary.Immediate;
using static AkkaWasm.Wasm.WasmFeatures;

namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// The instructions of WebAssembly 3.0 as data: opcode (or a range of them) to immediates and feature. An opcode without a row
/// is unknown. Source: the specification's binary format, chapter Instructions.
/// </summary>
internal static class InstructionTable
{
    public const byte GcPrefix = 0xfb;
    public const byte MiscPrefix = 0xfc;
    public const byte VectorPrefix = 0xfd;
    private const int RelaxedFirst = 0x100;

    private const string Legacy =
        "legacy exception handling (try/catch) is not served; build with try_table (clang: -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false)";

    private const string Threads = "threads (atomic instructions) are not served; build without shared memory (clang: without -pthread)";
    private const string StackSwitching = "stack switching (continuations) is not served; build without it";

    private static readonly InstructionShape?[] Plain = PlainRows();
    private static readonly InstructionShape?[] Gc = GcRows();
    private static readonly InstructionShape?[] Misc = MiscRows();
    private static readonly InstructionShape?[] Vector = VectorRows();

    public static bool IsPrefix(byte opcode) => opcode is GcPrefix or MiscPrefix or VectorPrefix;

    /// <summary>The row of a one-byte opcode, or null.</summary>
    public static InstructionShape? Find(byte opcode) => Plain[opcode];

    /// <summary>The row of an opcode behind a prefix, or null.</summary>
    public static InstructionShape? Find(byte prefix, uint opcode)
    {
        var rows = prefix switch { GcPrefix => Gc, MiscPrefix => Misc, _ => Vector };
        return opcode < (uint)rows.Length ? rows[opcode] : null;
    }

    private static InstructionShape?[] PlainRows()
    {
        var t = new InstructionShape?[256];
        Rows(t, 0x00, 0x01);                                        // unreachable, nop
        Opens(t, 0x02, 0x04, WasmFeatures.None, BlockType);                      // block, loop, if
        Rows(t, 0x05, 0x05);                                        // else
        Refused(t, 0x06, 0x07, Legacy);                             // try, catch
        Rows(t, 0x08, 0x08, Exceptions, Tag);                       // throw
        Refused(t, 0x09, 0x09, Legacy);                             // rethrow
        Rows(t, 0x0a, 0x0a, Exceptions);                            // throw_ref
        t[0x0b] = new InstructionShape(WasmFeatures.None, Nesting.Closes, false, []); // end
        Rows(t, 0x0c, 0x0d, WasmFeatures.None, Label);              // br, br_if
        Rows(t, 0x0e, 0x0e, WasmFeatures.None, Labels);             // br_table
        Rows(t, 0x0f, 0x0f);                                        // return
        Rows(t, 0x10, 0x10, WasmFeatures.None, Function);           // call
        Rows(t, 0x11, 0x11, WasmFeatures.None, Immediate.Type, Table); // call_indirect
        Rows(t, 0x12, 0x12, TailCall, Function);                    // return_call
        Rows(t, 0x13, 0x13, TailCall, Immediate.Type, Table);       // return_call_indirect
        Rows(t, 0x14, 0x14, FunctionReferences, Immediate.Type);    // call_ref
        Rows(t, 0x15, 0x15, FunctionReferences | TailCall, Immediate.Type); // return_call_ref
        Refused(t, 0x18, 0x19, Legacy);                             // delegate, catch_all
        Rows(t, 0x1a, 0x1b);                                        // drop, select
        Rows(t, 0x1c, 0x1c, ReferenceTypes, ValueTypes);            // select with types
        Opens(t, 0x1f, 0x1f, Exceptions, BlockType, Catches);       // try_table
        Rows(t, 0x20, 0x22, WasmFeatures.None, Local);              // local.get, set, tee
        Rows(t, 0x23, 0x23, WasmFeatures.None, Global);             // global.get
        Rows(t, 0x24, 0x24, WasmFeatures.None, WrittenGlobal);      // global.set
        Rows(t, 0x25, 0x25, ReferenceTypes, Table);                 // table.get
        Rows(t, 0x26, 0x26, ReferenceTypes, WrittenTable);          // table.set
        Rows(t, 0x28, 0x3e, WasmFeatures.None, MemoryArgument);     // loads and stores
        Rows(t, 0x3f, 0x40, WasmFeatures.None, Memory);             // memory.size, memory.grow
        Rows(t, 0x41, 0x41, WasmFeatures.None, S32);
        Rows(t, 0x42, 0x42, WasmFeatures.None, S64);
        Rows(t, 0x43, 0x43, WasmFeatures.None, F32);
        Rows(t, 0x44, 0x44, WasmFeatures.None, F64);
        Rows(t, 0x45, 0xbf);                                        // comparisons, arithmetic, conversions
        Arithmetic(t, 0x6a, 0x6c);                                  // i32.add, sub, mul
        Arithmetic(t, 0x7c, 0x7e);                                  // i64.add, sub, mul
        Rows(t, 0xc0, 0xc4, SignExtension);
        Rows(t, 0xd0, 0xd0, ReferenceTypes, Heap);                  // ref.null
        Rows(t, 0xd1, 0xd1, ReferenceTypes);                        // ref.is_null
        Rows(t, 0xd2, 0xd2, ReferenceTypes, FunctionReference);     // ref.func
        Rows(t, 0xd3, 0xd3, WasmFeatures.Gc);                       // ref.eq
        Rows(t, 0xd4, 0xd4, FunctionReferences);                    // ref.as_non_null
        Rows(t, 0xd5, 0xd6, FunctionReferences, Label);             // br_on_null, br_on_non_null
        Refused(t, 0xe0, 0xe6, StackSwitching);
        Refused(t, 0xfe, 0xfe, Threads);
        Constant(t, 0x0b, 0x23, 0x41, 0x42, 0x43, 0x44, 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e, 0xd0, 0xd2);
        return t;
    }

    private static InstructionShape?[] GcRows()
    {
        var t = new InstructionShape?[0x1f];
        Rows(t, 0x00, 0x01, WasmFeatures.Gc, AllocatedType);              // struct.new, new_default
        Rows(t, 0x02, 0x05, WasmFeatures.Gc, Immediate.Type, U32);        // struct.get, get_s, get_u, set
        Rows(t, 0x06, 0x07, WasmFeatures.Gc, AllocatedType);              // array.new, new_default
        Rows(t, 0x08, 0x08, WasmFeatures.Gc, AllocatedType, U32);         // array.new_fixed
        Rows(t, 0x09, 0x09, WasmFeatures.Gc, AllocatedType, Data);        // array.new_data
        Rows(t, 0x0a, 0x0a, WasmFeatures.Gc, AllocatedType, Element);     // array.new_elem
        Rows(t, 0x0b, 0x0e, WasmFeatures.Gc, Immediate.Type);             // array.get, get_s, get_u, set
        Rows(t, 0x0f, 0x0f, WasmFeatures.Gc);                             // array.len
        Rows(t, 0x10, 0x10, WasmFeatures.Gc, Immediate.Type);             // array.fill
        Rows(t, 0x11, 0x11, WasmFeatures.Gc, Immediate.Type, Immediate.Type); // array.copy
        Rows(t, 0x12, 0x12, WasmFeatures.Gc, Immediate.Type, Data);       // array.init_data
        Rows(t, 0x13, 0x13, WasmFeatures.Gc, Immediate.Type, Element);    // array.init_elem
        Rows(t, 0x14, 0x17, WasmFeatures.Gc, Heap);                       // ref.test, ref.cast, null or not
        Rows(t, 0x18, 0x19, WasmFeatures.Gc, CastFlags, Label, Heap, Heap); // br_on_cast, br_on_cast_fail
        Rows(t, 0x1a, 0x1e, WasmFeatures.Gc);                             // conversions, ref.i31, i31.get
        Constant(t, 0x00, 0x01, 0x06, 0x07, 0x08, 0x1a, 0x1b, 0x1c);
        return t;
    }

    private static InstructionShape?[] MiscRows()
    {
        var t = new InstructionShape?[18];
        Rows(t, 0, 7, SaturatingFloatToInt);
        Rows(t, 8, 8, BulkMemory, Data, Memory);                    // memory.init
        Rows(t, 9, 9, BulkMemory, DroppedData);                     // data.drop
        Rows(t, 10, 10, BulkMemory, Memory, Memory);                // memory.copy
        Rows(t, 11, 11, BulkMemory, Memory);                        // memory.fill
        Rows(t, 12, 12, BulkMemory, Element, WrittenTable);         // table.init
        Rows(t, 13, 13, BulkMemory, DroppedElement);                // elem.drop
        Rows(t, 14, 14, BulkMemory, WrittenTable, Table);           // table.copy
        Rows(t, 15, 15, ReferenceTypes, WrittenTable);              // table.grow
        Rows(t, 16, 16, ReferenceTypes, Table);                     // table.size
        Rows(t, 17, 17, ReferenceTypes, WrittenTable);              // table.fill
        return t;
    }

    private static InstructionShape?[] VectorRows()
    {
        var t = new InstructionShape?[0x114];
        Rows(t, 0, 11, Simd, MemoryArgument);                       // loads, store
        Rows(t, 12, 13, Simd, Bytes16);                             // v128.const, i8x16.shuffle
        Constant(t, 12);
        Rows(t, 14, 20, Simd);                                      // swizzle, splats
        Rows(t, 21, 34, Simd, Lane);                                // extract_lane, replace_lane
        Rows(t, 35, 83, Simd);
        Rows(t, 84, 91, Simd, MemoryArgument, Lane);                // load_lane, store_lane
        Rows(t, 92, 93, Simd, MemoryArgument);                      // load32_zero, load64_zero
        Rows(t, 94, RelaxedFirst - 1, Simd);
        Rows(t, RelaxedFirst, 0x113, Simd | RelaxedSimd);
        return t;
    }

    private static void Rows(
        InstructionShape?[] t, int first, int last, WasmFeatures features = WasmFeatures.None, params Immediate[] immediates) =>
        Array.Fill(t, new InstructionShape(features, Nesting.None, false, immediates), first, last - first + 1);

    private static void Opens(InstructionShape?[] t, int first, int last, WasmFeatures features, params Immediate[] immediates) =>
        Array.Fill(t, new InstructionShape(features, Nesting.Opens, false, immediates), first, last - first + 1);

    private static void Arithmetic(InstructionShape?[] t, int first, int last) =>
        Array.Fill(t, new InstructionShape(WasmFeatures.None, Nesting.None, true, []), first, last - first + 1);

    private static void Constant(InstructionShape?[] t, params ReadOnlySpan<int> opcodes)
    {
        foreach (var opcode in opcodes) t[opcode] = t[opcode]! with { IsConstant = true };
    }

    private static void Refused(InstructionShape?[] t, int first, int last, string reason) =>
        Array.Fill(t, new InstructionShape(WasmFeatures.None, Nesting.None, false, [], reason), first, last - first + 1);
}
