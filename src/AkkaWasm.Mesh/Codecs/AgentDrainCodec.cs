using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of <see cref="AgentDrainRecord"/>, in the log and in the state of a shard. Begins with a version.</summary>
internal static class AgentDrainCodec
{
    private const byte Version = 1;

    public static void Write(ByteWriter w, AgentDrainRecord r)
    {
        w.Byte(Version);
        w.List(r.Definitions, (to, name) => to.Text(name));
        w.List(r.Groups, (to, name) => to.Text(name));
        w.Int(r.DeadlineNs);
        w.Text(r.Author);
        w.Text(r.Reason);
    }

    /// <summary>In the state of a shard it stands with its place in the log.</summary>
    public static void WriteWithOffset(ByteWriter w, AgentDrainRecord r) => RecordCodec.WriteWithOffset(w, r, Write);

    public static AgentDrainRecord ReadWithOffset(ByteReader r) => RecordCodec.ReadWithOffset(r, Read);

    public static AgentDrainRecord Read(ByteReader r)
    {
        var version = r.Byte();
        if (version != Version) throw new DecodeException($"byte {r.Position - 1}: version {version} of a drain of agents is not known to this program");
        return new AgentDrainRecord { Definitions = [.. r.List(from => from.Text())], Groups = [.. r.List(from => from.Text())], DeadlineNs = r.Int(), Author = r.Text(), Reason = r.Text() };
    }
}
