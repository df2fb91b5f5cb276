using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Composition;

/// <summary>The element and data segments of all parts; active ones that are deferred become passive.</summary>
internal sealed class SegmentAssembly(PartOrder order, DeferralPlan plan)
{
    private const uint Passive = 1;
    private const uint ActiveExplicit = 2;
    private const uint Declarative = 3;
    private const uint Expressions = 4;
    private const uint NamesKind = 3;
    private const byte FunctionKind = 0;
    private const byte EndOfExpression = Opcodes.End;

    /// <summary>How many data segments there are.</summary>
    public int DataCount => order.Parts.Sum(p => p.Description.Data.Count);

    /// <summary>The content of the element section; empty without segments.</summary>
    /// <param name="referred">The functions that code refers to and nothing else declares; declared here, so that code may.</param>
    public ReadOnlyMemory<byte> Elements(IEnumerable<int> referred)
    {
        var declared = referred.Order().ToArray();
        var count = order.Parts.Sum(p => p.Description.Elements.Count) + (declared.Length > 0 ? 1 : 0);
        if (count == 0) return default;
        var section = new BinaryBuffer().U32((uint)count);
        foreach (var part in order.Parts)
            foreach (var segment in part.Description.Elements) Element(section, part, segment);
        if (declared.Length == 0) return section.Written;
        section.U32(Declarative).Byte(FunctionKind).U32((uint)declared.Length);
        foreach (var function in declared) section.U32((uint)function);
        return section.Written;
    }

    /// <summary>The content of the data section; empty without segments.</summary>
    public ReadOnlyMemory<byte> Data()
    {
        if (DataCount == 0) return default;
        var section = new BinaryBuffer().U32((uint)DataCount);
        foreach (var part in order.Parts)
        {
            foreach (var segment in part.Description.Data)
            {
                var layout = part.Description.DataLayouts[segment.Index];
                if (segment.Mode == SegmentMode.Active && !plan.IsDeferred(part))
                {
                    section.U32(ActiveExplicit).U32((uint)part.Map(IndexSpace.Memory)[segment.Memory]);
                    Offset(section, part, layout);
                }
                else section.U32(Passive);
                section.Bytes(part.Wasm.Span[layout.Contents]);
            }
        }
        return section.Written;
    }

    private void Element(BinaryBuffer section, Part part, ElementSegment segment)
    {
        var layout = part.Description.ElementLayouts[segment.Index];
        var isExpressions = (layout.Flags & Expressions) != 0;
        var isActive = segment.Mode == SegmentMode.Active && !plan.IsDeferred(part);
        var mode = isActive ? ActiveExplicit : segment.Mode == SegmentMode.Declarative ? Declarative : Passive;
        section.U32(mode | (isExpressions ? Expressions : 0));
        if (isActive)
        {
            section.U32((uint)part.Map(IndexSpace.Table)[segment.Table]);
            Offset(section, part, layout);
        }
        var c = part.Cursor(layout.Contents);
        if (isExpressions) section.Bytes(Op.Storage(part.Map(segment.ElementType)));
        else section.Byte(FunctionKind);
        if ((layout.Flags & NamesKind) != 0)
        {
            if (isExpressions) TypeReader.ReferenceType(ref c, part.TypeContext);
            else c.Byte();
        }
        var count = c.U32();
        section.U32(count);
        if (isExpressions) new InstructionRewriter(part, section).Rewrite(c.Position..layout.Contents.End.Value);
        else for (var i = 0; i < count; i++) section.U32((uint)part.Map(IndexSpace.Function)[(int)c.U32()]);
    }

    private static void Offset(BinaryBuffer section, Part part, SegmentLayout layout)
    {
        new InstructionRewriter(part, section).Rewrite(layout.Offset);
        section.Byte(EndOfExpression);
    }
}
