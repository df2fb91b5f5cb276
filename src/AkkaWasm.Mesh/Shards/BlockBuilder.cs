using System.Collections.Immutable;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Fills a block record by record and closes it.</summary>
internal sealed class BlockBuilder(ShardOptions options)
{
    private readonly ByteWriter records = new(1 << 16);
    private readonly SortedSet<int> agents = [];
    private readonly SortedSet<string> topics = new(StringComparer.Ordinal);
    private readonly HashSet<string> seenTopics = new(StringComparer.Ordinal);
    private readonly List<MeshEvent> events = [];
    private BlockContext context = new(0, 0);
    private long firstOffset;

    public int Count { get; private set; }

    /// <summary>Whether it has grown to its limit and should be cut.</summary>
    public bool IsFull => Count >= options.MaxBlockRecords || records.Length >= options.MaxBlockBytes;

    public void Add(LogRecord record, int epoch, long nowNs)
    {
        if (Count == 0)
        {
            firstOffset = record.Offset;
            context = new BlockContext(epoch, nowNs);
        }
        RecordCodec.Write(records, context, record);
        Count++;
        switch (record)
        {
            case EventRecord { Event: var e }:
                events.Add(e);
                if (seenTopics.Add(e.Topic)) topics.Add(e.Topic);
                break;
            case TurnRecord turn:
                agents.Add(turn.Agent);
                break;
            case AgentRecord agent:
                agents.Add(agent.Agent);
                break;
            case ImageRecord image:
                agents.Add(image.Agent);
                break;
        }
    }

    public LogBlock Cut(int epoch, ulong previousChecksum)
    {
        var header = new BlockHeader(options.Shard, epoch, firstOffset, Count, context.BaseTimeNs, previousChecksum, 0, options.Writer, [.. agents], [.. topics]);
        var bytes = BlockCodec.Write(header, records.Written, out var checksum);
        var block = new LogBlock(header with { Checksum = checksum }, bytes) { Events = [.. events] };
        records.Clear();
        agents.Clear();
        topics.Clear();
        seenTopics.Clear();
        events.Clear();
        Count = 0;
        return block;
    }
}
