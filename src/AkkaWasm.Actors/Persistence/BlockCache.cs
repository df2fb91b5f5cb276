using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Blocks that were read from the journal lately. When a shard has recovered, thousands of agents look for inputs that lie scattered over the same
/// blocks: each is read once and serves all of them. May be used by any thread.
/// </summary>
/// <param name="limitBytes">How much is kept, bytes; the block added last is kept in any case.</param>
internal sealed class BlockCache(long limitBytes)
{
    private readonly Lock gate = new();
    private readonly SortedList<long, IndexedBlock> byFirstOffset = [];
    private readonly Queue<IndexedBlock> byAge = [];
    private long bytes;
    private bool wasUsed;

    /// <summary>The block that holds an offset, or null.</summary>
    public IndexedBlock? Find(long offset)
    {
        lock (gate)
        {
            wasUsed = true;
            var (low, high) = (0, byFirstOffset.Count - 1);
            while (low <= high)
            {
                var middle = (low + high) / 2;
                var block = byFirstOffset.GetValueAtIndex(middle);
                if (offset < block.FirstOffset) high = middle - 1;
                else if (offset > block.LastOffset) low = middle + 1;
                else return block;
            }
            return null;
        }
    }

    public void Add(IndexedBlock block)
    {
        lock (gate)
        {
            if (!byFirstOffset.TryAdd(block.FirstOffset, block)) return;
            byAge.Enqueue(block);
            bytes += block.Weight;
            while (bytes > limitBytes && byAge.Count > 1)
            {
                var oldest = byAge.Dequeue();
                byFirstOffset.Remove(oldest.FirstOffset);
                bytes -= oldest.Weight;
            }
        }
    }

    /// <summary>Forgets everything if nothing was looked for since this was asked last.</summary>
    public void ForgetUnused()
    {
        lock (gate)
        {
            if (!wasUsed)
            {
                byFirstOffset.Clear();
                byAge.Clear();
                bytes = 0;
            }
            wasUsed = false;
        }
    }
}
