namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// Reads a core module before the engine sees it. Whatever bytes come, the answer is a description or a
/// <see cref="ModuleRefusedException"/>: no recursion, no allocation from an announced count, no read past the end.
/// Bodies are walked and not type-checked; that is left to the engine.
/// </summary>
internal static class ModuleReader
{
    private const byte CustomSection = 0;
    private const uint CoreVersion = 1;
    private const uint ComponentLayer = 0x10000;

    private static ReadOnlySpan<byte> Magic => "\0asm"u8;

    private delegate void SectionBody(ref BinaryCursor c, ModuleDraft draft);

    /// <summary>The known sections by id; the rank is the order the standard asks for.</summary>
    private static readonly Dictionary<byte, (string Name, int Rank, SectionBody Read)> Known = new()
    {
        [1] = ("type", 1, TypeSection.Read),
        [2] = ("import", 2, ItemSections.Imports),
        [3] = ("function", 3, ItemSections.Functions),
        [4] = ("table", 4, ItemSections.Tables),
        [5] = ("memory", 5, ItemSections.Memories),
        [13] = ("tag", 6, ItemSections.Tags),
        [6] = ("global", 7, ItemSections.Globals),
        [7] = ("export", 8, ItemSections.Exports),
        [8] = ("start", 9, ItemSections.Start),
        [9] = ("element", 10, SegmentSections.Elements),
        [12] = ("data count", 11, SegmentSections.DataCount),
        [10] = ("code", 12, SegmentSections.Code),
        [11] = ("data", 13, SegmentSections.Data),
    };

    /// <summary>Where a section stands in the standard's order; 0 for custom sections, which stand anywhere.</summary>
    public static int Rank(byte id) => id == CustomSection ? 0 : Known[id].Rank;

    /// <exception cref="ModuleRefusedException">The module is malformed, past a limit, or asks for what is not served.</exception>
    public static ModuleDescription Read(ReadOnlyMemory<byte> wasm, string file, ModuleLimits limits) =>
        Read(wasm, file, limits, ModuleDescription.ReservedExportPrefix);

    /// <summary>The same with another reserved prefix, so that a woven module can be read again.</summary>
    public static ModuleDescription Read(ReadOnlyMemory<byte> wasm, string file, ModuleLimits limits, string reservedPrefix)
    {
        if (wasm.Length > limits.MaxModuleBytes)
        {
            throw new ModuleRefusedException(file, $"{wasm.Length} bytes are more than the limit of {limits.MaxModuleBytes} "
                + $"({nameof(limits.MaxModuleBytes)}); strip the module (wasm-opt --strip-debug) or raise the limit");
        }
        var draft = new ModuleDraft(reservedPrefix);
        var cursor = new BinaryCursor(wasm.Span, file, limits);
        Preamble(ref cursor);
        var rank = 0;
        while (!cursor.AtEnd) Section(ref cursor, draft, ref rank);
        CheckWhole(ref cursor, draft);
        return DescriptionOf(draft, file, wasm.Length);
    }

    private static void Preamble(ref BinaryCursor c)
    {
        if (c.Remaining < Magic.Length || !c.Bytes((uint)Magic.Length).SequenceEqual(Magic))
            c.Refuse("the file does not begin with the magic number of WebAssembly (00 61 73 6d); give a .wasm or .wat file");
        if (c.Remaining < sizeof(uint)) c.Malformed("the file ends within its version");
        var version = BitConverter.ToUInt32(c.Bytes(sizeof(uint)));
        if ((version & 0xffff0000) == ComponentLayer)
            c.Refuse($"this is a component and {ComponentDescription.Remedy}");
        if (version != CoreVersion) c.Refuse($"version {version} of the binary format is unknown; build for version 1");
    }

    private static void Section(ref BinaryCursor c, ModuleDraft draft, ref int rank)
    {
        c.Enter("section headers");
        var id = c.Byte();
        var name = "custom";
        SectionBody? read = null;
        if (id != CustomSection)
        {
            if (!Known.TryGetValue(id, out var known)) c.Malformed($"a section has the unknown id {id}");
            (name, var sectionRank, read) = known;
            if (sectionRank <= rank) c.Malformed($"the {name} section stands twice or out of order");
            rank = sectionRank;
        }
        if (draft.Sections.Count >= c.Limits.MaxSections)
            c.Refuse($"more sections than the limit of {c.Limits.MaxSections} ({nameof(c.Limits.MaxSections)}); strip custom sections");
        var size = c.U32();
        var outer = c.Confine(size, $"the {name} section");
        c.Enter($"{name} section");
        var offset = c.Position;
        if (read is null) name = Custom(ref c, draft);
        else read(ref c, draft);
        c.Leave(outer, $"the {name} section");
        draft.Sections.Add(new SectionDescription(id, name, offset, (int)size));
    }

    private static string Custom(ref BinaryCursor c, ModuleDraft draft)
    {
        var name = c.Name("a custom section's name");
        if (name == "name") draft.Names.Read(c, draft);
        else if (name == PartsSection.Name) draft.Parts = PartsSection.Read(c);
        c.Skip((uint)c.Remaining);
        return name;
    }

    private static void CheckWhole(ref BinaryCursor c, ModuleDraft draft)
    {
        c.Enter("module");
        if (!draft.HasCode && draft.Functions.Count > draft.ImportedFunctions)
            c.Malformed($"{draft.Functions.Count - draft.ImportedFunctions} functions are declared and there is no code section");
        if (draft.DataCount is { } announced && announced != draft.Data.Count)
            c.Malformed($"{draft.Data.Count} data segments stand against {announced} in the data count section");
    }

    private static ModuleDescription DescriptionOf(ModuleDraft draft, string file, int size) => new()
    {
        File = file,
        SizeBytes = size,
        Kind = ModuleKinds.Of(draft),
        Features = draft.Features,
        State = StateAnalysis.Of(draft),
        Name = draft.Names.Module,
        Types = draft.Types,
        TypeNames = draft.Names.Types,
        GlobalNames = draft.Names.Globals,
        RecursionGroups = draft.RecursionGroups,
        Imports = draft.Imports,
        Functions = [.. draft.Functions.Select(f => f with { Name = draft.Names.Function(f.Index) })],
        Tables = draft.Tables,
        Memories = draft.Memories,
        Globals = draft.Globals,
        Tags = draft.Tags,
        Exports = draft.Exports,
        StartFunction = draft.StartFunction,
        Elements = draft.Elements,
        Data = draft.Data,
        ElementLayouts = draft.ElementLayouts,
        DataLayouts = draft.DataLayouts,
        GlobalLayouts = draft.GlobalLayouts,
        TableLayouts = draft.TableLayouts,
        Parts = draft.Parts,
        DefersSegments = draft.DefersSegments,
        Sections = draft.Sections,
        ReferenceableFunctions = [.. draft.ReferenceableFunctions],
    };
}
