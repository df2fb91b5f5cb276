using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm.Composition;

/// <summary>What the composed module does when it starts: for each part in order, its deferred tables and segments, then its start function.</summary>
internal sealed class StartFunction
{
    private const byte Call = 0x10;

    private readonly BinaryBuffer _code = new();
    private readonly List<int> _calls = [];

    public StartFunction(PartOrder order, DeferralPlan plan)
    {
        foreach (var part in order.Parts)
        {
            Fill(part, plan);
            if (plan.IsDeferred(part)) Apply(part);
            foreach (var function in plan.CallsAtStart(part))
            {
                _calls.Add(part.Map(IndexSpace.Function)[function]);
                _code.Byte(Call).U32((uint)_calls[^1]);
            }
        }
        var callsOnly = _calls.Aggregate(new BinaryBuffer(), (code, function) => code.Byte(Call).U32((uint)function));
        Existing = _calls.Count == 1 && callsOnly.Length == _code.Length ? _calls[0] : null;
    }

    /// <summary>Whether it is a function that a part has already; its index in the composed module.</summary>
    public int? Existing { get; }

    /// <summary>Whether it has to be written.</summary>
    public bool IsNew => Existing is null && _code.Length > 0;

    /// <summary>Whether there is anything to do.</summary>
    public bool Exists => _code.Length > 0;

    /// <summary>The functions that it refers to.</summary>
    public HashSet<int> ReferredFunctions { get; } = [];

    /// <summary>Its body with locals and <c>end</c>.</summary>
    public BinaryBuffer Body() => new BinaryBuffer(_code.Length + 2).U32(0).Bytes(_code.Written.Span).Byte(Opcodes.End);

    private void Fill(Part part, DeferralPlan plan)
    {
        foreach (var (index, range) in part.Description.TableLayouts)
        {
            if (!plan.IsFilledLate(new Item(part, ExternalKind.Table, index))) continue;
            var table = part.Description.Tables[index];
            Constant(table.Is64, 0);
            Rewrite(part, range.Start..(range.End.Value - 1));
            Constant(table.Is64, table.Minimum);
            _code.Misc(Op.TableFill).U32((uint)part.Map(IndexSpace.Table)[index]);
        }
    }

    /// <summary>As instantiation does: first the element segments, then the data segments, each copied to its place and dropped.</summary>
    private void Apply(Part part)
    {
        var description = part.Description;
        foreach (var segment in description.Elements.Where(e => e.Mode == SegmentMode.Active))
        {
            var index = (uint)part.Map(IndexSpace.Element)[segment.Index];
            Rewrite(part, description.ElementLayouts[segment.Index].Offset);
            _code.I32Const(0).I32Const(segment.Count).Misc(Opcodes.TableInit).U32(index).U32((uint)part.Map(IndexSpace.Table)[segment.Table]);
            _code.Misc(Opcodes.ElementDrop).U32(index);
        }
        foreach (var segment in description.Data.Where(d => d.Mode == SegmentMode.Active))
        {
            var index = (uint)part.Map(IndexSpace.Data)[segment.Index];
            Rewrite(part, description.DataLayouts[segment.Index].Offset);
            _code.I32Const(0).I32Const(segment.SizeBytes).Misc(Opcodes.MemoryInit).U32(index).U32((uint)part.Map(IndexSpace.Memory)[segment.Memory]);
            _code.Misc(Opcodes.DataDrop).U32(index);
        }
    }

    private void Rewrite(Part part, Range range)
    {
        var rewriter = new InstructionRewriter(part, _code);
        rewriter.Rewrite(range);
        ReferredFunctions.UnionWith(rewriter.ReferredFunctions);
    }

    /// <summary>A constant of an index type; unsigned, so an i32 is written as the signed number of the same bits.</summary>
    private void Constant(bool is64, ulong value)
    {
        if (is64) _code.Byte(Op.I64Const).S33((long)value);
        else _code.Byte(Op.I32Const).S33((int)(uint)value);
    }
}
