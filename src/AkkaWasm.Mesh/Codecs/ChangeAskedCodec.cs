using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of <see cref="ChangeAskedRecord"/>, in the log and in the state of a shard. Begins with a version.</summary>
internal static class ChangeAskedCodec
{
    private const byte Version = 1;

    public static void Write(ByteWriter w, ChangeAskedRecord r)
    {
        w.Byte(Version);
        w.Int(r.Agent);
        w.Int(r.Incarnation);
        w.Int(r.Input);
        w.Int(r.Correlation);
        w.Int(r.Depth);
        w.OptionalText(r.TraceParent);
        w.Bytes(r.Text.Span);
    }

    public static ChangeAskedRecord Read(ByteReader r)
    {
        var version = r.Byte();
        if (version != Version) throw new DecodeException($"byte {r.Position - 1}: version {version} of a change that was asked for is not known to this program");
        return new ChangeAskedRecord { Agent = r.Int32(), Incarnation = r.Int32(), Input = r.Int(), Correlation = r.Int(), Depth = r.Int32(), TraceParent = r.OptionalText(), Text = r.Bytes() };
    }

    /// <summary>In the state of a shard it stands with its place in the log.</summary>
    public static void WriteWithOffset(ByteWriter w, ChangeAskedRecord r) => RecordCodec.WriteWithOffset(w, r, Write);

    public static ChangeAskedRecord ReadWithOffset(ByteReader r) => RecordCodec.ReadWithOffset(r, Read);
}
