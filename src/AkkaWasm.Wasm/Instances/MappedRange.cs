using System.Collections.Concurrent;
using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm.Instances;

/// <summary>A range with mappings of its own: the accessible bytes, and behind them what is not, a guard included, so that accesses there fault.</summary>
internal sealed unsafe class MappedRange : MemoryRange
{
    /// <summary>Ranges with so many accessible bytes are found by their address: those in which it can pay to watch writes.</summary>
    public const int LeastListedBytes = KnownMemory.LeastWatchedBytes;

    /// <summary>Mappings that a range takes at most: its accessible bytes and the rest.</summary>
    public const int Mappings = 2;

    private static readonly ConcurrentDictionary<nint, MappedRange> s_listed = [];

    private readonly HostMemoryBudget _budget;
    private readonly nuint _length;
    private nuint _moved;

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

    /// <summary>Whether the kernel notes which of its pages are written. A move to another range ends that.</summary>
    public bool IsWatched { get; private set; }

    /// <summary>The range that begins there and has at least <see cref="LeastListedBytes"/> accessible, or null.</summary>
    public static MappedRange? Find(byte* start) => s_listed.GetValueOrDefault((nint)start);

    /// <summary>All of the range, so that it takes no further mapping.</summary>
    public override void PreferHugePages(bool isPreferred) => HostPages.PreferHugePages(Base, _length, isPreferred);

    public override bool TryOpen(nuint length)
    {
        if (!HostPages.Open(Base, HostPages.RoundUp(length))) return false;
        if (length >= LeastListedBytes) s_listed.TryAdd((nint)Base, this);
        return true;
    }

    /// <summary>
    /// Has the kernel note writes from now on, if it can. In all of the range, so that growth is watched too and takes no further mapping.
    /// </summary>
    public bool TryWatch() => IsWatched = IsWatched || WrittenPages.TryWatch(Base, _length);

    /// <summary>Pages of another such range change their place without being copied.</summary>
    public override bool TryTakeContents(MemoryRange from, nuint length)
    {
        if (from is not MappedRange mapped) return base.TryTakeContents(from, length);
        mapped.Unwatch();
        return length == 0 || mapped.MoveTo(Base, HostPages.RoundUp(length));
    }

    /// <summary>The place that the pages leave is nobody's from then on: whatever the process maps next may lie there, a thread's stack too.</summary>
    private bool MoveTo(byte* target, nuint length)
    {
        var wasListed = s_listed.TryRemove(new KeyValuePair<nint, MappedRange>((nint)Base, this));
        if (HostPages.Move(Base, length, target))
        {
            _moved = length;
            return true;
        }
        if (wasListed) s_listed.TryAdd((nint)Base, this);
        return false;
    }

    public override void Release(nuint opened)
    {
        s_listed.TryRemove(new KeyValuePair<nint, MappedRange>((nint)Base, this));
        IsWatched = false;
        if (_moved == 0 || _moved < _length) HostPages.Unmap(Base + _moved, _length - _moved);
        _budget.ReturnMappings(Mappings);
    }

    /// <summary>The kernel does not move what is watched.</summary>
    private void Unwatch()
    {
        if (IsWatched) WrittenPages.Unwatch(Base, _length);
        IsWatched = false;
    }
}
