using AkkaWasm.Wasm.Binary;

namespace AkkaWasm.Wasm.Weaving;

/// <summary>
/// Turns active segments into passive ones, and writes the instructions that do for them what instantiation does: in order, first the element
/// segments, then the data segments, each is copied to its place and dropped. The first that does not fit traps, and what went before stands.
/// </summary>
internal sealed class DeferredSegments(ModuleDescription module, ReadOnlyMemory<byte> wasm)
{
    private const byte ElementSection = 9;
    private const byte DataSection = 11;
    private const uint Passive = 1;
    private const uint PassiveExpressions = 5;
    private const uint NamesKind = 2;
    private const uint HasExpressions = 4;
    private const byte FunctionKind = 0x00;
    private const byte FunctionReference = 0x70;

    /// <summary>The instructions, without the final <c>end</c>.</summary>
    public BinaryBuffer Instructions()
    {
        var code = new BinaryBuffer();
        foreach (var segment in module.Elements.Where(e => e.Mode == SegmentMode.Active))
        {
            Offset(code, module.ElementLayouts[segment.Index]).I32Const(0).I32Const(segment.Count);
            code.Misc(Opcodes.TableInit).U32((uint)segment.Index).U32((uint)segment.Table);
            code.Misc(Opcodes.ElementDrop).U32((uint)segment.Index);
        }
        foreach (var segment in module.Data.Where(d => d.Mode == SegmentMode.Active))
        {
            Offset(code, module.DataLayouts[segment.Index]).I32Const(0).I32Const(segment.SizeBytes);
            code.Misc(Opcodes.MemoryInit).U32((uint)segment.Index).U32((uint)segment.Memory);
            code.Misc(Opcodes.DataDrop).U32((uint)segment.Index);
        }
        return code;
    }

    /// <summary>The sections as they are to be, by id.</summary>
    public IEnumerable<(byte Id, ReadOnlyMemory<byte> Content)> Sections()
    {
        if (module.Elements.Count > 0) yield return (ElementSection, Section(module.ElementLayouts, module.Elements.Select(e => e.Mode), Element));
        if (module.Data.Count > 0) yield return (DataSection, Section(module.DataLayouts, module.Data.Select(d => d.Mode), Data));
    }

    private ReadOnlyMemory<byte> Section(IReadOnlyList<SegmentLayout> layouts, IEnumerable<SegmentMode> modes, Action<BinaryBuffer, SegmentLayout> write)
    {
        var section = new BinaryBuffer().U32((uint)layouts.Count);
        foreach (var (layout, mode) in layouts.Zip(modes))
        {
            if (mode == SegmentMode.Active) write(section, layout);
            else section.Bytes(Bytes(layout.All));
        }
        return section.Written;
    }

    /// <summary>What the short forms leave out, functions or <c>funcref</c>, the passive forms name.</summary>
    private void Element(BinaryBuffer section, SegmentLayout layout)
    {
        var isExpressions = (layout.Flags & HasExpressions) != 0;
        section.U32(isExpressions ? PassiveExpressions : Passive);
        if ((layout.Flags & NamesKind) == 0) section.Byte(isExpressions ? FunctionReference : FunctionKind);
        section.Bytes(Bytes(layout.Contents));
    }

    private void Data(BinaryBuffer section, SegmentLayout layout) => section.U32(Passive).Bytes(Bytes(layout.Contents));

    private BinaryBuffer Offset(BinaryBuffer code, SegmentLayout layout) => code.Bytes(Bytes(layout.Offset));

    private ReadOnlySpan<byte> Bytes(Range range) => wasm.Span[range];
}
