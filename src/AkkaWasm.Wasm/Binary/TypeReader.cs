using System.Diagnostics.CodeAnalysis;

namespace AkkaWasm.Wasm.Binary;

/// <summary>Reads value types, heap types and limits, and notes the features they need.</summary>
internal static class TypeReader
{
    private const byte NullableReference = 0x63;
    private const byte NonNullReference = 0x64;
    private const byte EmptyBlock = 0x40;

    private static readonly Dictionary<byte, WasmValueKind> Numbers = new()
    {
        [0x7f] = WasmValueKind.I32, [0x7e] = WasmValueKind.I64, [0x7d] = WasmValueKind.F32, [0x7c] = WasmValueKind.F64,
        [0x7b] = WasmValueKind.V128,
    };

    private static readonly Dictionary<byte, WasmValueKind> Packed = new()
    {
        [0x78] = WasmValueKind.I8, [0x77] = WasmValueKind.I16,
    };

    private static readonly Dictionary<byte, (HeapKind Kind, WasmFeatures Features)> AbstractHeaps = new()
    {
        [0x74] = (HeapKind.NoExn, WasmFeatures.Exceptions),
        [0x73] = (HeapKind.NoFunc, WasmFeatures.Gc),
        [0x72] = (HeapKind.NoExtern, WasmFeatures.Gc),
        [0x71] = (HeapKind.NoAny, WasmFeatures.Gc),
        [0x70] = (HeapKind.Func, WasmFeatures.None),
        [0x6f] = (HeapKind.Extern, WasmFeatures.ReferenceTypes),
        [0x6e] = (HeapKind.Any, WasmFeatures.Gc),
        [0x6d] = (HeapKind.Eq, WasmFeatures.Gc),
        [0x6c] = (HeapKind.I31, WasmFeatures.Gc),
        [0x6b] = (HeapKind.Struct, WasmFeatures.Gc),
        [0x6a] = (HeapKind.Array, WasmFeatures.Gc),
        [0x69] = (HeapKind.Exn, WasmFeatures.Exceptions),
    };

    private static readonly Dictionary<byte, string> Refused = new()
    {
        [0x75] = "continuation references (stack switching) are not served; build without them",
        [0x68] = "continuation references (stack switching) are not served; build without them",
        [0x65] = "shared references (threads) are not served; build without them",
        [0x62] = "exact references (custom descriptors) are not served; build without them",
    };

    /// <summary>The code of an abstract heap type.</summary>
    public static byte AbstractCode(HeapKind kind) => AbstractHeaps.First(h => h.Value.Kind == kind).Key;

    public static WasmValueType ValueType(ref BinaryCursor c, ModuleDraft draft)
    {
        var code = c.Peek();
        if (!Numbers.TryGetValue(code, out var number)) return ReferenceType(ref c, draft, "value type");
        c.Byte();
        if (number == WasmValueKind.V128) draft.Features |= WasmFeatures.Simd;
        return new WasmValueType(number);
    }

    public static WasmValueType StorageType(ref BinaryCursor c, ModuleDraft draft)
    {
        if (!Packed.TryGetValue(c.Peek(), out var packed)) return ValueType(ref c, draft);
        c.Byte();
        return new WasmValueType(packed);
    }

    public static WasmValueType ReferenceType(ref BinaryCursor c, ModuleDraft draft, string expected = "reference type")
    {
        var code = c.Peek();
        if (AbstractHeaps.TryGetValue(code, out var heap))
        {
            c.Byte();
            draft.Features |= heap.Features;
            return new WasmValueType(WasmValueKind.Reference, true, new HeapType(heap.Kind));
        }
        if (code is not (NullableReference or NonNullReference)) Unknown(ref c, code, expected);
        c.Byte();
        draft.Features |= WasmFeatures.FunctionReferences;
        return new WasmValueType(WasmValueKind.Reference, code == NullableReference, HeapType(ref c, draft));
    }

    public static HeapType HeapType(ref BinaryCursor c, ModuleDraft draft)
    {
        var code = c.Peek();
        if (AbstractHeaps.TryGetValue(code, out var heap))
        {
            c.Byte();
            draft.Features |= heap.Features;
            return new HeapType(heap.Kind);
        }
        if ((code & 0xc0) == 0x40) Unknown(ref c, code, "heap type");
        var index = c.S33();
        if (index < 0 || index >= draft.KnownTypes) c.Invalid($"type {index} does not exist (there are {draft.Types.Count})");
        draft.Features |= WasmFeatures.FunctionReferences;
        return new HeapType(HeapKind.Concrete, (int)index);
    }

    /// <summary>The type of a block: nothing, one result, or a function type.</summary>
    public static void BlockType(ref BinaryCursor c, ModuleDraft draft)
    {
        var code = c.Peek();
        if (code == EmptyBlock) c.Byte();
        else if ((code & 0xc0) == 0x40) ValueType(ref c, draft);
        else
        {
            var index = c.S33();
            if (index < 0 || index >= draft.Types.Count) c.Invalid($"block type {index} does not exist (there are {draft.Types.Count} types)");
            draft.Features |= WasmFeatures.MultiValue;
        }
    }

    public static (WasmValueType Type, bool IsMutable) GlobalType(ref BinaryCursor c, ModuleDraft draft)
    {
        var type = ValueType(ref c, draft);
        return (type, Mutability(ref c));
    }

    public static FieldType Field(ref BinaryCursor c, ModuleDraft draft)
    {
        var storage = StorageType(ref c, draft);
        return new FieldType(storage, Mutability(ref c));
    }

    public static TableDescription Table(ref BinaryCursor c, ModuleDraft draft, bool hasInitializer, ImportDescription? import)
    {
        var element = ReferenceType(ref c, draft);
        var (is64, minimum, maximum) = Limits(ref c, draft, "table");
        if (draft.Tables.Count > 0) draft.Features |= WasmFeatures.ReferenceTypes;
        return new TableDescription(draft.Tables.Count, element, is64, minimum, maximum, hasInitializer, import);
    }

    public static MemoryDescription Memory(ref BinaryCursor c, ModuleDraft draft, ImportDescription? import)
    {
        var (is64, minimum, maximum) = Limits(ref c, draft, "memory");
        if (draft.Memories.Count > 0) draft.Features |= WasmFeatures.MultiMemory;
        return new MemoryDescription(draft.Memories.Count, is64, minimum, maximum, import);
    }

    public static TagDescription Tag(ref BinaryCursor c, ModuleDraft draft, ImportDescription? import)
    {
        if (c.Byte() != 0) c.Malformed("a tag's attribute is not 0");
        draft.Features |= WasmFeatures.Exceptions;
        return new TagDescription(draft.Tags.Count, c.Index("type", draft.Types.Count), import);
    }

    private static (bool Is64, ulong Minimum, ulong? Maximum) Limits(ref BinaryCursor c, ModuleDraft draft, string what)
    {
        const byte hasMaximum = 1, shared = 2, wide = 4, pageSize = 8;
        var flags = c.Byte();
        if (flags > 0xf) c.Malformed($"the limits of a {what} have unknown flags 0x{flags:x}");
        if ((flags & shared) != 0)
            c.Refuse($"a shared {what} (threads) is not served; build without it (clang: without -pthread and --shared-memory)");
        if ((flags & pageSize) != 0)
            c.Refuse($"a {what} with a page size of its own is not served; build with pages of 65,536 bytes");
        var is64 = (flags & wide) != 0;
        if (is64) draft.Features |= WasmFeatures.Memory64;
        var minimum = is64 ? c.U64() : c.U32();
        ulong? maximum = (flags & hasMaximum) == 0 ? null : is64 ? c.U64() : c.U32();
        return (is64, minimum, maximum);
    }

    private static bool Mutability(ref BinaryCursor c)
    {
        var flag = c.Byte();
        if ((flag & ~3) == 0 && flag > 1) c.Refuse("shared globals and fields (threads) are not served; build without them");
        if (flag > 1) c.Malformed($"mutability is 0x{flag:x}, neither 0 nor 1");
        return flag == 1;
    }

    [DoesNotReturn]
    private static void Unknown(ref BinaryCursor c, byte code, string expected)
    {
        if (Refused.TryGetValue(code, out var reason)) c.Refuse(reason);
        c.Malformed($"0x{code:x2} is no {expected}");
    }
}
