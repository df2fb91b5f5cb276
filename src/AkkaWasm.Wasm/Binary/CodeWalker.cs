namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// Walks instructions without a stack: it finds where an expression ends, the features it uses and the facts that saving
/// state needs. Whether operands fit is left to the engine's validation.
/// </summary>
internal static class CodeWalker
{
    /// <summary>
    /// Reads instructions up to and including the <c>end</c> that closes the expression. What a constant expression makes is
    /// noted in <paramref name="initial"/>, which is null in a function body.
    /// </summary>
    public static void Expression(ref BinaryCursor c, ModuleDraft draft, InitialValue? initial)
    {
        var depth = 1;
        while (depth > 0)
        {
            var shape = Opcode(ref c);
            draft.Features |= shape.Features;
            if (initial is not null && !shape.IsConstant) c.Invalid("an instruction in an initial value or an offset is not constant");
            if (initial is not null && shape.IsArithmetic)
            {
                draft.Features |= WasmFeatures.ExtendedConst;
                initial.Computes();
            }
            foreach (var immediate in shape.Immediates)
                Read(ref c, draft, immediate, initial);
            if (shape.Nesting == Nesting.Closes) depth--;
            else if (shape.Nesting == Nesting.Opens && depth++ > c.Limits.MaxNestingDepth)
                c.Refuse($"blocks are nested deeper than the limit of {c.Limits.MaxNestingDepth} ({nameof(c.Limits.MaxNestingDepth)}); split the function");
        }
    }

    /// <summary>Reads an opcode; gives its row.</summary>
    public static InstructionShape Opcode(ref BinaryCursor c)
    {
        var opcode = c.Byte();
        InstructionShape? shape;
        if (!InstructionTable.IsPrefix(opcode))
        {
            shape = InstructionTable.Find(opcode);
            if (shape is null) c.Malformed($"0x{opcode:x2} is no instruction of WebAssembly 3.0");
        }
        else
        {
            var second = c.U32();
            shape = InstructionTable.Find(opcode, second);
            if (shape is null) c.Malformed($"0x{opcode:x2} {second} is no instruction of WebAssembly 3.0");
        }
        if (shape.Refusal is { } refusal) c.Refuse(refusal);
        return shape;
    }

    private static void Read(ref BinaryCursor c, ModuleDraft draft, Immediate immediate, InitialValue? initial)
    {
        switch (immediate)
        {
            case Immediate.BlockType: TypeReader.BlockType(ref c, draft); break;
            case Immediate.Function: c.Index("function", draft.Functions.Count); break;
            case Immediate.FunctionReference: FunctionReference(ref c, draft, initial); break;
            case Immediate.Type: c.Index("type", draft.Types.Count); break;
            case Immediate.AllocatedType: Allocated(ref c, draft, initial); break;
            case Immediate.Table: c.Index("table", draft.Tables.Count); break;
            case Immediate.WrittenTable: draft.WrittenTables.Add(c.Index("table", draft.Tables.Count)); break;
            case Immediate.Global: Global(ref c, draft, initial); break;
            case Immediate.WrittenGlobal: draft.WrittenGlobals.Add(c.Index("global", draft.Globals.Count)); break;
            case Immediate.MemoryArgument: MemoryArgument(ref c, draft); break;
            case Immediate.Memory: c.Index("memory", draft.Memories.Count); break;
            case Immediate.Data: Data(ref c, draft); break;
            case Immediate.DroppedData: draft.DroppedData.Add(Data(ref c, draft)); break;
            case Immediate.Element: c.Index("element segment", draft.Elements.Count); break;
            case Immediate.DroppedElement: draft.DroppedElements.Add(c.Index("element segment", draft.Elements.Count)); break;
            case Immediate.Heap: TypeReader.HeapType(ref c, draft); break;
            case Immediate.ValueTypes: ValueTypes(ref c, draft); break;
            case Immediate.Tag: c.Index("tag", draft.Tags.Count); break;
            case Immediate.Catches: Catches(ref c, draft); break;
            default: Plain(ref c, immediate); break;
        }
    }

    /// <summary>Reads an immediate that names nothing of the module.</summary>
    public static void Plain(ref BinaryCursor c, Immediate immediate)
    {
        switch (immediate)
        {
            case Immediate.Labels: Labels(ref c); break;
            case Immediate.Label or Immediate.Local or Immediate.U32: c.U32(); break;
            case Immediate.S32: c.S32(); break;
            case Immediate.S64: c.S64(); break;
            case Immediate.F32: c.Skip(4); break;
            case Immediate.F64: c.Skip(8); break;
            case Immediate.Bytes16: c.Skip(16); break;
            case Immediate.Lane or Immediate.CastFlags: c.Byte(); break;
            default: throw new InvalidOperationException($"no reader for the immediate {immediate}");
        }
    }

    /// <summary>Code may only refer to functions that something outside the code names; the woven exports must not blur that.</summary>
    private static void FunctionReference(ref BinaryCursor c, ModuleDraft draft, InitialValue? initial)
    {
        var function = c.Index("function", draft.Functions.Count);
        if (initial is not null) draft.ReferenceableFunctions.Add(function);
        else if (!draft.ReferenceableFunctions.Contains(function))
            c.Invalid($"ref.func names function {function}, which no element segment, export or initial value declares");
    }

    private static void Allocated(ref BinaryCursor c, ModuleDraft draft, InitialValue? initial)
    {
        var type = c.Index("type", draft.Types.Count);
        initial?.Allocates(type);
    }

    private static void Global(ref BinaryCursor c, ModuleDraft draft, InitialValue? initial)
    {
        var global = c.Index("global", draft.Globals.Count);
        if (initial is null) return;
        if (draft.Globals[global].IsMutable) c.Invalid($"an initial value or an offset reads global {global}, which is mutable");
        initial.Reads(global);
    }

    private static int Data(ref BinaryCursor c, ModuleDraft draft)
    {
        if (draft.DataCount is not { } count)
        {
            c.Malformed("an instruction names a data segment and there is no data count section");
            return 0;
        }
        return c.Index("data segment", count);
    }

    private static void Labels(ref BinaryCursor c)
    {
        var count = c.Count("branch targets", c.Limits.MaxBranchTargets, nameof(c.Limits.MaxBranchTargets));
        for (var i = 0; i <= count; i++) c.U32();
    }

    private static void ValueTypes(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("result types", c.Limits.MaxParameters, nameof(c.Limits.MaxParameters));
        for (var i = 0; i < count; i++) TypeReader.ValueType(ref c, draft);
    }

    private static void MemoryArgument(ref BinaryCursor c, ModuleDraft draft)
    {
        const uint namesMemory = 0x40;
        var align = c.U32();
        if (align >= 2 * namesMemory) c.Malformed($"a memory access has the alignment 2^{align}");
        if ((align & namesMemory) != 0) c.Index("memory", draft.Memories.Count);
        c.U64();
    }

    private static void Catches(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("catch clauses", c.Limits.MaxBranchTargets, nameof(c.Limits.MaxBranchTargets));
        for (var i = 0; i < count; i++)
        {
            var kind = c.Byte();
            if (kind > 3) c.Malformed($"a catch clause has the unknown kind {kind}");
            if (kind < 2) c.Index("tag", draft.Tags.Count);
            c.U32();
        }
    }
}
