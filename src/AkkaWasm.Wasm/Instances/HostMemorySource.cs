namespace AkkaWasm.Wasm.Instances;

/// <summary>Where the memories of an engine come from.</summary>
/// <param name="budget">What they may have together.</param>
/// <param name="isDense">Whether small ones share mappings; possible only where code checks its bounds itself.</param>
internal sealed class HostMemorySource(HostMemoryBudget budget, bool isDense)
{
    private readonly MemoryArena? _arena = isDense ? new MemoryArena(budget) : null;

    public HostMemoryBudget Budget => budget;

    /// <summary>A range, or null if there is no room.</summary>
    /// <param name="size">Bytes that are to be accessible.</param>
    /// <param name="reservation">Bytes that shall be able to become accessible without a move, if there are more of them.</param>
    /// <param name="guard">Bytes behind them on which every access has to fault.</param>
    public MemoryRange? TryTake(nuint size, nuint reservation, nuint guard) => TryTake(size, nuint.Max(size, reservation), guard, reservation == 0);

    /// <summary>The same with a capacity that is known.</summary>
    /// <param name="size">Bytes that are to be accessible.</param>
    /// <param name="capacity">Bytes that can become accessible; a slot of an arena may have fewer.</param>
    /// <param name="guard">Bytes behind them on which every access has to fault.</param>
    /// <param name="mayUseArena">Whether code checks the memory's size itself: it does not where it was told of a reservation.</param>
    public MemoryRange? TryTake(nuint size, nuint capacity, nuint guard, bool mayUseArena)
    {
        if (_arena is not null && mayUseArena && guard == 0 && size <= MemoryArena.MaxSlotBytes) return _arena.TryTake(size);
        return MappedRange.TryCreate(budget, capacity, guard);
    }

    /// <summary>Gives back what the memories shared. None may be left.</summary>
    public void Free() => _arena?.Free();
}
