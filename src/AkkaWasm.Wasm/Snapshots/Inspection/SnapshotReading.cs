using System.Buffers.Binary;
using System.Globalization;

namespace AkkaWasm.Wasm.Snapshots.Inspection;

/// <summary>A snapshot with the modules that say what is what in it.</summary>
internal sealed class SnapshotReading
{
    private readonly IReadOnlyList<ModuleDescription> _modules;

    /// <exception cref="ArgumentException">The snapshot is not of these modules.</exception>
    public SnapshotReading(WasmSnapshot snapshot, IReadOnlyList<ModuleDescription> modules)
    {
        if (snapshot.Modules.Count != modules.Count)
            throw new ArgumentException($"The snapshot has {snapshot.Modules.Count} instances, and {modules.Count} modules are given.");
        Items = snapshot.Items;
        Memories = snapshot.Memories;
        _modules = modules;
        Names = new ItemNames(modules);
        MemoryNames = [.. modules.SelectMany((m, i) => m.Memories.Where(d => d.Import is null).Select(d => Names.Of(i, ExternalKind.Memory, d.Index)))];
        if (MemoryNames.Length != Memories.Length || Items.Instances.Length != modules.Count || !Items.Instances.Select((instance, i) => Fits(instance, modules[i])).All(fits => fits))
            throw new ArgumentException("The snapshot has other memories, globals or tables than the modules.");
        Graph = new ObjectGraph(Items.Heap, modules);
    }

    public ItemImage Items { get; }

    public MemoryImage[] Memories { get; }

    public ItemNames Names { get; }

    public string[] MemoryNames { get; }

    public ObjectGraph Graph { get; }

    public bool IsFunction(int instance, TableImage table) => _modules[instance].IsFunction(_modules[instance].Tables[table.Index].ElementType.Heap);

    public bool IsFunction(int instance, GlobalImage global) => global.Kind == WasmValueKind.Reference && _modules[instance].IsFunction(_modules[instance].Globals[global.Index].Type.Heap);

    public SnapshotSummary Summarize() => new(
        [.. Memories.Select((m, i) => new SavedMemory(MemoryNames[i], m.SizeBytes, m.PageCount))],
        [.. Items.Instances.SelectMany((items, i) => items.Globals.Select(g => new SavedValue(Names.Of(i, ExternalKind.Global, g.Index), _modules[i].Globals[g.Index].Type.ToString(), TextOf(i, g))))],
        [.. Items.Instances.SelectMany((items, i) => items.Tables.Select(t => new SavedTable(
            Names.Of(i, ExternalKind.Table, t.Index), _modules[i].Tables[t.Index].ElementType.ToString(), t.Elements.Length, t.Elements.Count(e => e != ReferenceCode.Null))))],
        [.. Enumerable.Range(0, Graph.Count).GroupBy(Graph.TypeOf)
            .Select(g => new SavedObjects(Names.OfType(g.Key), g.Count(), g.Sum(id => (long)Graph.BytesOf(id))))
            .OrderByDescending(o => o.ContentBytes).ThenBy(o => o.Type, StringComparer.Ordinal)],
        Items.Instances.Sum(i => i.DroppedSegments.Length), Items.Instances.Sum(i => i.DroppedSegments.Count(d => d)));

    public string TextOf(int instance, GlobalImage global)
    {
        if (global.Kind == WasmValueKind.Reference) return TextOf((uint)global.Bits, IsFunction(instance, global));
        Span<byte> bits = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bits, global.Bits);
        return NumberText(global.Kind, bits);
    }

    public string TextOf(FieldPlace field) => field.IsReference
        ? TextOf(Graph.CodeAt(field), field.IsFunction)
        : NumberText(field.Type.Kind, Graph.Contents[field.Offset..]);

    public string TextOf(uint code, bool isFunction)
    {
        if (code == ReferenceCode.Null) return "null";
        if (isFunction) return Function(code) is { } name ? Names.OfFunction(name.Instance, name.Index) : $"func ?{code}";
        if (ReferenceCode.IsI31(code)) return string.Create(CultureInfo.InvariantCulture, $"i31 {(int)code >> 1}");
        var id = ReferenceCode.ObjectOf(code);
        return id < Graph.Count ? string.Create(CultureInfo.InvariantCulture, $"{Names.OfType(Graph.TypeOf(id))} #{id}") : $"object ?{id}";
    }

    /// <summary>The function that a code stands for, or null.</summary>
    public FunctionName? Function(uint code) => code > 0 && code <= Items.Functions.Length && Items.Functions[code - 1] is var f && f.Instance < _modules.Count ? f : null;

    private static string NumberText(WasmValueKind kind, ReadOnlySpan<byte> bytes)
    {
        var culture = CultureInfo.InvariantCulture;
        return kind switch
        {
            WasmValueKind.I8 => bytes[0].ToString(culture),
            WasmValueKind.I16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes).ToString(culture),
            WasmValueKind.I32 => BinaryPrimitives.ReadInt32LittleEndian(bytes).ToString(culture),
            WasmValueKind.I64 => BinaryPrimitives.ReadInt64LittleEndian(bytes).ToString(culture),
            WasmValueKind.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes).ToString("R", culture),
            WasmValueKind.F64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes).ToString("R", culture),
            _ => "0x" + BinaryPrimitives.ReadUInt128LittleEndian(bytes).ToString("x32", culture),
        };
    }

    private static bool Fits(InstanceItems items, ModuleDescription module) =>
        items.Globals.All(g => g.Index < module.Globals.Count && g.Kind == module.Globals[g.Index].Type.Kind) && items.Tables.All(t => t.Index < module.Tables.Count);
}
