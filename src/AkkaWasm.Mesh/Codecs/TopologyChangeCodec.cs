using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary forms of a change of the topology and of what is remembered of it. Begins with a version.</summary>
internal static class TopologyChangeCodec
{
    private const byte Version = 1;

    public static void Write(ByteWriter w, BlockContext c, TopologyChangeRecord r)
    {
        w.Byte(Version);
        w.Int(r.AtNs - c.BaseTimeNs);
        w.Text(r.Author);
        w.Text(r.Reason);
        w.Text(r.Summary);
        TopologyDeltaCodec.Write(w, r.Delta);
    }

    public static TopologyChangeRecord Read(ByteReader r, BlockContext c)
    {
        var version = r.Byte();
        if (version != Version) throw new DecodeException($"byte {r.Position - 1}: version {version} of a change of the topology is not known to this program");
        var (at, author, reason, summary) = (r.Int() + c.BaseTimeNs, r.Text(), r.Text(), r.Text());
        return new TopologyChangeRecord(TopologyDeltaCodec.Read(r), at, author, reason, summary);
    }

    public static void WriteInfo(ByteWriter w, TopologyChangeInfo info)
    {
        w.Int(info.Offset);
        w.Int(info.AtNs);
        w.Text(info.Author);
        w.Text(info.Reason);
        w.Text(info.Summary);
    }

    public static TopologyChangeInfo ReadInfo(ByteReader r) => new(r.Int(), r.Int(), r.Text(), r.Text(), r.Text());

    /// <summary>What a shard knows of its topologies besides the one in force.</summary>
    public static void WriteHistory(ByteWriter w, ShardState state)
    {
        w.Int(state.TopologyOffset);
        w.List(state.TopologyChanges, WriteInfo);
        var isOther = state.Configured is not null && state.Topology is not null && !TopologyCodec.AreSame(state.Configured, state.Topology);
        w.Bool(isOther);
        if (isOther) TopologyDeltaCodec.Write(w, TopologyDelta.Between(state.Topology!, state.Configured!));
    }

    public static void ReadHistory(ByteReader r, ShardState state)
    {
        state.TopologyOffset = r.Int();
        state.TopologyChanges.AddRange(r.List(ReadInfo));
        if (r.Bool()) state.Configured = TopologyDeltaCodec.Read(r).On(state.Topology ?? throw new DecodeException("a configured topology where there is none in force"));
    }
}
