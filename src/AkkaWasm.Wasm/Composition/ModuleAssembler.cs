using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Composition;

/// <summary>Writes the composed module, section by section.</summary>
internal sealed class ModuleAssembler
{
    private const byte HasMaximum = 1;
    private const byte Is64 = 4;
    private const byte InitializedTable = 0x40;

    private readonly PartOrder _order;
    private readonly TypeTable _types;
    private readonly IndexAssignment _indices;
    private readonly CompositionOptions _options;
    private readonly DeferralPlan _plan;
    private readonly StartFunction _start;
    private readonly ConstantInliner _inliner;
    private readonly CodeAssembly _code;

    public ModuleAssembler(PartOrder order, TypeTable types, IndexAssignment indices, ImportResolver resolver, CompositionOptions options)
    {
        (_order, _types, _indices, _options) = (order, types, indices, options);
        _plan = new DeferralPlan(order, resolver);
        _start = new StartFunction(order, _plan);
        _inliner = new ConstantInliner(resolver);
        _code = new CodeAssembly(indices, _start, _start.IsNew ? types.NothingToNothing() : 0);
    }

    public ReadOnlyMemory<byte> Assemble()
    {
        var exports = new ExportAssembly(_order, _options);
        var segments = new SegmentAssembly(_order, _plan);
        var bodies = _code.Bodies();
        var module = new BinaryBuffer(1 << 16).Bytes("\0asm\u0001\0\0\0"u8);
        Write(module, 1, _types.Section());
        Write(module, 2, _indices.Imports, Import);
        Write(module, 3, _code.Types, (section, type) => section.U32((uint)type));
        Write(module, 4, _indices.DefinitionsOf(ExternalKind.Table), Table);
        Write(module, 5, _indices.DefinitionsOf(ExternalKind.Memory), Memory);
        Write(module, 13, _indices.DefinitionsOf(ExternalKind.Tag), Tag);
        Write(module, 6, _indices.DefinitionsOf(ExternalKind.Global), Global);
        Write(module, 7, exports.All, (section, export) => section.Name(export.Name).Byte((byte)export.Kind).U32((uint)export.Index));
        if (_start.Exists) Write(module, 8, new BinaryBuffer().U32((uint)_code.StartIndex).Written);
        Write(module, 9, segments.Elements(_code.ReferredFunctions.Except(exports.Functions)));
        if (segments.DataCount > 0) Write(module, 12, new BinaryBuffer().U32((uint)segments.DataCount).Written);
        Write(module, 10, bodies);
        Write(module, 11, segments.Data());
        Write(module, 0, PartsSection.Write([.. _order.Parts.Select(p => p.Summary)]).Written);
        Write(module, 0, new NameAssembly(_order, _indices, _code).Section().Written);
        return module.Written;
    }

    private static void Write<T>(BinaryBuffer module, byte id, IReadOnlyCollection<T> items, Action<BinaryBuffer, T> write)
    {
        if (items.Count == 0) return;
        var section = new BinaryBuffer().U32((uint)items.Count);
        foreach (var item in items) write(section, item);
        Write(module, id, section.Written);
    }

    private static void Write(BinaryBuffer module, byte id, ReadOnlyMemory<byte> content)
    {
        if (content.Length > 0) module.Section(id, content.Span);
    }

    private void Import(BinaryBuffer section, MergedImport import)
    {
        var (item, description) = (import.Item, import.Item.Part.Description);
        section.Name(import.Module).Name(item.Import!.Name).Byte((byte)item.Kind);
        switch (item.Kind)
        {
            case ExternalKind.Function: section.U32((uint)item.Part.Map(IndexSpace.Type)[description.Functions[item.Index].TypeIndex]); break;
            case ExternalKind.Table: TableType(section, item); break;
            case ExternalKind.Memory: Memory(section, item); break;
            case ExternalKind.Global: GlobalType(section, item); break;
            default: Tag(section, item); break;
        }
    }

    private void Table(BinaryBuffer section, Item item)
    {
        if (!item.Part.Description.TableLayouts.TryGetValue(item.Index, out var value) || _plan.IsFilledLate(item))
        {
            TableType(section, item);
            return;
        }
        section.Byte(InitializedTable).Byte(0);
        TableType(section, item);
        if (_plan.ReadsWhatPartsDefine(item.Part, value)) _inliner.Write(section, item, value);
        else new InstructionRewriter(item.Part, section).Rewrite(value);
    }

    private static void TableType(BinaryBuffer section, Item item)
    {
        var table = item.Part.Description.Tables[item.Index];
        section.Bytes(Op.Storage(item.Part.Map(table.ElementType)));
        Limits(section, table.Is64, table.Minimum, table.Maximum);
    }

    private static void Memory(BinaryBuffer section, Item item)
    {
        var memory = item.Part.Description.Memories[item.Index];
        Limits(section, memory.Is64, memory.MinimumPages, memory.MaximumPages);
    }

    private static void Limits(BinaryBuffer section, bool is64, ulong minimum, ulong? maximum)
    {
        section.Byte((byte)((maximum is null ? 0 : HasMaximum) | (is64 ? Is64 : 0))).U64(minimum);
        if (maximum is { } most) section.U64(most);
    }

    private static void Tag(BinaryBuffer section, Item item) =>
        section.Byte(0).U32((uint)item.Part.Map(IndexSpace.Type)[item.Part.Description.Tags[item.Index].TypeIndex]);

    private static void Global(BinaryBuffer section, Item item)
    {
        GlobalType(section, item);
        new InstructionRewriter(item.Part, section).Rewrite(item.Part.Description.GlobalLayouts[item.Index]);
    }

    private static void GlobalType(BinaryBuffer section, Item item)
    {
        var global = item.Part.Description.Globals[item.Index];
        section.Bytes(Op.Storage(item.Part.Map(global.Type))).Byte(global.IsMutable ? (byte)1 : (byte)0);
    }
}
