namespace AkkaWasm.Wasm.Binary;

/// <summary>Reads element and data segments, the data count and the code.</summary>
internal static class SegmentSections
{
    private const uint NotActive = 1;
    private const uint Explicit = 2;
    private const uint Expressions = 4;

    public static void Elements(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("element segments", c.Limits.MaxSegments, nameof(c.Limits.MaxSegments));
        for (var i = 0; i < count; i++)
        {
            c.At("element segment", i);
            Element(ref c, draft);
        }
    }

    public static void DataCount(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.U32();
        if (count > (uint)c.Limits.MaxSegments)
            c.Refuse($"{count} data segments are more than the limit of {c.Limits.MaxSegments} ({nameof(c.Limits.MaxSegments)}); merge them");
        draft.DataCount = (int)count;
    }

    public static void Code(ref BinaryCursor c, ModuleDraft draft)
    {
        draft.HasCode = true;
        var count = c.U32();
        var expected = draft.Functions.Count - draft.ImportedFunctions;
        if (count != expected) c.Malformed($"{count} function bodies stand against {expected} declared functions");
        for (var i = draft.ImportedFunctions; i < draft.Functions.Count; i++)
        {
            c.At("function", i);
            Body(ref c, draft, i);
        }
    }

    public static void Data(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("data segments", c.Limits.MaxSegments, nameof(c.Limits.MaxSegments));
        if (draft.DataCount is { } announced && announced != count)
            c.Malformed($"{count} data segments stand against {announced} in the data count section");
        for (var i = 0; i < count; i++)
        {
            c.At("data segment", i);
            var start = c.Position;
            var flags = c.U32();
            if (flags > Explicit) c.Malformed($"unknown flags 0x{flags:x}");
            var memory = flags == Explicit ? c.Index("memory", draft.Memories.Count) : 0;
            var passive = flags == NotActive;
            var offset = default(Range);
            if (passive) draft.Features |= WasmFeatures.BulkMemory;
            else
            {
                if (draft.Memories.Count == 0) c.Invalid("an active data segment needs a memory and there is none");
                offset = Offset(ref c, draft, new InitialValue());
            }
            var contents = c.Position;
            var size = c.U32();
            c.Skip(size);
            draft.DataLayouts.Add(new SegmentLayout(flags, start..c.Position, offset, contents..c.Position));
            draft.Data.Add(new DataSegment(i, passive ? SegmentMode.Passive : SegmentMode.Active, memory, (int)size));
        }
    }

    private static void Element(ref BinaryCursor c, ModuleDraft draft)
    {
        var start = c.Position;
        var flags = c.U32();
        if (flags > (NotActive | Explicit | Expressions)) c.Malformed($"unknown flags 0x{flags:x}");
        var mode = (flags & NotActive) == 0 ? SegmentMode.Active
            : (flags & Explicit) == 0 ? SegmentMode.Passive : SegmentMode.Declarative;
        if (mode != SegmentMode.Active) draft.Features |= WasmFeatures.BulkMemory;
        var table = 0;
        var offset = new InitialValue();
        var place = default(Range);
        if (mode == SegmentMode.Active)
        {
            if ((flags & Explicit) != 0) table = c.Index("table", draft.Tables.Count);
            else if (draft.Tables.Count == 0) c.Invalid("an active element segment needs a table and there is none");
            place = Offset(ref c, draft, offset);
        }
        var contents = c.Position;
        var type = ElementType(ref c, draft, flags);
        var value = new InitialValue();
        var expressions = (flags & Expressions) != 0;
        var count = References(ref c, draft, expressions, value);
        var isDeferred = mode == SegmentMode.Active && draft.ImportsWhatSegmentsWrite;
        if (expressions || mode == SegmentMode.Passive || offset.IsComputed || isDeferred) CountComputed(ref c, draft, count);
        draft.ElementValues[draft.Elements.Count] = value;
        draft.ElementLayouts.Add(new SegmentLayout(flags, start..c.Position, place, contents..c.Position));
        draft.Elements.Add(new ElementSegment(draft.Elements.Count, mode, table, type, count));
    }

    /// <summary>The range of the instructions without the <c>end</c>.</summary>
    private static Range Offset(ref BinaryCursor c, ModuleDraft draft, InitialValue value)
    {
        var start = c.Position;
        CodeWalker.Expression(ref c, draft, value);
        return start..(c.Position - 1);
    }

    private static WasmValueType ElementType(ref BinaryCursor c, ModuleDraft draft, uint flags)
    {
        var named = (flags & (NotActive | Explicit)) != 0;
        if ((flags & Expressions) != 0)
        {
            draft.Features |= WasmFeatures.ReferenceTypes;
            return named ? TypeReader.ReferenceType(ref c, draft) : WasmValueType.FuncRef;
        }
        if (named && c.Byte() != 0) c.Malformed("an element kind is not 0 (functions)");
        return WasmValueType.FuncRef with { Nullable = false };
    }

    private static int References(ref BinaryCursor c, ModuleDraft draft, bool expressions, InitialValue value)
    {
        var limits = c.Limits;
        var count = c.Count("references", limits.MaxSegmentElements, nameof(limits.MaxSegmentElements), (int)draft.SegmentElements);
        draft.SegmentElements += count;
        for (var i = 0; i < count; i++)
        {
            if (expressions) CodeWalker.Expression(ref c, draft, value);
            else draft.ReferenceableFunctions.Add(c.Index("function", draft.Functions.Count));
        }
        return count;
    }

    private static void CountComputed(ref BinaryCursor c, ModuleDraft draft, int count)
    {
        draft.ComputedElements += count;
        if (draft.ComputedElements <= c.Limits.MaxComputedElements) return;
        c.Refuse($"{draft.ComputedElements} references in passive segments, as expressions, at computed offsets or beside imported items are more than the limit of "
            + $"{c.Limits.MaxComputedElements} ({nameof(c.Limits.MaxComputedElements)}); put functions into active segments at constant offsets");
    }

    private static void Body(ref BinaryCursor c, ModuleDraft draft, int index)
    {
        var limits = c.Limits;
        var size = c.U32();
        if (size > (uint)limits.MaxFunctionBytes)
            c.Refuse($"a body of {size} bytes is longer than the limit of {limits.MaxFunctionBytes} ({nameof(limits.MaxFunctionBytes)}); split the function");
        var outer = c.Confine(size, "the body");
        draft.Functions[index] = draft.Functions[index] with { BodyOffset = c.Position, BodySize = (int)size };
        Locals(ref c, draft, draft.Types[draft.Functions[index].TypeIndex].Parameters.Count);
        CodeWalker.Expression(ref c, draft, null);
        c.Leave(outer, "the body");
    }

    private static void Locals(ref BinaryCursor c, ModuleDraft draft, int parameters)
    {
        var groups = c.Count("groups of locals", c.Limits.MaxLocals, nameof(c.Limits.MaxLocals));
        var total = (ulong)parameters;
        for (var i = 0; i < groups; i++)
        {
            total += c.U32();
            if (total > (ulong)c.Limits.MaxLocals)
                c.Refuse($"{total} locals are more than the limit of {c.Limits.MaxLocals} ({nameof(c.Limits.MaxLocals)}); split the function");
            TypeReader.ValueType(ref c, draft);
        }
    }
}
