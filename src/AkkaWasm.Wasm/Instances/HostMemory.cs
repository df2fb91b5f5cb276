using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Instances;

/// <summary>The bytes that all memories of an engine may have together, touched or not.</summary>
internal sealed class HostMemoryBudget(long maxBytes)
{
    private long _used;

    public bool TryTake(nuint bytes)
    {
        if (Interlocked.Add(ref _used, (long)bytes) <= maxBytes) return true;
        Return(bytes);
        return false;
    }

    public void Return(nuint bytes) => Interlocked.Add(ref _used, -(long)bytes);
}

/// <summary>
/// The room of one linear memory, Linux only: an address range of which the memory's bytes are accessible and the rest, with a guard behind it, is
/// not. It grows in place as far as the range goes; beyond that its pages move to a larger range without being copied.
/// </summary>
internal sealed unsafe partial class HostMemory
{
    private const int ProtectNone = 0;
    private const int ProtectReadWrite = 3;
    private const int PrivateAnonymousNoReserve = 0x02 | 0x20 | 0x4000;
    private const int MoveToFixed = 1 | 2;

    private readonly HostMemoryBudget _budget;
    private readonly InstanceStatus? _status;
    private readonly nuint _guard;
    private readonly nuint _reservation;

    private HostMemory(HostMemoryBudget budget, InstanceStatus? status, nuint reservation, nuint guard)
    {
        _budget = budget;
        _status = status;
        _reservation = reservation;
        _guard = guard;
    }

    public byte* Base { get; private set; }

    /// <summary>The accessible bytes.</summary>
    public nuint Size { get; private set; }

    /// <summary>The bytes that can become accessible without moving.</summary>
    public nuint Capacity { get; private set; }

    /// <summary>The memory, or null if the host or the budget has no room for it.</summary>
    public static HostMemory? TryCreate(HostMemoryBudget budget, InstanceStatus? status, nuint size, nuint reservation, nuint guard)
    {
        var memory = new HostMemory(budget, status, reservation, RoundUp(guard));
        if (!budget.TryTake(size)) return null;
        var capacity = RoundUp(nuint.Max(size, reservation));
        memory.Base = Reserve(capacity + memory._guard);
        memory.Capacity = capacity;
        if (memory.Base is not null && Open(memory.Base, RoundUp(size)))
        {
            memory.Size = size;
            return memory;
        }
        memory.Unmap();
        budget.Return(size);
        return null;
    }

    /// <summary>Whether the process has that much address space left in one piece.</summary>
    public static bool CanReserve(nuint bytes)
    {
        var start = Reserve(bytes);
        if (start is null) return false;
        Munmap(start, bytes);
        return true;
    }

    /// <summary>Grows, or notes that the host could not.</summary>
    public bool TryGrow(nuint newSize)
    {
        if (newSize <= Size) return true;
        if (_budget.TryTake(newSize - Size))
        {
            if (newSize <= Capacity ? Open(Base, RoundUp(newSize)) : TryMove(newSize))
            {
                Size = newSize;
                return true;
            }
            _budget.Return(newSize - Size);
        }
        _status?.Set(InstanceFlags.HostOutOfMemory);
        return false;
    }

    public void Free()
    {
        Unmap();
        _budget.Return(Size);
    }

    private bool TryMove(nuint newSize)
    {
        var capacity = RoundUp(newSize + nuint.Min(nuint.Max(_reservation, newSize / 4), newSize));
        var target = Reserve(capacity + _guard);
        if (target is null) return false;
        var used = RoundUp(Size);
        if (!Open(target, RoundUp(newSize)) || (used != 0 && Mremap(Base, used, used, MoveToFixed, target) != target))
        {
            Munmap(target, capacity + _guard);
            return false;
        }
        Unmap();
        Base = target;
        Capacity = capacity;
        return true;
    }

    private void Unmap()
    {
        if (Base is not null) Munmap(Base, Capacity + _guard);
        Base = null;
    }

    private static byte* Reserve(nuint length)
    {
        if (length == 0) length = (nuint)Environment.SystemPageSize;
        var start = Mmap(null, length, ProtectNone, PrivateAnonymousNoReserve, -1, 0);
        return (nint)start == -1 ? null : start;
    }

    private static bool Open(byte* start, nuint length) => length == 0 || Mprotect(start, length, ProtectReadWrite) == 0;

    private static nuint RoundUp(nuint length)
    {
        var mask = (nuint)Environment.SystemPageSize - 1;
        return (length + mask) & ~mask;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Mmap(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "mremap")]
    private static partial byte* Mremap(void* address, nuint oldLength, nuint newLength, int flags, void* target);
}
