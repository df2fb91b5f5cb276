using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of what becomes of changed definitions that are watched. Begins with a version.</summary>
internal static class CanaryCodec
{
    /// <summary>A field is only ever added at the end under a new version.</summary>
    private const byte Version = 2;

    public static void Write(ByteWriter w, CanaryRecord r)
    {
        w.Byte(Version);
        w.Byte((byte)r.Step);
        w.Text(r.Definition);
        w.Bool(r.Before is not null);
        if (r.Before is not null) WriteBeginning(w, r.Before, r.Policy!, r.AtNs);
        else w.Int(r.AtNs);
        WriteShare(w, r.Share, r.State);
    }

    public static CanaryRecord Read(ByteReader r)
    {
        var version = r.Byte();
        if (version is 0 or > Version) throw new DecodeException($"byte {r.Position - 1}: version {version} of a watched definition is not known to this program");
        var record = new CanaryRecord((CanaryStep)r.Byte(), r.Text());
        if (r.Bool())
        {
            var (before, policy, at) = ReadBeginning(r, version >= 2);
            record = record with { Before = before, Policy = policy, AtNs = at };
        }
        else if (version >= 2) record = record with { AtNs = r.Int() };
        if (version < 2) return record;
        var (share, state) = ReadShare(r);
        return record with { Share = share, State = state, Policy = record.Policy is { } known ? Of(known, share) : null };
    }

    /// <summary>The share of a policy is that of the watch.</summary>
    private static CanaryPolicy Of(CanaryPolicy policy, KeyShare? share) => policy with { ShareBasisPoints = share?.BasisPoints ?? KeyShare.All };

    /// <summary>Since version 2: on whom a version is tried, and how the states of the others are to be moved.</summary>
    private static void WriteShare(ByteWriter w, KeyShare? share, MoveRequest state)
    {
        w.Bool(share is not null);
        if (share is not null) TopologyCodec.WriteShare(w, share);
        w.Byte((byte)state);
    }

    private static (KeyShare? Share, MoveRequest State) ReadShare(ByteReader r) => (r.Bool() ? TopologyCodec.ReadShare(r) : null, (MoveRequest)r.Byte());

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
        w.Int(watch.UntilNs);
        WriteShare(w, watch.Share, watch.State);
    }

    /// <param name="r">Where it stands.</param>
    /// <param name="hasShare">Whether it was written with the share that it is of.</param>
    public static CanaryWatch ReadWatch(ByteReader r, bool hasShare)
    {
        var (before, policy, began) = ReadBeginning(r, hasShare);
        var watch = new CanaryWatch(before, policy, r.Int(), began) { FirstNew = r.Int32(), NeededFrom = r.Int() };
        watch.Pins.UnionWith(r.List(from => (from.Int32(), from.Int32(), from.Int())));
        foreach (var (agent, names) in r.List(from => (from.Int32(), from.List(too => too.Text())))) watch.Watched[agent] = [.. names];
        watch.Changed.UnionWith(r.List(from => from.Int32()));
        watch.Stopped.UnionWith(r.List(from => from.Int32()));
        foreach (var (agent, offsets) in r.List(ReadOffsets)) watch.Quarantined[agent] = offsets;
        foreach (var (agent, offsets) in r.List(ReadOffsets)) watch.Missed[agent] = offsets;
        foreach (var (agent, timers) in r.List(from => (from.Int32(), from.List(RecordCodec.ReadTimerWithOffset)))) watch.Lost[agent] = [.. timers];
        watch.Restore(r.Bool(), r.List(from => from.Int()), r.Int(), r.List(from => from.Int()));
        if (!hasShare) return watch;
        var (until, (share, state)) = (r.Int(), ReadShare(r));
        watch.RestoreShare(until, share, state);
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

    private static (AgentDefinition Before, CanaryPolicy Policy, long AtNs) ReadBeginning(ByteReader r, bool isSure)
    {
        if (TopologyDeltaCodec.Read(r).Put is not [var before]) throw new DecodeException($"byte {r.Position}: a watched definition without the one before");
        var policy = new CanaryPolicy
        {
            Watch = new TimeSpan(r.Int()), MaxFailures = r.Int32(), WithinTimeRange = new TimeSpan(r.Int()), Inputs = (RewindInputs)r.Byte(),
        };
        return (before, policy, isSure ? r.Int() : ReadTimeOf1(r));
    }

    /// <summary>
    /// The first programs that wrote version 1 put a share between the policy and the time, in hundredths of a percent, that none of them made use of; later ones left it out.
    /// No watch began in the first ten microseconds of 1970, so which it is can be told from the number.
    /// </summary>
    private static long ReadTimeOf1(ByteReader r) => r.Int() is var number and not (> 0 and <= KeyShare.All) ? number : r.Int();
}
