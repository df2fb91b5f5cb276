using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <content>
/// A log whose first rows were removed. They stay in <see cref="Blocks"/>, for those who judge and for crashes that take the removal back; the mesh is given
/// none of them any more.
/// </content>
internal partial class MemoryStore
{
    private readonly List<(int Blocks, int Removed)> removals = [];

    /// <summary>How many of the first blocks are removed.</summary>
    public int Removed { get; private set; }

    /// <summary>The states of the shard that the log begins with, or may: after how many blocks each is, and how many there were when it was saved.</summary>
    public List<(int Blocks, int SavedAt, byte[] State)> Bases { get; } = [];

    /// <summary>The state that the mesh begins from when nothing newer can be read: the first after the rows that were removed; null if none were.</summary>
    public (int Blocks, byte[] State)? Base =>
        Removed == 0 ? null : Bases.Where(b => b.Blocks >= Removed).OrderBy(b => b.Blocks).Select(b => ((int, byte[])?)(b.Blocks, b.State)).FirstOrDefault()
            ?? throw new LogCorruptException($"Row {Removed + 1} of the journal: {Removed} rows are removed, and no state stands in for them.", Position.None);

    /// <summary>The blocks that the mesh can read, from the base on.</summary>
    public IEnumerable<byte[]> Kept => Removed == 0 ? Blocks : Removed > Base!.Value.Blocks ? [] : Blocks.Skip(Base.Value.Blocks);

    /// <summary>The headers of all blocks.</summary>
    /// <exception cref="LogCorruptException">One that is not removed is damaged.</exception>
    public List<BlockHeader> Headers() => [.. Blocks.Select(block => BlockCodec.ReadHeader(Sound(block)))];

    /// <summary>A block as it is, if it is what was written.</summary>
    /// <exception cref="LogCorruptException">It is not.</exception>
    public byte[] Sound(byte[] block)
    {
        Decode(block);
        return block;
    }

    /// <summary>Saves a state that the log may begin with.</summary>
    /// <exception cref="StoreException">It failed.</exception>
    public virtual void SaveBase(int blocks, ReadOnlyMemory<byte> state)
    {
        Bases.RemoveAll(b => b.Blocks == blocks);
        Bases.Add((blocks, Blocks.Count, state.ToArray()));
    }

    /// <summary>Removes the first blocks.</summary>
    public void RemoveBlocks(int upTo)
    {
        if (upTo <= Removed) return;
        Removed = Math.Min(upTo, Blocks.Count);
        removals.Add((Blocks.Count, Removed));
    }

    /// <summary>What a store with the first blocks only had of it.</summary>
    private void CopyRetentionTo(MemoryStore prefix, int blocks)
    {
        prefix.Bases.AddRange(Bases.Where(b => b.SavedAt <= blocks && b.Blocks <= blocks));
        foreach (var (at, removed) in removals.Where(r => r.Blocks <= blocks)) prefix.RemoveBlocks(removed);
    }
}
