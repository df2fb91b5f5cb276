using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Weaving;

/// <summary>
/// Rewrites a binary so that the host can save the instance: every memory, global, table, tag and every function that can
/// become a reference is exported under a reserved name, and the start function becomes an export. Where active segments write to
/// imported items, applying them becomes an export, too. Indices, code and what the guest can see stay as they are.
/// </summary>
internal static class ModuleWeaver
{
    private const byte CustomSection = 0;
    private const byte TypeSection = 1;
    private const byte FunctionSection = 3;
    private const byte TableSection = 4;
    private const byte MemorySection = 5;
    private const byte ExportSection = 7;
    private const byte StartSection = 8;
    private const byte CodeSection = 10;
    private const byte DataSection = 11;
    private const byte DataCountSection = 12;
    private const int PreambleBytes = 8;
    private const int EngineTables = 100;
    private const int EngineExports = 1_000_000;

    /// <param name="wasm">The binary.</param>
    /// <param name="d">What the reader found in it.</param>
    /// <param name="identity">What the engine shall call the module, so that frames of a back-trace tell theirs; null to leave the name as it is.</param>
    /// <exception cref="ModuleRefusedException">The woven exports would pass a limit of the engine.</exception>
    public static WovenModule Weave(ReadOnlyMemory<byte> wasm, ModuleDescription d, string? identity = null)
    {
        var segments = new SegmentWeaver(d, wasm);
        segments.Weave();
        var facts = Facts(d, segments);
        var start = d.StartFunction is null ? null : ReservedNames.Start;
        var additions = new SortedDictionary<int, (byte Id, Addition Addition)>();
        void Add(byte id, Addition addition)
        {
            if (addition.Count > 0) additions.Add(ModuleReader.Rank(id), (id, addition));
        }
        Add(TypeSection, segments.Types);
        Add(FunctionSection, segments.Functions);
        Add(TableSection, segments.Tables);
        Add(MemorySection, segments.Memories);
        var exports = Exports(d, facts, segments);
        Add(ExportSection, exports);
        Add(CodeSection, segments.Bodies);
        if (segments.Replaced.ContainsKey(DataSection) && !d.Sections.Any(s => s.Id == DataCountSection)) Add(DataCountSection, Addition.Counting(d.Data.Count));
        CheckLimits(d, "tables", d.Tables.Count, segments.Tables.Count, EngineTables);
        CheckLimits(d, "exports", d.Exports.Count, exports.Count, EngineExports);
        var apply = d.DefersSegments ? ReservedNames.ApplySegments : null;
        return new WovenModule(Rewrite(wasm.Span, d, additions, segments.Replaced, identity), apply, start, facts);
    }

    private static RestoreFacts Facts(ModuleDescription d, SegmentWeaver segments) => new()
    {
        Memories = Woven(ExternalKind.Memory, Enumerable.Range(0, d.Memories.Count)),
        AddedMemories = segments.Memories.Count,
        Globals = Woven(ExternalKind.Global, Enumerable.Range(0, d.Globals.Count)),
        Tables = Woven(ExternalKind.Table, Enumerable.Range(0, d.Tables.Count)),
        Tags = Woven(ExternalKind.Tag, Enumerable.Range(0, d.Tags.Count)),
        Functions = Woven(ExternalKind.Function, d.ReferenceableFunctions),
        DataSegments = segments.DataProbes,
        ElementSegments = segments.ElementProbes,
        Contents = segments.Contents,
    };

    private static WovenExport[] Woven(ExternalKind kind, IEnumerable<int> indices) =>
        [.. indices.Select(i => new WovenExport(i, ReservedNames.Item(kind, i)))];

    private static Addition Exports(ModuleDescription d, RestoreFacts facts, SegmentWeaver segments)
    {
        var exports = new Addition();
        void Export(string name, ExternalKind kind, int index) => exports.Add().Name(name).Byte((byte)kind).U32((uint)index);
        void All(ExternalKind kind, IReadOnlyList<WovenExport> woven)
        {
            foreach (var item in woven) Export(item.ExportName, kind, item.Index);
        }
        All(ExternalKind.Memory, facts.Memories);
        All(ExternalKind.Global, facts.Globals);
        All(ExternalKind.Table, facts.Tables);
        All(ExternalKind.Tag, facts.Tags);
        All(ExternalKind.Function, facts.Functions);
        foreach (var (name, kind, index) in segments.Exports) Export(name, kind, index);
        if (d.StartFunction is { } start) Export(ReservedNames.Start, ExternalKind.Function, start);
        return exports;
    }

    /// <summary>Copies the sections, adding where something is to be added and leaving out the start section.</summary>
    private static ReadOnlyMemory<byte> Rewrite(
        ReadOnlySpan<byte> wasm,
        ModuleDescription d,
        SortedDictionary<int, (byte Id, Addition Addition)> additions,
        Dictionary<byte, ReadOnlyMemory<byte>> replaced,
        string? identity)
    {
        var woven = new BinaryBuffer(wasm.Length + additions.Values.Sum(a => a.Addition.Items.Length + 16));
        woven.Bytes(wasm[..PreambleBytes]);
        var headerStart = PreambleBytes;
        foreach (var section in d.Sections)
        {
            var rank = ModuleReader.Rank(section.Id);
            if (rank > 0) InsertBefore(woven, additions, rank);
            var content = wasm.Slice(section.Offset, section.SizeBytes);
            if (additions.Remove(rank, out var addition)) addition.Addition.Append(woven, section.Id, content);
            else if (replaced.TryGetValue(section.Id, out var replacement)) woven.Section(section.Id, replacement.Span);
            else if (section.Id != StartSection) woven.Bytes(wasm[headerStart..(section.Offset + section.SizeBytes)]);
            headerStart = section.Offset + section.SizeBytes;
        }
        InsertBefore(woven, additions, int.MaxValue);
        if (identity is not null) woven.Section(CustomSection, NameSection(identity).Written.Span);
        return woven.Written;
    }

    /// <summary>A name section with a module name only. It stands last, and of several names the engine keeps the last.</summary>
    private static BinaryBuffer NameSection(string moduleName)
    {
        const byte moduleNameSubsection = 0;
        return new BinaryBuffer().Name("name").Section(moduleNameSubsection, new BinaryBuffer().Name(moduleName).Written.Span);
    }

    /// <summary>Writes the sections that the module lacks and that must stand before <paramref name="rank"/>.</summary>
    private static void InsertBefore(BinaryBuffer woven, SortedDictionary<int, (byte Id, Addition Addition)> additions, int rank)
    {
        foreach (var (missing, (id, addition)) in additions.TakeWhile(a => a.Key < rank).ToList())
        {
            addition.Append(woven, id, []);
            additions.Remove(missing);
        }
    }

    private static void CheckLimits(ModuleDescription d, string what, int own, int added, int limit)
    {
        if (own + added > limit)
            throw new ModuleRefusedException(d.File, $"{own} {what} and {added} more to save its state are more than the engine's limit of {limit}; use fewer");
    }
}
