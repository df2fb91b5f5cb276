using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of what a mesh goes back to. Begins with a version.</summary>
internal static class MeshRewindCodec
{
    private const byte Version = 2;

    private static BlockContext Zero { get; } = new(0, 0);

    public static void Write(ByteWriter w, MeshRewindRecord r)
    {
        w.Byte(Version);
        w.Int(r.To);
        w.Bool(r.Sources);
        w.List(r.Agents, WriteAgent);
        w.List(r.Unborn, (to, agent) => to.Int(agent));
        w.List(r.Timers, (to, timer) => { to.Int(timer.Offset); RecordCodec.Write(to, Zero, timer); });
        w.List(r.Requests, (to, request) => { to.Int(request.Correlation); to.Int(request.Agent); });
        w.List(r.Cursors, (to, cursor) => { to.Text(cursor.Source); to.Bytes(cursor.Cursor.Span); });
        w.List(r.Watchers, (to, watch) => { to.Text(watch.Watched); to.List(watch.Watchers, (too, watcher) => too.Int(watcher)); });
        w.List(r.Pools, PoolCodec.WriteMoment);
    }

    public static MeshRewindRecord Read(ByteReader r)
    {
        var version = r.Byte();
        if (version is 0 or > Version) throw new DecodeException($"byte {r.Position - 1}: mesh rewind version {version} is not known to this program");
        return new MeshRewindRecord
        {
            To = r.Int(),
            Sources = r.Bool(),
            Agents = r.List(ReadAgent),
            Unborn = r.List(from => from.Int32()),
            Timers = r.List(ReadTimer),
            Requests = r.List(from => (from.Int(), from.Int32())),
            Cursors = r.List(from => (from.Text(), (ReadOnlyMemory<byte>)from.Bytes())),
            Watchers = r.List(from => (from.Text(), from.List(too => too.Int32()))),
            Pools = version < 2 ? [] : r.List(PoolCodec.ReadMoment),
        };
    }

    private static void WriteAgent(ByteWriter w, RewoundAgent agent)
    {
        w.Int(agent.Agent);
        w.Int(agent.Cursor);
        w.List(agent.Quarantine, (to, q) =>
        {
            to.Text(q.Agent);
            to.Int(q.Input);
            TurnCodec.WriteFault(to, q.Fault);
            to.Int(q.AtNs);
        });
        w.List(agent.Waiting, (to, offset) => to.Int(offset));
        w.List(agent.Fired, (to, fired) => { to.Int(fired.Timer); to.Int(fired.Offset); });
    }

    private static RewoundAgent ReadAgent(ByteReader r) => new(
        r.Int32(), r.Int(), r.List(from => new QuarantinedEvent(from.Text(), from.Int(), TurnCodec.ReadFault(from), from.Int())),
        r.List(from => from.Int()), r.List(from => (from.Int(), from.Int())));

    private static TimerRecord ReadTimer(ByteReader r)
    {
        var offset = r.Int();
        var timer = RecordCodec.Read(r, Zero) as TimerRecord ?? throw new DecodeException("no timer where one must stand");
        timer.Offset = offset;
        return timer;
    }
}
