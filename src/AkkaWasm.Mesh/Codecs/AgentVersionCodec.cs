using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of which version an agent runs.</summary>
internal static class AgentVersionCodec
{
    public static void WriteRecord(ByteWriter w, AgentVersionRecord r)
    {
        w.Int(r.Agent);
        w.Byte((byte)r.Step);
        WriteVersion(w, r.RunsAs);
    }

    public static AgentVersionRecord ReadRecord(ByteReader r) => new(r.Int32(), (AgentVersionStep)r.Byte(), ReadVersion(r));

    /// <summary>What a saved agent knows of it; since version 20 of the shard's state.</summary>
    public static void WriteAgent(ByteWriter w, AgentEntry a)
    {
        WriteVersion(w, a.RunsAs);
        w.Int(a.RunsAsSince);
        w.Bool(a.HasNoWayBack);
        w.Bool(a.Rewind is { PreviousVersion: true });
    }

    public static void ReadAgent(ByteReader r, AgentEntry a)
    {
        (a.RunsAs, a.RunsAsSince, a.HasNoWayBack) = (ReadVersion(r), r.Int(), r.Bool());
        if (r.Bool() && a.Rewind is { } rewind) a.Rewind = rewind with { PreviousVersion = true };
    }

    private static void WriteVersion(ByteWriter w, AgentDefinition? definition)
    {
        w.Bool(definition is not null);
        if (definition is null) return;
        TopologyCodec.WriteVersion(w);
        TopologyCodec.WriteAgent(w, definition);
    }

    private static AgentDefinition? ReadVersion(ByteReader r) => r.Bool() ? TopologyCodec.ReadAgent(r, TopologyCodec.ReadVersion(r)) : null;
}
