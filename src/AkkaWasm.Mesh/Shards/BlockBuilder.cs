using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Fills a block record by record and closes it.</summary>
internal sealed class BlockBuilder(ShardOptions options)
{
    private readonly ByteWriter records = new(1 << 16);
    private readonly List<int> starts = [];
    private readonly HashSet<int> agents = [];
    private readonly HashSet<string> topics = new(StringComparer.Ordinal);
    private BlockContext context = new(0, 0);

    public int Count => starts.Count;

    /// <summary>Offset of the first record of the block that is being filled, or was last.</summary>
    public long FirstOffset { get; private set; }

    /// <summary>Whether it has grown to its limit and should be cut.</summary>
    public bool IsFull => Count >= options.MaxBlockRecords || records.Length >= options.MaxBlockBytes;

    public void Add(LogRecord record, int epoch, long nowNs)
    {
        if (Count == 0)
        {
            FirstOffset = record.Offset;
            context = new BlockContext(epoch, nowNs);
        }
        starts.Add(records.Length);
        RecordCodec.Write(records, context, record);
        if (record is TurnRecord turn) agents.Add(turn.Agent);
        else if (record is AgentRecord agent) agents.Add(agent.Agent);
        else if (record is ImageRecord image) agents.Add(image.Agent);
    }

    /// <summary>Notes the topic of an event; for each topic of the block at least once.</summary>
    public void AddTopic(string topic) => topics.Add(topic);

    /// <summary>Reads an event of the block that is being filled from its bytes.</summary>
    /// <param name="offset">Its offset.</param>
    /// <returns>The event, or null if the record at the offset is none, or not of this block.</returns>
    public MeshEvent? Read(long offset)
    {
        var index = offset - FirstOffset;
        if (index < 0 || index >= Count) return null;
        var (from, to) = (starts[(int)index], index + 1 < Count ? starts[(int)index + 1] : records.Length);
        return BlockCodec.ReadEvent(records.Written[from..to].ToArray(), context, offset);
    }

    /// <summary>Closes the block.</summary>
    /// <param name="epoch">Epoch of the shard.</param>
    /// <param name="previousChecksum">Checksum of the block before.</param>
    /// <param name="encoded">Its records within the bytes of the block.</param>
    public LogBlock Cut(int epoch, ulong previousChecksum, out EncodedRecords encoded)
    {
        var header = new BlockHeader(
            options.Shard, epoch, FirstOffset, Count, context.BaseTimeNs, previousChecksum, 0, options.Writer, [.. agents.Order()], [.. topics.Order(StringComparer.Ordinal)]);
        var bytes = BlockCodec.Write(header, records.Written, out var checksum);
        encoded = new EncodedRecords(bytes.AsMemory(bytes.Length - 8 - records.Length, records.Length), [.. starts]);
        records.Clear();
        starts.Clear();
        agents.Clear();
        topics.Clear();
        return new LogBlock(header with { Checksum = checksum }, bytes);
    }
}
