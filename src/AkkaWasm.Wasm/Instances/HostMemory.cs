using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// The room of one linear memory or GC heap, Linux only. It grows in place as far as its range goes; beyond that its contents move to a larger one.
/// </summary>
internal sealed unsafe class HostMemory
{
    /// <summary>Huge pages pay where so many bytes are written: 8 MiB. They are made and given back in a fraction of the time.</summary>
    private const int LeastHugePageBytes = 8 << 20;

    private readonly HostMemorySource _source;
    private readonly InstanceStatus? _status;
    private readonly nuint _reservation;
    private readonly nuint _guard;
    private MemoryRange _range;
    private nuint _expectedBytes;

    private HostMemory(HostMemorySource source, InstanceStatus? status, MemoryRange range, nuint size, nuint reservation, nuint guard)
    {
        (_source, _status, _range, Size, _reservation, _guard) = (source, status, range, size, reservation, guard);
    }

    public byte* Base => _range.Base;

    /// <summary>The accessible bytes.</summary>
    public nuint Size { get; private set; }

    /// <summary>The bytes that can become accessible without moving.</summary>
    public nuint Capacity => _range.Capacity;

    /// <summary>The memory, or null if the host or the budget has no room for it.</summary>
    public static HostMemory? TryCreate(HostMemorySource source, InstanceStatus? status, nuint size, nuint reservation, nuint guard)
    {
        if (!source.Budget.TryTake(size)) return null;
        if (source.TryTake(size, reservation, guard) is { } range)
        {
            if (range.TryOpen(size))
            {
                var memory = new HostMemory(source, status, range, size, reservation, guard);
                status?.Memories.Add(memory);
                return memory;
            }
            range.Release(0);
        }
        source.Budget.Return(size);
        return null;
    }

    /// <summary>How much of it will be written soon, in bytes: pages up to there are made as it grows, which is cheaper than a fault for each.</summary>
    public nuint ExpectedBytes
    {
        get => _expectedBytes;
        set
        {
            if (nuint.Max(value, _expectedBytes) >= LeastHugePageBytes) _range.PreferHugePages(value >= LeastHugePageBytes);
            _expectedBytes = value;
        }
    }

    /// <summary>Grows, or notes that the host could not; what is beyond the store's limits is refused without a note.</summary>
    public bool TryGrow(nuint newSize)
    {
        if (newSize <= Size) return true;
        if (_status is not null && !_status.Memories.MayGrow(this, newSize)) return false;
        if (_source.Budget.TryTake(newSize - Size))
        {
            if (newSize <= Capacity ? _range.TryOpen(newSize) : TryMove(newSize))
            {
                if (ExpectedBytes > Size) TouchedPages.Prepare(Base + Size, nuint.Min(newSize, ExpectedBytes) - Size);
                Size = newSize;
                return true;
            }
            _source.Budget.Return(newSize - Size);
        }
        _status?.Set(InstanceFlags.HostOutOfMemory);
        return false;
    }

    public void Free()
    {
        _range.Release(Size);
        _source.Budget.Return(Size);
    }

    /// <summary>A memory that has outgrown its range once gets room to do so again a while later.</summary>
    private bool TryMove(nuint newSize)
    {
        var headroom = nuint.Min(nuint.Max(_reservation, newSize / 4), newSize);
        if (_source.TryTake(newSize, newSize + headroom, _guard, mayUseArena: _reservation == 0) is not { } target) return false;
        if (!target.TryOpen(newSize) || !target.TryTakeContents(_range, Size))
        {
            target.Release(0);
            return false;
        }
        _range.Release(Size);
        _range = target;
        if (ExpectedBytes >= LeastHugePageBytes) _range.PreferHugePages(true);
        return true;
    }
}
