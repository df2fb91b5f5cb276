using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of what becomes of changed definitions that are watched. Begins with a version.</summary>
internal static class CanaryCodec
{
    private const byte Version = 1;

    public static void Write(ByteWriter w, CanaryRecord r)
    {
        w.Byte(Version);
        w.Byte((byte)r.Step);
        w.Text(r.Definition);
        w.Bool(r.Before is not null);
        if (r.Before is not null) WriteBeginning(w, r.Before, r.Policy!, r.AtNs);
    }

    public static CanaryRecord Read(ByteReader r)
    {
        var version = r.Byte();
        if (version != Version) throw new DecodeException($"byte {r.Position - 1}: version {version} of a watched definition is not known to this program");
        var record = new CanaryRecord((CanaryStep)r.Byte(), r.Text());
        if (!r.Bool()) return record;
        var (before, policy, at) = ReadBeginning(r);
        return record with { Before = before, Policy = policy, AtNs = at };
    }

    /// <summary>All that is known of a watch.</summary>
    public static void WriteWatch(ByteWriter w, CanaryWatch watch)
    {
        WriteBeginning(w, watch.Before, watch.Policy, watch.BeganNs);
        w.Int(watch.Since);
        w.Int(watch.FirstNew);
        w.Int(watch.NeededFrom);
        w.List([.. watch.Pins.Order()], (to, pin) => { to.Int(pin.Agent); to.Int(pin.Incarnation); to.Int(pin.Input); });
        WriteByAgent(w, watch.Watched, (to, names) => to.List(names, (too, name) => too.Text(name)));
        w.List(watch.Changed, (to, agent) => to.Int(agent));
        w.List(watch.Stopped, (to, agent) => to.Int(agent));
        WriteByAgent(w, watch.Quarantined, WriteOffsets);
        WriteByAgent(w, watch.Missed, WriteOffsets);
        WriteByAgent(w, watch.Lost, (to, timers) => to.List(timers, RecordCodec.WriteTimerWithOffset));
        w.Bool(watch.IsExceeded);
        w.List([.. watch.Failures], (to, at) => to.Int(at));
        w.Int(watch.EmittedCount);
        w.List(watch.Emitted, (to, offset) => to.Int(offset));
    }

    public static CanaryWatch ReadWatch(ByteReader r)
    {
        var (before, policy, began) = ReadBeginning(r);
        var watch = new CanaryWatch(before, policy, r.Int(), began) { FirstNew = r.Int32(), NeededFrom = r.Int() };
        watch.Pins.UnionWith(r.List(from => (from.Int32(), from.Int32(), from.Int())));
        foreach (var (agent, names) in r.List(from => (from.Int32(), from.List(too => too.Text())))) watch.Watched[agent] = [.. names];
        watch.Changed.UnionWith(r.List(from => from.Int32()));
        watch.Stopped.UnionWith(r.List(from => from.Int32()));
        foreach (var (agent, offsets) in r.List(ReadOffsets)) watch.Quarantined[agent] = offsets;
        foreach (var (agent, offsets) in r.List(ReadOffsets)) watch.Missed[agent] = offsets;
        foreach (var (agent, timers) in r.List(from => (from.Int32(), from.List(RecordCodec.ReadTimerWithOffset)))) watch.Lost[agent] = [.. timers];
        watch.Restore(r.Bool(), r.List(from => from.Int()), r.Int(), r.List(from => from.Int()));
        return watch;
    }

    private static void WriteByAgent<T>(ByteWriter w, SortedDictionary<int, T> items, Action<ByteWriter, T> write) => w.List([.. items], (to, item) => { to.Int(item.Key); write(to, item.Value); });

    private static void WriteOffsets(ByteWriter w, SortedSet<long> offsets) => w.List(offsets, (to, offset) => to.Int(offset));

    private static (int Agent, SortedSet<long> Offsets) ReadOffsets(ByteReader r) => (r.Int32(), [.. r.List(from => from.Int())]);

    /// <summary>What is watched and how.</summary>
    private static void WriteBeginning(ByteWriter w, AgentDefinition before, CanaryPolicy policy, long atNs)
    {
        TopologyDeltaCodec.Write(w, new TopologyDelta { Put = [before] });
        w.Int(policy.Watch.Ticks);
        w.Int(policy.MaxFailures);
        w.Int(policy.WithinTimeRange.Ticks);
        w.Byte((byte)policy.Inputs);
        w.Int(atNs);
    }

    private static (AgentDefinition Before, CanaryPolicy Policy, long AtNs) ReadBeginning(ByteReader r)
    {
        if (TopologyDeltaCodec.Read(r).Put is not [var before]) throw new DecodeException($"byte {r.Position}: a watched definition without the one before");
        var policy = new CanaryPolicy
        {
            Watch = new TimeSpan(r.Int()), MaxFailures = r.Int32(), WithinTimeRange = new TimeSpan(r.Int()), Inputs = (RewindInputs)r.Byte(),
        };
        return (before, policy, r.Int());
    }
}
