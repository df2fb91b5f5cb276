using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of records: a byte for the kind, then what the row for that kind says. One kind, one row.</summary>
internal static class RecordCodec
{
    private const byte EventKind = 1;
    private const byte TurnKind = 2;

    private static readonly Row?[] ByKind = new Row?[256];
    private static readonly Dictionary<Type, Row> ByType = [];

    static RecordCodec()
    {
        Add<EventRecord>(EventKind, (w, c, r) => EventCodec.Write(w, c, r.Event), (r, c) => new EventRecord(EventCodec.Read(r, c)));
        Add<TurnRecord>(TurnKind, (w, _, r) => TurnCodec.Write(w, r), (r, _) => TurnCodec.Read(r));
        Add<EpochRecord>(3, WriteEpoch, ReadEpoch);
        Add<TopologyRecord>(4, (w, _, r) => TopologyCodec.Write(w, r.Topology), (r, _) => new TopologyRecord(TopologyCodec.Read(r)));
        Add<AgentRecord>(5, WriteAgent, ReadAgent);
        Add<HealingRecord>(6, WriteHealing, ReadHealing);
        Add<HealedRecord>(7, (w, _, r) => w.Int(r.Agent), (r, _) => new HealedRecord(r.Int32()));
        Add<TimerRecord>(8, WriteTimer, ReadTimer);
        Add<TimerCancelledRecord>(9, (w, _, r) => { w.Int(r.Timer); w.Int(r.Agent); }, (r, _) => new TimerCancelledRecord(r.Int(), r.Int32()));
        Add<CursorRecord>(10, (w, _, r) => { w.Text(r.Source); w.Bytes(r.Cursor.Span); }, (r, _) => new CursorRecord(r.Text(), r.Bytes()));
        Add<ImageRecord>(11, (w, _, r) => { w.Int(r.Agent); w.Int(r.Incarnation); w.Int(r.Input); w.Hash(r.Hash); }, (r, _) => new ImageRecord(r.Int32(), r.Int32(), r.Int(), r.Hash()));
        Add<QuarantineRecord>(12, (w, _, r) => { w.Int(r.Agent); w.Int(r.Input); w.Bool(r.Released); }, (r, _) => new QuarantineRecord(r.Int32(), r.Int(), r.Bool()));
        Add<WatchRecord>(13, (w, _, r) => { w.Int(r.Watcher); w.Text(r.Watched); }, (r, _) => new WatchRecord(r.Int32(), r.Text()));
        Add<AgentPauseRecord>(14, (w, _, r) => { w.Int(r.Agent); w.Bool(r.Paused); }, (r, _) => new AgentPauseRecord(r.Int32(), r.Bool()));
        Add<GroupPauseRecord>(24, (w, _, r) => { w.Text(r.Group); w.Bool(r.Paused); }, (r, _) => new GroupPauseRecord(r.Text(), r.Bool()));
        Add<AgentDrainRecord>(25, (w, _, r) => AgentDrainCodec.Write(w, r), (r, _) => AgentDrainCodec.Read(r));
        Add<ChangeAskedRecord>(27, (w, _, r) => ChangeAskedCodec.Write(w, r), (r, _) => ChangeAskedCodec.Read(r));
        Add<ChangeAnsweredRecord>(30, (w, _, r) => w.Int(r.Asked), (r, _) => new ChangeAnsweredRecord(r.Int()));
        Add<RetentionRecord>(19, WriteRetention, ReadRetention);
        Add<CircuitRecord>(18, WriteCircuit, ReadCircuit);
        Add<MeshRewindRecord>(16, (w, _, r) => MeshRewindCodec.Write(w, r), (r, _) => MeshRewindCodec.Read(r));
        Add<TopologyChangeRecord>(20, TopologyChangeCodec.Write, TopologyChangeCodec.Read);
        Add<HealthRecord>(21, HealthCodec.WriteRecord, HealthCodec.ReadRecord);
        Add<RetirementRecord>(28, (w, _, r) => { w.Int(r.Agent); w.Byte((byte)r.Reason); }, (r, _) => new RetirementRecord(r.Int32(), (RetirementReason)r.Byte()));
        Add<PoolRecord>(26, PoolCodec.WriteRecord, PoolCodec.ReadRecord);
        Add<CanaryRecord>(23, (w, _, r) => CanaryCodec.Write(w, r), (r, _) => CanaryCodec.Read(r));
        Add<RuleRecord>(29, RuleCodec.WriteRecord, RuleCodec.ReadRecord);
        Add<PastRecord>(32, (w, _, r) => PastCodec.WriteRecord(w, r), (r, _) => PastCodec.ReadRecord(r));
        Add<AgentVersionRecord>(31, (w, _, r) => AgentVersionCodec.WriteRecord(w, r), (r, _) => AgentVersionCodec.ReadRecord(r));
        Add<CrashAskedRecord>(37, (w, _, r) => w.Int(r.Agent), (r, _) => new CrashAskedRecord(r.Int32()));
        Add<LineageRecord>(15, (w, _, r) => LineageCodec.Write(w, r), (r, _) => LineageCodec.Read(r));
    }

    public static void Write(ByteWriter writer, BlockContext context, LogRecord record)
    {
        // Nearly all records are of these two kinds.
        var row = record is EventRecord ? ByKind[EventKind]! : record is TurnRecord ? ByKind[TurnKind]! : ByType[record.GetType()];
        writer.Byte(row.Kind);
        row.Write(writer, context, record);
    }

    /// <summary>A record outside of its block, as what is saved of a shard holds it: with its place in the log.</summary>
    public static void WriteWithOffset<T>(ByteWriter w, T record, Action<ByteWriter, T> write) where T : LogRecord
    {
        w.Int(record.Offset);
        write(w, record);
    }

    /// <summary>Reads what <see cref="WriteWithOffset"/> wrote.</summary>
    public static T ReadWithOffset<T>(ByteReader r, Func<ByteReader, T> read) where T : LogRecord
    {
        var offset = r.Int();
        var record = read(r);
        record.Offset = offset;
        return record;
    }

    /// <summary>A timer outside of its block.</summary>
    public static void WriteTimerWithOffset(ByteWriter w, TimerRecord timer) => WriteWithOffset(w, timer, (to, record) => Write(to, BlockContext.Outside, record));

    /// <summary>Reads what <see cref="WriteTimerWithOffset"/> wrote.</summary>
    /// <exception cref="DecodeException">It is none.</exception>
    public static TimerRecord ReadTimerWithOffset(ByteReader r) =>
        ReadWithOffset(r, from => Read(from, BlockContext.Outside) as TimerRecord ?? throw new DecodeException($"byte {from.Position}: no timer where one must stand"));

    /// <summary>Whether a record in its binary form is an event.</summary>
    public static bool IsEvent(ReadOnlySpan<byte> record) => record[0] == EventKind;

    /// <summary>Passes over a record: one of a frequent kind is not made for that.</summary>
    public static void Skip(ByteReader reader, BlockContext context, byte kind)
    {
        if (kind is not (EventKind or TurnKind))
        {
            Read(reader, context);
            return;
        }
        reader.Byte();
        if (kind == EventKind) EventCodec.Skip(reader);
        else TurnCodec.Skip(reader);
    }

    public static LogRecord Read(ByteReader reader, BlockContext context)
    {
        var kind = reader.Byte();
        var row = ByKind[kind] ?? throw new DecodeException($"byte {reader.Position - 1}: record kind {kind} is not known to this program");
        return row.Read(reader, context);
    }

    private static void Add<T>(byte kind, Action<ByteWriter, BlockContext, T> write, Func<ByteReader, BlockContext, T> read) where T : LogRecord
    {
        var row = new Row(kind, (w, c, r) => write(w, c, (T)r), read);
        ByKind[kind] = row;
        ByType[typeof(T)] = row;
    }

    private static void WriteEpoch(ByteWriter w, BlockContext c, EpochRecord r)
    {
        w.Int(r.Epoch);
        w.Int(r.AtNs - c.BaseTimeNs);
        w.Text(r.Writer);
    }

    private static EpochRecord ReadEpoch(ByteReader r, BlockContext c) => new(r.Int32(), r.Int() + c.BaseTimeNs, r.Text());

    private static void WriteAgent(ByteWriter w, BlockContext c, AgentRecord r)
    {
        w.Int(r.Agent);
        w.Byte((byte)r.Change);
        w.Text(r.Name);
        w.Text(r.Definition);
        w.OptionalText(r.Key);
        w.Int(r.Incarnation);
        w.Int(r.Parent);
    }

    private static AgentRecord ReadAgent(ByteReader r, BlockContext c) =>
        new(r.Int32(), (AgentChange)r.Byte(), r.Text(), r.Text(), r.OptionalText(), r.Int32(), r.Int32());

    private static void WriteHealing(ByteWriter w, BlockContext c, HealingRecord r)
    {
        w.Int(r.Agent);
        w.Int(r.Input);
        w.Byte((byte)r.Directive);
        w.Text(r.Group);
        w.Int(r.Escalations);
        w.List(r.Affected, (to, agent) => to.Int(agent));
        w.Bool(r.Quarantine);
        w.Int(r.NotBeforeNs - c.BaseTimeNs);
        w.Int(r.Rung);
        w.Int(r.Depth);
    }

    private static HealingRecord ReadHealing(ByteReader r, BlockContext c) => new(
        r.Int32(), r.Int(), (HealingDirective)r.Byte(), r.Text(), r.Int32(), r.List(from => from.Int32()), r.Bool(), r.Int() + c.BaseTimeNs, r.Int32(), r.Int32());

    private static void WriteCircuit(ByteWriter w, BlockContext c, CircuitRecord r)
    {
        w.Text(r.Definition);
        w.Byte((byte)r.State);
        w.Int(r.UntilNs);
    }

    private static CircuitRecord ReadCircuit(ByteReader r, BlockContext c) => new(r.Text(), (CircuitState)r.Byte(), r.Int());

    private static void WriteRetention(ByteWriter w, BlockContext c, RetentionRecord r)
    {
        w.Int(r.Beginning.Offset);
        w.Int(r.Beginning.AtNs);
        w.Int(r.Beginning.Row);
        w.Fixed64(r.Beginning.Checksum);
        w.Int(r.Images);
    }

    private static RetentionRecord ReadRetention(ByteReader r, BlockContext c) => new(new LogBeginning(r.Int(), r.Int(), r.Int(), r.Fixed64()), r.Int32());

    private static void WriteTimer(ByteWriter w, BlockContext c, TimerRecord r)
    {
        w.Int(r.Timer);
        w.Int(r.Agent);
        w.Int(r.DueNs - c.BaseTimeNs);
        w.Int(r.Cause);
        w.Int(r.Depth);
        w.Text(r.Topic);
        w.Bytes(r.Data.Span);
        w.Bool(r.IsTimeout);
    }

    private static TimerRecord ReadTimer(ByteReader r, BlockContext c) =>
        new(r.Int(), r.Int32(), r.Int() + c.BaseTimeNs, r.Int(), r.Int32(), r.Text(), r.Bytes(), r.Bool());

    private sealed record Row(byte Kind, Action<ByteWriter, BlockContext, LogRecord> Write, Func<ByteReader, BlockContext, LogRecord> Read);
}

/// <summary>What the records of one block have in common.</summary>
/// <param name="Epoch">Epoch of the block.</param>
/// <param name="BaseTimeNs">Times are written relative to it.</param>
internal sealed record BlockContext(int Epoch, long BaseTimeNs)
{
    /// <summary>Outside of blocks times are written as they are.</summary>
    public static BlockContext Outside { get; } = new(0, 0);
}
