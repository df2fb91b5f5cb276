using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <summary>What is durable: blocks, images of agents, states of the shard.</summary>
internal partial class MemoryStore
{
    /// <summary>What each block holds, read once: whoever rebuilds an agent goes through the log again.</summary>
    private readonly Dictionary<byte[], DecodedBlock> decoded = [];

    private readonly List<(int Blocks, (string Agent, int Incarnation, long Input) Key, byte[] Image)> dropped = [];

    public List<byte[]> Blocks { get; } = [];

    public Dictionary<(string Agent, int Incarnation, long Input), byte[]> Images { get; } = [];

    public List<(int Blocks, byte[] State)> States { get; } = [];

    private DecodedBlock Decode(byte[] block)
    {
        if (decoded.TryGetValue(block, out var known)) return known;
        var records = Read(block, out var header);
        return decoded[block] = new DecodedBlock(header, records, [.. records.OfType<EventRecord>().Select(r => r.Event)], [.. records.OfType<LineageRecord>()]);
    }

    /// <summary>Writes and syncs a block.</summary>
    /// <exception cref="StoreException">It failed, or nobody knows.</exception>
    public virtual void Append(LogBlock block) => Blocks.Add(block.Bytes.ToArray());

    /// <summary>Saves the state after so many blocks.</summary>
    public virtual void SaveState(int blocks, ReadOnlyMemory<byte> state) => States.Add((blocks, state.ToArray()));

    /// <summary>Saves an image of an agent.</summary>
    /// <exception cref="StoreException">It failed.</exception>
    public virtual void SaveImage(AgentImage image) => Images[(image.Agent, image.Incarnation, image.Input)] = image.ToBytes();

    /// <summary>Deletes an image that is not kept any more.</summary>
    public void DropImage(DropImage drop)
    {
        var key = (drop.Agent, drop.Incarnation, drop.Input);
        if (Images.Remove(key, out var image)) dropped.Add((Blocks.Count, key, image));
    }

    /// <summary>The newest image of a life of an agent at or before an offset; null if there is none.</summary>
    /// <exception cref="ImageCorruptException">It is damaged.</exception>
    public AgentImage? LoadImage(string agent, int incarnation, long upTo)
    {
        var found = Images.Where(i => i.Key.Agent == agent && i.Key.Incarnation == incarnation && i.Key.Input <= upTo).OrderBy(i => i.Key.Input).LastOrDefault();
        return found.Value is null ? null : AgentImage.FromBytes(found.Value);
    }

    /// <summary>How far the log had reached when it was last committed, if that is known.</summary>
    public virtual LogEnd? Head => null;

    /// <summary>Offset of the last record that no crash takes away, or -1.</summary>
    public virtual long DurableOffset => LastOffset;

    protected void ForgetDecoded() => decoded.Clear();

    /// <summary>Offset of the last durable record, or -1.</summary>
    public long LastOffset => Blocks.Count == 0 ? Position.None : BlockCodec.ReadHeader(Blocks[^1]).LastOffset;

    /// <summary>A damaged block is refused with the place of its row.</summary>
    private IReadOnlyList<LogRecord> Read(byte[] block, out BlockHeader header)
    {
        try
        {
            return BlockCodec.Read(block, out header);
        }
        catch (LogCorruptException e)
        {
            throw new LogCorruptException($"Row {Blocks.IndexOf(block) + 1} of the journal cannot be read: {e.Message}", e.FirstLost);
        }
    }

    /// <summary>Checksum of the last row.</summary>
    /// <exception cref="LogCorruptException">It is damaged.</exception>
    public ulong LastChecksum => Decode(Blocks[^1]).Header.Checksum;

    /// <summary>All records that ever were, those included that are removed.</summary>
    public IEnumerable<LogRecord> Records() => Blocks.SelectMany(block => Decode(block).Records);

    /// <summary>The records that the mesh can read.</summary>
    public IEnumerable<LogRecord> KeptRecords() => Kept.SelectMany(block => Decode(block).Records);

    /// <summary>All lives that ever began from a state of an older one.</summary>
    public IEnumerable<LineageRecord> Lineages() => Blocks.SelectMany(block => Decode(block).Lineages);

    public IEnumerable<MeshEvent> Events() => Records().OfType<EventRecord>().Select(r => r.Event);

    public MeshEvent[] EventsBetween(long from, long to) => [.. Blocks.Skip(Math.Max(Removed, BlockOf(from))).Select(Decode)
        .TakeWhile(block => block.Header.FirstOffset <= to).SelectMany(block => block.Events).Where(e => e.Offset >= from && e.Offset <= to)];

    public MeshEvent EventAt(long offset) => EventsBetween(offset, offset) is [var found] ? found : throw new LogCorruptException($"The event at offset {offset} is not in the log.", offset);

    /// <summary>An event that ever was.</summary>
    public MeshEvent EverAt(long offset) => Decode(Blocks[BlockOf(offset)]).Events.Single(e => e.Offset == offset);

    /// <summary>The first block that reaches to an offset, or how many blocks there are.</summary>
    private int BlockOf(long offset)
    {
        var (low, high) = (0, Blocks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Decode(Blocks[middle]).Header.LastOffset < offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>A store that a crash left behind: the first blocks only.</summary>
    public MemoryStore Prefix(int blocks)
    {
        var prefix = new MemoryStore();
        prefix.Blocks.AddRange(Blocks.Take(blocks));
        prefix.States.AddRange(States.Where(s => s.Blocks <= blocks));
        foreach (var (key, image) in Images) prefix.Images[key] = image;
        foreach (var (_, key, image) in dropped.Where(d => d.Blocks > blocks)) prefix.Images[key] = image;
        CopyRetentionTo(prefix, blocks);
        return prefix;
    }

    private sealed record DecodedBlock(BlockHeader Header, IReadOnlyList<LogRecord> Records, MeshEvent[] Events, LineageRecord[] Lineages);
}
