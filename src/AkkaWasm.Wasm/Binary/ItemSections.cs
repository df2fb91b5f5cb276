namespace AkkaWasm.Wasm.Binary;

/// <summary>Reads the sections that declare items: imports, functions, tables, memories, tags, globals, exports, start.</summary>
internal static class ItemSections
{
    public static void Imports(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("imports", c.Limits.MaxImports, nameof(c.Limits.MaxImports));
        for (var i = 0; i < count; i++)
        {
            c.At("import", i);
            Import(ref c, draft);
        }
        draft.ImportedFunctions = draft.Functions.Count;
        Check(ref c, "functions", draft.Functions.Count, c.Limits.MaxFunctions, nameof(c.Limits.MaxFunctions));
        Check(ref c, "tables", draft.Tables.Count, c.Limits.MaxTables, nameof(c.Limits.MaxTables));
        Check(ref c, "memories", draft.Memories.Count, c.Limits.MaxMemories, nameof(c.Limits.MaxMemories));
    }

    public static void Functions(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("functions", c.Limits.MaxFunctions, nameof(c.Limits.MaxFunctions), draft.Functions.Count);
        for (var i = 0; i < count; i++)
        {
            c.At("function", draft.Functions.Count);
            draft.Functions.Add(new FunctionDescription(draft.Functions.Count, FunctionType(ref c, draft), null, null, 0, 0));
        }
    }

    public static void Tables(ref BinaryCursor c, ModuleDraft draft)
    {
        const byte initialized = 0x40;
        var count = c.Count("tables", c.Limits.MaxTables, nameof(c.Limits.MaxTables), draft.Tables.Count);
        for (var i = 0; i < count; i++)
        {
            var index = draft.Tables.Count;
            c.At("table", index);
            var hasInitializer = c.Peek() == initialized;
            if (hasInitializer)
            {
                c.Byte();
                if (c.Byte() != 0) c.Malformed("a table with an initial value has a reserved byte that is not 0");
                draft.Features |= WasmFeatures.FunctionReferences;
            }
            draft.Tables.Add(TypeReader.Table(ref c, draft, hasInitializer, null));
            if (!hasInitializer) continue;
            var start = c.Position;
            CodeWalker.Expression(ref c, draft, draft.TableValues[index] = new InitialValue());
            draft.TableLayouts[index] = start..c.Position;
        }
    }

    public static void Memories(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("memories", c.Limits.MaxMemories, nameof(c.Limits.MaxMemories), draft.Memories.Count);
        for (var i = 0; i < count; i++)
        {
            c.At("memory", draft.Memories.Count);
            draft.Memories.Add(TypeReader.Memory(ref c, draft, null));
        }
    }

    public static void Tags(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("tags", c.Limits.MaxTags, nameof(c.Limits.MaxTags), draft.Tags.Count);
        for (var i = 0; i < count; i++)
        {
            c.At("tag", draft.Tags.Count);
            draft.Tags.Add(TypeReader.Tag(ref c, draft, null));
        }
    }

    public static void Globals(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("globals", c.Limits.MaxGlobals, nameof(c.Limits.MaxGlobals), draft.Globals.Count);
        for (var i = 0; i < count; i++)
        {
            var index = draft.Globals.Count;
            c.At("global", index);
            var (type, isMutable) = TypeReader.GlobalType(ref c, draft);
            var value = new InitialValue();
            var start = c.Position;
            CodeWalker.Expression(ref c, draft, value);
            draft.GlobalLayouts[index] = start..c.Position;
            draft.Globals.Add(new GlobalDescription(index, type, isMutable, null));
            if (type.IsReference) draft.GlobalValues[index] = value;
        }
    }

    public static void Exports(ref BinaryCursor c, ModuleDraft draft)
    {
        var count = c.Count("exports", c.Limits.MaxExports, nameof(c.Limits.MaxExports));
        var seen = new HashSet<string>(count);
        for (var i = 0; i < count; i++)
        {
            c.At("export", i);
            var name = c.Name("an export name");
            if (!seen.Add(name)) c.Invalid($"the export name \"{name}\" is used twice");
            if (name.StartsWith(draft.ReservedPrefix, StringComparison.Ordinal))
                c.Refuse($"the export \"{name}\" begins with {draft.ReservedPrefix}, which is kept for the host; rename it");
            var kind = Kind(ref c);
            var index = c.Index(kind.ToString().ToLowerInvariant(), draft.CountOf(kind));
            draft.Exports.Add(new ExportDescription(name, kind, index));
            if (kind == ExternalKind.Function) draft.ReferenceableFunctions.Add(index);
            if (kind == ExternalKind.Global && draft.Globals[index].IsMutable) draft.Features |= WasmFeatures.MutableGlobals;
        }
    }

    public static void Start(ref BinaryCursor c, ModuleDraft draft)
    {
        var function = c.Index("start function", draft.Functions.Count);
        var type = draft.Types[draft.Functions[function].TypeIndex];
        if (type.Parameters.Count + type.Results.Count > 0) c.Invalid($"the start function {function} has the type {type}, not () -> ()");
        draft.StartFunction = function;
    }

    private static void Import(ref BinaryCursor c, ModuleDraft draft)
    {
        var module = c.Name("an import's module name");
        var name = c.Name("an import's name");
        var kind = Kind(ref c);
        var import = new ImportDescription(module, name, kind, draft.CountOf(kind));
        draft.Imports.Add(import);
        switch (kind)
        {
            case ExternalKind.Function:
                draft.Functions.Add(new FunctionDescription(import.Index, FunctionType(ref c, draft), import, null, 0, 0));
                break;
            case ExternalKind.Table:
                draft.Tables.Add(TypeReader.Table(ref c, draft, false, import));
                break;
            case ExternalKind.Memory:
                draft.Memories.Add(TypeReader.Memory(ref c, draft, import));
                break;
            case ExternalKind.Global:
                var (type, isMutable) = TypeReader.GlobalType(ref c, draft);
                draft.Globals.Add(new GlobalDescription(import.Index, type, isMutable, import));
                if (isMutable) draft.Features |= WasmFeatures.MutableGlobals;
                break;
            case ExternalKind.Tag:
                draft.Tags.Add(TypeReader.Tag(ref c, draft, import));
                break;
        }
    }

    private static ExternalKind Kind(ref BinaryCursor c)
    {
        var kind = c.Byte();
        if (kind > (byte)ExternalKind.Tag) c.Malformed($"0x{kind:x2} is no kind of import or export");
        return (ExternalKind)kind;
    }

    private static int FunctionType(ref BinaryCursor c, ModuleDraft draft)
    {
        var index = c.Index("type", draft.Types.Count);
        if (draft.Types[index].Kind != CompositeKind.Function) c.Invalid($"type {index} is no function type");
        return index;
    }

    private static void Check(ref BinaryCursor c, string what, int count, int limit, string limitName)
    {
        if (count > limit) c.Refuse($"{count} imported {what} are more than the limit of {limit} ({limitName}); split the module or raise the limit");
    }
}
