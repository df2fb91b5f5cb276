namespace AkkaWasm.Wasm.Binary;

/// <summary>Reads the type section: recursion groups, subtypes, functions, structs and arrays.</summary>
internal static class TypeSection
{
    private const byte Rec = 0x4e;
    private const byte FinalSub = 0x4f;
    private const byte OpenSub = 0x50;

    public static void Read(ref BinaryCursor c, ModuleDraft draft)
    {
        var limits = c.Limits;
        var groups = c.Count("recursion groups", limits.MaxTypes, nameof(limits.MaxTypes));
        for (var g = 0; g < groups; g++)
        {
            c.At("type", draft.Types.Count);
            var count = 1;
            if (c.Peek() == Rec)
            {
                c.Byte();
                count = c.Count("types", limits.MaxTypes, nameof(limits.MaxTypes), draft.Types.Count);
                draft.Features |= WasmFeatures.Gc;
            }
            else if (draft.Types.Count >= limits.MaxTypes)
                c.Refuse($"more types than the limit of {limits.MaxTypes} ({nameof(limits.MaxTypes)}); split the module or raise the limit");
            Group(ref c, draft, count);
        }
    }

    private static void Group(ref BinaryCursor c, ModuleDraft draft, int count)
    {
        var first = draft.Types.Count;
        draft.KnownTypes = first + count;
        draft.RecursionGroups.Add(new RecursionGroup(first, count));
        for (var i = 0; i < count; i++)
        {
            c.At("type", draft.Types.Count);
            draft.Types.Add(Subtype(ref c, draft));
        }
    }

    private static TypeDefinition Subtype(ref BinaryCursor c, ModuleDraft draft)
    {
        var code = c.Peek();
        if (code is not (FinalSub or OpenSub))
        {
            draft.SubtypingDepths.Add(0);
            return Composite(ref c, draft, true, []);
        }
        c.Byte();
        draft.Features |= WasmFeatures.Gc;
        var count = c.U32();
        if (count > 1) c.Invalid($"a type declares {count} supertypes and WebAssembly 3.0 allows one");
        var supertypes = new int[count];
        var depth = 0;
        for (var i = 0; i < supertypes.Length; i++)
        {
            supertypes[i] = c.Index("supertype", draft.Types.Count);
            depth = draft.SubtypingDepths[supertypes[i]] + 1;
        }
        if (depth > c.Limits.MaxSubtypingDepth)
            c.Refuse($"subtypes are nested deeper than the limit of {c.Limits.MaxSubtypingDepth} ({nameof(c.Limits.MaxSubtypingDepth)}); flatten them");
        draft.SubtypingDepths.Add(depth);
        return Composite(ref c, draft, code == FinalSub, supertypes);
    }

    private static TypeDefinition Composite(ref BinaryCursor c, ModuleDraft draft, bool isFinal, IReadOnlyList<int> supertypes)
    {
        var definition = new TypeDefinition
        {
            Index = draft.Types.Count,
            RecursionGroup = draft.RecursionGroups.Count - 1,
            Kind = CompositeKind.Function,
            IsFinal = isFinal,
            Supertypes = supertypes,
        };
        var code = c.Byte();
        switch (code)
        {
            case 0x60:
                return Function(ref c, draft, definition);
            case 0x5f:
                draft.Features |= WasmFeatures.Gc;
                return definition with { Kind = CompositeKind.Struct, Fields = Fields(ref c, draft) };
            case 0x5e:
                draft.Features |= WasmFeatures.Gc;
                return definition with { Kind = CompositeKind.Array, Fields = [TypeReader.Field(ref c, draft)] };
            case 0x5d:
                c.Refuse("continuation types (stack switching) are not served; build without them");
                break;
            case 0x65:
                c.Refuse("shared types (threads) are not served; build without them");
                break;
        }
        c.Malformed($"0x{code:x2} begins no type");
        return definition;
    }

    private static TypeDefinition Function(ref BinaryCursor c, ModuleDraft draft, TypeDefinition definition)
    {
        var parameters = Values(ref c, draft, "parameters");
        var results = Values(ref c, draft, "results");
        if (results.Length > 1) draft.Features |= WasmFeatures.MultiValue;
        return definition with { Parameters = parameters, Results = results };
    }

    private static WasmValueType[] Values(ref BinaryCursor c, ModuleDraft draft, string what)
    {
        var values = new WasmValueType[c.Count(what, c.Limits.MaxParameters, nameof(c.Limits.MaxParameters))];
        CountParts(ref c, draft, values.Length);
        for (var i = 0; i < values.Length; i++) values[i] = TypeReader.ValueType(ref c, draft);
        return values;
    }

    private static FieldType[] Fields(ref BinaryCursor c, ModuleDraft draft)
    {
        var fields = new FieldType[c.Count("fields", c.Limits.MaxStructFields, nameof(c.Limits.MaxStructFields))];
        CountParts(ref c, draft, fields.Length);
        for (var i = 0; i < fields.Length; i++) fields[i] = TypeReader.Field(ref c, draft);
        return fields;
    }

    private static void CountParts(ref BinaryCursor c, ModuleDraft draft, int count)
    {
        draft.TypeParts += count;
        if (draft.TypeParts > c.Limits.MaxTypeParts)
            c.Refuse($"all types together have more parameters and fields than the limit of {c.Limits.MaxTypeParts} ({nameof(c.Limits.MaxTypeParts)}); split the module");
    }
}
