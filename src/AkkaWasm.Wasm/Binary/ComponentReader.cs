namespace AkkaWasm.Wasm.Binary;

/// <summary>
/// Reads the sections of a component (component model, Binary.md) for the names of its imports and exports. Types, aliases and canonical
/// definitions are passed over; components within it are looked through for core modules.
/// </summary>
internal static class ComponentReader
{
    private const int PreambleBytes = 8;
    private const byte Layer = 1;
    private const byte CoreModuleSection = 1;
    private const byte ComponentSection = 4;
    private const byte ImportSection = 10;
    private const byte ExportSection = 11;
    private const byte LastSection = 12;
    private const byte CoreModuleSort = 0x11;

    /// <summary>The kinds by the byte that stands for each in types and in sorts.</summary>
    private static readonly ComponentItemKind[] Kinds =
    [
        ComponentItemKind.CoreModule, ComponentItemKind.Function, ComponentItemKind.Value, ComponentItemKind.Type, ComponentItemKind.Component, ComponentItemKind.Instance,
    ];

    /// <summary>Whether the preamble is that of a component, of whatever version: its layer says so.</summary>
    public static bool IsComponent(ReadOnlySpan<byte> wasm) => wasm.Length >= PreambleBytes && wasm[6] == Layer && wasm[7] == 0;

    /// <exception cref="ModuleRefusedException">It is damaged or past a limit.</exception>
    public static ComponentDescription Read(ReadOnlySpan<byte> wasm, string file, ModuleLimits limits)
    {
        var cursor = new BinaryCursor(wasm, file, limits);
        if (wasm.Length > limits.MaxModuleBytes)
            cursor.Refuse($"{wasm.Length} bytes are more than the limit of {limits.MaxModuleBytes} ({nameof(limits.MaxModuleBytes)}); strip the component or raise the limit");
        cursor.Skip(PreambleBytes);
        var found = new Found();
        var ends = new Stack<int>();
        while (true)
        {
            while (cursor.AtEnd && ends.TryPop(out var outer)) cursor.Leave(outer, "the component within");
            if (cursor.AtEnd) break;
            Section(ref cursor, found, ends);
        }
        return new ComponentDescription
        {
            File = file,
            SizeBytes = wasm.Length,
            Imports = found.Imports,
            Exports = found.Exports,
            CoreModules = found.CoreModules,
            Components = found.Components,
        };
    }

    private static void Section(ref BinaryCursor c, Found found, Stack<int> ends)
    {
        c.Enter("section headers");
        var id = c.Byte();
        if (id > LastSection) c.Malformed($"a section has the unknown id {id}");
        if (++found.Sections > c.Limits.MaxSections)
            c.Refuse($"more sections than the limit of {c.Limits.MaxSections} ({nameof(c.Limits.MaxSections)}); strip custom sections");
        var outer = c.Confine(c.U32(), $"section {id}");
        if (id == ComponentSection)
        {
            if (!IsComponent(c.Bytes(PreambleBytes))) c.Malformed("a component within begins as something else");
            found.Components++;
            ends.Push(outer);
            return;
        }
        var isOutermost = ends.Count == 0;
        if (id == CoreModuleSection) found.CoreModules++;
        if (id == ImportSection && isOutermost) Imports(ref c, found);
        else if (id == ExportSection && isOutermost) Exports(ref c, found);
        else c.Skip((uint)c.Remaining);
        c.Leave(outer, $"section {id}");
    }

    private static void Imports(ref BinaryCursor c, Found found)
    {
        c.Enter("import section");
        var count = c.Count("imports", c.Limits.MaxImports, nameof(c.Limits.MaxImports), found.Imports.Count);
        for (var i = 0; i < count; i++)
        {
            c.At("import", i);
            found.Imports.Add(new ComponentItem(Name(ref c), ExternalType(ref c)));
        }
    }

    private static void Exports(ref BinaryCursor c, Found found)
    {
        c.Enter("export section");
        var count = c.Count("exports", c.Limits.MaxExports, nameof(c.Limits.MaxExports), found.Exports.Count);
        for (var i = 0; i < count; i++)
        {
            c.At("export", i);
            var name = Name(ref c);
            var kind = Kind(ref c);
            if (kind == ComponentItemKind.CoreModule && c.Byte() is var sort and not CoreModuleSort)
                c.Malformed($"the core sort 0x{sort:x2} cannot be exported");
            c.U32();
            if (c.Byte() is var hasType && hasType > 1) c.Malformed($"0x{hasType:x2} stands where 0 or 1 says whether a type follows");
            if (hasType == 1) ExternalType(ref c);
            found.Exports.Add(new ComponentItem(name, kind));
        }
    }

    /// <summary>A name; with the form 1 its version's suffix follows.</summary>
    private static string Name(ref BinaryCursor c)
    {
        var form = c.Byte();
        if (form > 1) c.Malformed($"a name has the unknown form {form}");
        var name = c.Name("a name");
        return form == 0 ? name : name + c.Name("a version's suffix");
    }

    private static ComponentItemKind ExternalType(ref BinaryCursor c)
    {
        var kind = Kind(ref c);
        switch (kind)
        {
            case ComponentItemKind.CoreModule:
                if (c.Byte() is var sort and not CoreModuleSort) c.Malformed($"the core sort 0x{sort:x2} cannot be imported");
                c.U32();
                break;
            case ComponentItemKind.Value:
                if (Bound(ref c) == 0) c.U32();
                else c.S33();
                break;
            case ComponentItemKind.Type:
                if (Bound(ref c) == 0) c.U32();
                break;
            default:
                c.U32();
                break;
        }
        return kind;
    }

    private static byte Bound(ref BinaryCursor c)
    {
        var bound = c.Byte();
        if (bound > 1) c.Malformed($"a bound has the unknown form {bound}");
        return bound;
    }

    private static ComponentItemKind Kind(ref BinaryCursor c)
    {
        var sort = c.Byte();
        if (sort >= Kinds.Length) c.Malformed($"the sort 0x{sort:x2} is unknown");
        return Kinds[sort];
    }

    private sealed class Found
    {
        public List<ComponentItem> Imports { get; } = [];

        public List<ComponentItem> Exports { get; } = [];

        public int CoreModules { get; set; }

        public int Components { get; set; }

        public int Sections { get; set; }
    }
}
