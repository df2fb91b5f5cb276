using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <summary>What is durable: blocks, images of agents, states of the shard.</summary>
internal sealed class MemoryStore
{
    private readonly Dictionary<byte[], (long First, long Last, MeshEvent[] Events)> decoded = [];

    public List<byte[]> Blocks { get; } = [];

    public Dictionary<(string Agent, int Incarnation, long Input), byte[]> Images { get; } = [];

    public List<(int Blocks, byte[] State)> States { get; } = [];

    private (long First, long Last, MeshEvent[] Events) Decode(byte[] block)
    {
        if (decoded.TryGetValue(block, out var known)) return known;
        var events = BlockCodec.Read(block, out var header).OfType<EventRecord>().Select(r => r.Event).ToArray();
        return decoded[block] = (header.FirstOffset, header.LastOffset, events);
    }

    public void Append(LogBlock block)
    {
        Blocks.Add(block.Bytes.ToArray());
        if (block.ShardState is { } state) States.Add((Blocks.Count, state.ToArray()));
    }

    /// <summary>Offset of the last durable record, or -1.</summary>
    public long LastOffset => Blocks.Count == 0 ? Position.None : BlockCodec.ReadHeader(Blocks[^1]).LastOffset;

    public IEnumerable<LogRecord> Records() => Blocks.SelectMany(block => BlockCodec.Read(block, out _));

    public IEnumerable<MeshEvent> Events() => Records().OfType<EventRecord>().Select(r => r.Event);

    public MeshEvent[] EventsBetween(long from, long to) => [.. Blocks.Select(Decode)
        .Where(block => block.First <= to && block.Last >= from).SelectMany(block => block.Events).Where(e => e.Offset >= from && e.Offset <= to)];

    public MeshEvent EventAt(long offset) => EventsBetween(offset, offset).Single();

    /// <summary>A store that a crash left behind: the first blocks only.</summary>
    public MemoryStore Prefix(int blocks)
    {
        var prefix = new MemoryStore();
        prefix.Blocks.AddRange(Blocks.Take(blocks));
        prefix.States.AddRange(States.Where(s => s.Blocks <= blocks));
        foreach (var (key, image) in Images) prefix.Images[key] = image;
        return prefix;
    }
}
