using System.Numerics;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// A few large mappings in which many small memories live, so that an instance takes no mapping of its own. Slots have sizes that are powers of two;
/// one that comes back is emptied and given out again. All of a slot is accessible: code that runs on it has to check its bounds itself.
/// </summary>
internal sealed unsafe class MemoryArena(HostMemoryBudget budget)
{
    /// <summary>The smallest slot, one page of a memory: 64 KiB.</summary>
    public const int MinSlotBytes = 64 << 10;

    /// <summary>The largest slot: 4 MiB. What is larger gets mappings of its own.</summary>
    public const int MaxSlotBytes = 4 << 20;

    /// <summary>What is mapped at a time, for slots of one size: 64 MiB of address space.</summary>
    public const int ChunkBytes = 64 << 20;

    private readonly SlotClass[] _classes = [.. Enumerable.Range(0, ClassOf(MaxSlotBytes) + 1).Select(i => new SlotClass(budget, (nuint)MinSlotBytes << i))];

    /// <summary>A slot, or null if it would have to be larger than there are, or the host has no room.</summary>
    public MemoryRange? TryTake(nuint bytes) => bytes <= MaxSlotBytes ? _classes[ClassOf(bytes)].TryTake() : null;

    /// <summary>Unmaps everything. No slot may be out any more.</summary>
    public void Free()
    {
        foreach (var slots in _classes) slots.Free();
    }

    private static int ClassOf(nuint bytes)
    {
        var units = (uint)nuint.Max((bytes + MinSlotBytes - 1) / MinSlotBytes, 1);
        return BitOperations.Log2((units * 2) - 1);
    }

    /// <summary>The slots of one size.</summary>
    private sealed class SlotClass(HostMemoryBudget budget, nuint slotBytes)
    {
        private readonly Lock _gate = new();
        private readonly Stack<nint> _free = [];
        private readonly List<nint> _chunks = [];
        private nuint _left;

        public MemoryRange? TryTake()
        {
            lock (_gate)
            {
                if (_free.TryPop(out var slot)) return new Slot(this, (byte*)slot, slotBytes);
                if (_left == 0 && !TryAddChunk()) return null;
                _left -= slotBytes;
                return new Slot(this, (byte*)_chunks[^1] + _left, slotBytes);
            }
        }

        public void Return(byte* slot)
        {
            lock (_gate) _free.Push((nint)slot);
        }

        public void Free()
        {
            foreach (var chunk in _chunks) HostPages.Unmap((byte*)chunk, ChunkBytes);
            budget.ReturnMappings(_chunks.Count);
        }

        private bool TryAddChunk()
        {
            if (!budget.TryTakeMappings(1)) return false;
            var chunk = HostPages.MapZeros(ChunkBytes);
            if (chunk is null)
            {
                budget.ReturnMappings(1);
                return false;
            }
            _chunks.Add((nint)chunk);
            _left = ChunkBytes;
            return true;
        }
    }

    private sealed class Slot : MemoryRange
    {
        private readonly SlotClass _owner;

        public Slot(SlotClass owner, byte* start, nuint capacity)
        {
            _owner = owner;
            Base = start;
            Capacity = capacity;
        }

        public override bool TryOpen(nuint length) => true;

        public override void Release(nuint opened)
        {
            if (!HostPages.Discard(Base, HostPages.RoundUp(opened))) new Span<byte>(Base, checked((int)opened)).Clear();
            _owner.Return(Base);
        }
    }
}
