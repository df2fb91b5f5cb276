namespace AkkaWasm.Wasm.Instances;

/// <summary>A range with mappings of its own: the accessible bytes, and behind them what is not, a guard included, so that accesses there fault.</summary>
internal sealed unsafe class MappedRange : MemoryRange
{
    /// <summary>Mappings that a range takes at most: its accessible bytes and the rest.</summary>
    public const int Mappings = 2;

    private readonly HostMemoryBudget _budget;
    private readonly nuint _length;

    private MappedRange(HostMemoryBudget budget, byte* start, nuint capacity, nuint guard)
    {
        _budget = budget;
        _length = capacity + guard;
        Base = start;
        Capacity = capacity;
    }

    /// <summary>The range, or null if the process has no room for it.</summary>
    public static MappedRange? TryCreate(HostMemoryBudget budget, nuint capacity, nuint guard)
    {
        if (!budget.TryTakeMappings(Mappings)) return null;
        (capacity, guard) = (HostPages.RoundUp(capacity), HostPages.RoundUp(guard));
        var start = HostPages.Reserve(capacity + guard);
        if (start is not null) return new MappedRange(budget, start, capacity, guard);
        budget.ReturnMappings(Mappings);
        return null;
    }

    public override bool TryOpen(nuint length) => HostPages.Open(Base, HostPages.RoundUp(length));

    /// <summary>Pages of another such range change their place without being copied.</summary>
    public override bool TryTakeContents(MemoryRange from, nuint length)
    {
        if (from is not MappedRange) return base.TryTakeContents(from, length);
        return length == 0 || HostPages.Move(from.Base, HostPages.RoundUp(length), Base);
    }

    public override void Release(nuint opened)
    {
        HostPages.Unmap(Base, _length);
        _budget.ReturnMappings(Mappings);
    }
}
