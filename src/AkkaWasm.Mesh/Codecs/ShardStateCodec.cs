using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of what a shard knows, so that recovery need not read the whole log. Ends with XxHash64 over all before.</summary>
internal static class ShardStateCodec
{
    /// <summary>A field is only ever added at the end of its part under a new version.</summary>
    private const byte Version = 24;

    /// <summary>
    /// Takes the state as it is now. The ids of published events, which can be most of it, are only written when the result is asked for, and the agents with
    /// <see cref="AgentTable.ContinueCapture"/>.
    /// </summary>
    public static CapturedState Capture(ShardState state)
    {
        var (head, agents, beforeIds, ids, afterIds) = (new ByteWriter(1 << 12), state.Agents.Capture(), new ByteWriter(1 << 12), state.Known.Capture(), new ByteWriter(1 << 12));
        WriteHead(head, state);
        state.Totals.Write(beforeIds);
        beforeIds.UInt((ulong)ids.Count);
        WriteAfterIds(afterIds, state);
        return new CapturedState(head, agents, beforeIds, ids, afterIds);
    }

    /// <summary>The same, with all agents at once.</summary>
    public static CapturedState CaptureWhole(ShardState state)
    {
        var captured = Capture(state);
        state.Agents.FinishCapture();
        return captured;
    }

    private static void WriteHead(ByteWriter w, ShardState state)
    {
        w.Byte(Version);
        w.Int(state.NextOffset);
        w.Int(state.Epoch);
        w.Int(state.LastTimeNs);
        w.Fixed64(state.LastChecksum);
        w.Bool(state.Topology is not null);
        if (state.Topology is not null) TopologyCodec.Write(w, state.Topology);
        w.UInt((ulong)state.Agents.Count);
    }

    private static void WriteAfterIds(ByteWriter w, ShardState state)
    {
        w.List([.. state.Timers.All], RecordCodec.WriteTimerWithOffset);
        w.List([.. state.Requests.OrderBy(r => r.Key)], (to, r) => { to.Int(r.Key); to.Int(r.Value); });
        w.List(ByName(state.Cursors), (to, c) => { to.Text(c.Key); to.Bytes(c.Value.Span); });
        w.List(ByName(state.Watchers), (to, watch) => { to.Text(watch.Key); to.List(watch.Value, (too, watcher) => too.Int(watcher)); });
        w.List(ByName(state.GroupLedgers), (to, g) => { to.Text(g.Key); g.Value.Write(to); });
        w.List(ByName(state.Circuits), (to, c) => { to.Text(c.Key); c.Value.Write(to); });
        w.List(state.Epochs, (to, e) => { to.Int(e.From); to.Int(e.Epoch); });
        WriteBeginning(w, state.Beginning);
        TopologyChangeCodec.WriteHistory(w, state);
        w.List(state.PausedGroups, (to, group) => to.Text(group));
        w.List(state.Drains, AgentDrainCodec.WriteWithOffset);
        w.List(state.PoolMoments, PoolCodec.WriteMoment);
        w.List([.. state.Canaries], (to, c) => { to.Text(c.Key); CanaryCodec.WriteWatch(to, c.Value); });
        w.List([.. state.AskedChanges.Values], ChangeAskedCodec.WriteWithOffset);
        w.List(ByName(state.DefinedBy), (to, d) => { to.Text(d.Key); to.Text(d.Value); });
        w.List([.. state.Rules], (to, rule) => { to.Text(rule.Key); RuleCodec.WriteState(to, rule.Value); });
        PastCodec.WriteState(w, state);
    }

    public static void Read(ReadOnlyMemory<byte> bytes, ShardState state)
    {
        if (bytes.Length < 9) throw new DecodeException($"{bytes.Length} bytes are too few");
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span[^8..]) != XxHash64.HashToUInt64(bytes.Span[..^8])) throw new DecodeException("the checksum does not fit");
        var r = new ByteReader(bytes[..^8]);
        var version = r.Byte();
        if (version == SavedState.Mark) throw new DecodeException("parts that it names are missing or damaged");
        if (version is 0 or > Version) throw new DecodeException($"version {version} is not known to this program");
        (state.NextOffset, state.Epoch, state.LastTimeNs, state.LastChecksum) = (r.Int(), r.Int32(), r.Int(), r.Fixed64());
        var topology = r.Bool() ? TopologyCodec.Read(r) : null;
        state.Install(topology, r.List(from => ReadAgent(from, version)));
        (state.Configured, state.TopologyOffset) = (topology, topology is null ? Position.None : state.NextOffset - 1); // until what follows says more
        state.Totals.Read(r);
        ReadIds(r, state.Known, version);
        foreach (var timer in r.List(RecordCodec.ReadTimerWithOffset)) state.Timers.Add(timer);
        foreach (var (correlation, agent) in r.List(from => (from.Int(), from.Int32()))) state.Requests[correlation] = agent;
        foreach (var (source, cursor) in r.List(from => (from.Text(), from.Bytes()))) state.Cursors[source] = cursor;
        foreach (var (watched, watchers) in r.List(from => (from.Text(), from.List(too => too.Int32())))) state.Watchers[watched] = [.. watchers];
        foreach (var (group, ledger) in r.List(from => (from.Text(), FailureLedger.Read(from)))) state.GroupLedgers[group] = ledger;
        if (version < 2) return;
        foreach (var (family, circuit) in r.List(from => (from.Text(), Circuit.Read(from)))) state.Circuits[family] = circuit;
        state.Epochs.AddRange(r.List(from => (from.Int(), from.Int32())));
        if (version >= 4) state.Beginning = new LogBeginning(r.Int(), r.Int(), r.Int(), r.Fixed64());
        if (version >= 5) TopologyChangeCodec.ReadHistory(r, state);
        if (version >= 9) state.InstallVerbs(r.List(from => from.Text()), r.List(AgentDrainCodec.ReadWithOffset));
        if (version >= 12) state.InstallPools(r.List(PoolCodec.ReadMoment));
        if (version >= 14) ReadCanaries(r, state, version);
        if (version >= 17) ReadAskedChanges(r, state);
        if (version >= 18) ReadRules(r, state);
        if (version >= 20) PastCodec.ReadState(r, state);
    }

    private static void ReadAskedChanges(ByteReader r, ShardState state)
    {
        foreach (var asked in r.List(ChangeAskedCodec.ReadWithOffset)) state.AskedChanges[asked.Offset] = asked;
        foreach (var (definition, agent) in r.List(from => (from.Text(), from.Text()))) state.DefinedBy[definition] = agent;
    }

    private static void ReadCanaries(ByteReader r, ShardState state, byte version)
    {
        foreach (var (definition, canary) in r.List(from => (from.Text(), CanaryCodec.ReadWatch(from, version >= 19)))) state.Canaries[definition] = canary;
    }

    private static void ReadRules(ByteReader r, ShardState state)
    {
        foreach (var (name, rule) in r.List(from => (from.Text(), RuleCodec.ReadState(from)))) state.Rules[name] = rule;
    }

    private static void ReadIds(ByteReader r, IdempotencyWindow known, byte version)
    {
        if (version < 6)
        {
            known.ReadPacked(r);
            return;
        }
        var count = r.UInt();
        if (count > int.MaxValue / IdEntry.Size) throw new DecodeException($"{count} ids are more than a state holds");
        known.Read(r.Raw((int)count * IdEntry.Size));
    }

    /// <summary>Since version 4.</summary>
    private static void WriteBeginning(ByteWriter w, LogBeginning beginning)
    {
        w.Int(beginning.Offset);
        w.Int(beginning.AtNs);
        w.Int(beginning.Row);
        w.Fixed64(beginning.Checksum);
    }

    /// <summary>Equal states are written alike, whatever way led to them.</summary>
    private static KeyValuePair<string, T>[] ByName<T>(Dictionary<string, T> items) => [.. items.OrderBy(i => i.Key, StringComparer.Ordinal)];

    public static void WriteAgent(ByteWriter w, AgentEntry a)
    {
        w.Int(a.Number);
        w.Text(a.Name);
        w.Text(a.DefinitionName);
        w.OptionalText(a.Key);
        w.Int(a.Parent);
        w.Int(a.Incarnation);
        w.Bool(a.Stopped);
        w.Bool(a.AwaitsStart);
        w.Bool(a.HealPending);
        foreach (var number in Numbers(a)) w.Int(number);
        w.OptionalHash(a.ImageHash);
        w.Bool(a.LastFault is not null);
        if (a.LastFault is not null) TurnCodec.WriteFault(w, a.LastFault);
        a.Ledger.Write(w);
        w.List(a.Pending.ToArray(), (to, offset) => to.Int(offset));
        w.List(a.FiredTimers.All, (to, f) => { to.Int(f.Key); to.Int(f.Value); });
        w.List([.. a.Quarantine.Values], WriteQuarantined);
        w.List(a.Tail, (to, t) => { to.Int(t.Input); to.Fixed64(t.Digest); });
        WriteLineage(w, a);
        w.List(a.Images.All, WriteImage);
        w.Int(a.SeenSince.Incarnation);
        w.Fixed64(a.SeenSince.Digest);
        HealthCodec.Write(w, a.Health);
        LineageCodec.WriteMoves(w, a.Moves);
        w.Int(a.ActiveAtNs);
        w.List(a.SeenBefore, (to, seen) => { to.Int(seen.Incarnation); to.Fixed64(seen.Digest); });
        w.List([.. a.Fresh.Order()], (to, offset) => to.Int(offset));
        w.Int(a.SuppressedStart);
        AgentVersionCodec.WriteAgent(w, a);
        w.Bool(a.CrashIsDue);
        w.List(a.Names.Former, (to, former) => { to.Text(former.Name); to.Int(former.Through); });
    }

    /// <summary>Since version 2: whose image and turns they are where they are not of the present life.</summary>
    private static void WriteLineage(ByteWriter w, AgentEntry a)
    {
        w.Int(a.SavedImage?.Agent ?? a.Number);
        w.Int(a.SavedImage?.Incarnation ?? a.Incarnation);
        w.List([.. a.Tail.TakeWhile(t => t.Agent != a.Number || t.Incarnation != a.Incarnation)], (to, t) => { to.Int(t.Agent); to.Int(t.Incarnation); });
        w.Bool(a.IsPausedAlone);
        w.Int(a.LastFailedInput);
        w.Int(a.SuppressedThrough);
        w.Int(a.FailedBefore.Input);
        w.Int(a.FailedBefore.Attempts.Own);
        w.Int(a.FailedBefore.Attempts.Host);
        w.Bool(a.Unborn);
        w.Bool(a.Rewind is not null);
        if (a.Rewind is not { } rewind) return;
        w.Int(rewind.Turns);
        w.Int(rewind.Snapshots);
        w.Byte((byte)rewind.Inputs);
    }

    private static void ReadLineage(ByteReader r, byte version, AgentEntry a, (long Input, StateHash? Hash) image, ImmutableArray<(long Input, ulong Digest)> tail)
    {
        var (imageOf, incarnation) = version < 2 ? (a.Number, a.Incarnation) : (r.Int32(), r.Int32());
        if (image.Hash is { } hash) a.SavedImage = new LineageImage(imageOf, incarnation, image.Input, hash);
        var lives = version < 2 ? [] : r.List(from => (Agent: from.Int32(), Incarnation: from.Int32()));
        if (lives.Length > tail.Length) throw new DecodeException($"byte {r.Position}: {lives.Length} turns of lives before where there are {tail.Length} turns");
        for (var i = 0; i < tail.Length; i++)
        {
            var life = i < lives.Length ? lives[i] : (a.Number, a.Incarnation);
            a.Tail.Add(new LineageTurn(life.Item1, life.Item2, tail[i].Input, tail[i].Digest));
        }
        if (version < 2) return;
        (a.IsPausedAlone, a.LastFailedInput, a.SuppressedThrough) = (r.Bool(), r.Int(), r.Int());
        a.FailedBefore = (r.Int(), new EventAttempts(r.Int32(), r.Int32()));
        a.Unborn = r.Bool();
        a.Rewind = r.Bool() ? new RewindTarget { Turns = r.Int32(), Snapshots = r.Int32(), Inputs = (RewindInputs)r.Byte() } : null;
    }

    private static long[] Numbers(AgentEntry a) =>
    [
        a.Init, a.Cursor, a.NotBeforeNs, a.Turns, a.Failures, a.Healed, a.LastInput, a.ImageInput, a.PendingTimers,
        a.Attempts.Own, a.Attempts.Host, a.InitAttempts.Own, a.InitAttempts.Host, a.HealCause.Input, a.HealCause.Depth,
    ];

    private static AgentEntry ReadAgent(ByteReader r, byte version)
    {
        var a = new AgentEntry(r.Int32(), r.Text(), r.Text(), r.OptionalText(), r.Int32()) { Incarnation = r.Int32(), Stopped = r.Bool(), AwaitsStart = r.Bool(), HealPending = r.Bool() };
        (a.Init, a.Cursor, a.NotBeforeNs, a.Turns, a.Failures, a.Healed) = (r.Int(), r.Int(), r.Int(), r.Int(), r.Int(), r.Int());
        (a.LastInput, var imageInput, a.PendingTimers) = (r.Int(), r.Int(), r.Int32());
        (a.Attempts, a.InitAttempts) = (new EventAttempts(r.Int32(), r.Int32()), new EventAttempts(r.Int32(), r.Int32()));
        a.HealCause = (r.Int(), r.Int32());
        var imageHash = r.OptionalHash();
        a.LastFault = r.Bool() ? TurnCodec.ReadFault(r) : null;
        a.Ledger = FailureLedger.Read(r);
        foreach (var offset in r.List(from => from.Int())) a.Pending.Add(offset);
        foreach (var (timer, offset) in r.List(from => (from.Int(), from.Int()))) a.FiredTimers.Add(timer, offset);
        foreach (var q in r.List(from => new QuarantinedEvent(a.Name, from.Int(), TurnCodec.ReadFault(from), from.Int()))) a.PutAside(q);
        ReadLineage(r, version, a, (imageInput, imageHash), r.List(from => (from.Int(), from.Fixed64())));
        if (version >= 2) a.Images.Restore(r.List(ReadImage));
        else if (a.SavedImage is { } image) a.Images.Restore([new KeptImage(a.Incarnation, image.Input, image.Hash, image.Input, long.MaxValue)]);
        if (version >= 5) a.SeenSince = (r.Int32(), r.Fixed64());
        if (version >= 7) a.Health = HealthCodec.Read(r);
        if (version >= 10) a.Moves = LineageCodec.ReadMoves(r);
        if (version >= 13) a.ActiveAtNs = r.Int();
        if (version < 14) return a;
        a.SeenBefore = r.List(from => (from.Int32(), from.Fixed64()));
        (a.Fresh, a.SuppressedStart) = ([.. r.List(from => from.Int())], r.Int());
        if (version >= 20) AgentVersionCodec.ReadAgent(r, a);
        if (version >= 23) a.CrashIsDue = r.Bool();
        if (version >= 24) a.Names = a.Names with { Former = r.List(from => new FormerName(from.Text(), from.Int32())) };
        return a;
    }

    private static void WriteImage(ByteWriter w, KeptImage i)
    {
        w.Int(i.Incarnation);
        w.Int(i.Input);
        w.Hash(i.Hash);
        w.Int(i.SavedAt);
        w.Int(i.LowestAfter);
    }

    private static KeptImage ReadImage(ByteReader r) => new(r.Int32(), r.Int(), r.Hash(), r.Int(), r.Int());

    private static void WriteQuarantined(ByteWriter w, QuarantinedEvent q)
    {
        w.Int(q.Input);
        TurnCodec.WriteFault(w, q.Fault);
        w.Int(q.AtNs);
    }
}
