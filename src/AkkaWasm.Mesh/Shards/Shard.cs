using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// The sequencer of one log: gives positions, hands events to agents, takes their turns in and decides about their failures. A machine
/// without clock, threads or I/O: inputs are method calls, outputs are <see cref="TakeEffects"/> and <see cref="CutBlock"/>. Whatever it
/// decides becomes records first; what it knows follows from them. Used by one thread at a time.
/// </summary>
public sealed partial class Shard
{
    /// <summary>Causal depth of events that are recorded but handed to nobody.</summary>
    internal const int Unrouted = 1 << 20;

    /// <summary>A state with more entries than this is saved less often: to write it takes about one step per entry.</summary>
    private const int LargeState = 200_000;

    private readonly ShardOptions options;
    private readonly ShardState state;
    private readonly List<ShardEffect> effects = [];
    private readonly PriorityQueue<ShardEffect, (long Offset, long Order)> gated = new();
    private readonly BlockBuilder open;
    private readonly Queue<LogBlock> closed = [];
    private long nowNs;
    private long recordsSinceState;
    private long gatedSoFar;
    private bool recovering = true;

    /// <summary>An empty shard. Give it what the log contains by <see cref="Restore"/> and <see cref="Recover"/>, then <see cref="Open"/> it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is out of its range.</exception>
    public Shard(ShardOptions options)
    {
        options.Check();
        this.options = options;
        MaxAwake = options.MaxAwake;
        state = new ShardState(options);
        open = new BlockBuilder(options);
        state.Window.ReadOpen = open.Read;
        Identity = new EventIdentity(options.MeshName, state.NameIn);
    }

    /// <summary>Derives ids and sources of events.</summary>
    public EventIdentity Identity { get; }

    /// <summary>Which owner of the shard this is, from 1; 0 before <see cref="Open"/>.</summary>
    public int Epoch => state.Epoch;

    /// <summary>Offset of the next record.</summary>
    public long NextOffset => state.NextOffset;

    /// <summary>Offset of the last record that is safe, or <see cref="Position.None"/>.</summary>
    public long CommittedOffset => state.CommittedOffset;

    /// <summary>Time of the last record, nanoseconds since the Unix epoch.</summary>
    public long LastTimeNs => state.LastTimeNs;

    /// <summary>Checksum of the last block that was cut or recovered.</summary>
    public ulong LastChecksum => state.LastChecksum;

    /// <summary>What the mesh consists of, or null before the first <see cref="Open"/>.</summary>
    public MeshTopology? Topology => state.Topology;

    /// <summary>Counts over the whole log.</summary>
    public ShardTotals Totals => state.Totals.Until(state.LastTimeNs);

    /// <summary>Of <see cref="Totals"/> what is asked for often: events published from outside, and turns.</summary>
    public (long EventsIn, long Turns) Progress => state.Totals.Progress;

    /// <summary>Deliveries that wait, those in flight included.</summary>
    public long Backlog => state.Backlog;

    /// <summary>When <see cref="Tick"/> is wanted next, nanoseconds since the Unix epoch, or null.</summary>
    public long? NextAlarmNs
    {
        get
        {
            var next = state.Timers.NextDueNs;
            if (waiting.NextNs is { } back && !(next <= back)) next = back;
            if (NextCanaryNs is { } canary && !(next <= canary)) next = canary;
            if (NextCircuitNs is { } circuit && !(next <= circuit)) next = circuit;
            return NextDrainNs is { } drain && !(next <= drain) ? drain : next;
        }
    }

    /// <summary>Whether nothing is pending, healing, in flight or uncommitted. Timers that wait do not count, nor what waits for agents that are paused.</summary>
    public bool IsIdle => CommittedOffset == NextOffset - 1 && coming == 0 && goingBack.Count == 0 && readingPast.Count == 0 && state.AskedChanges.Count == 0
        && (state.Backlog, (long)state.Unstarted, (long)state.Healing) == state.WaitingForPaused;

    /// <summary>What is to be done now, in order. Each effect is given once.</summary>
    public IReadOnlyList<ShardEffect> TakeEffects()
    {
        Pump();
        if (effects.Count == 0) return [];
        ShardEffect[] taken = [.. effects];
        effects.Clear();
        return taken;
    }

    /// <summary>Takes the next block: one that was full, otherwise the one that was being filled.</summary>
    /// <returns>The block, to be made durable in this order, or null if nothing was appended.</returns>
    public LogBlock? CutBlock() => closed.TryDequeue(out var full) ? full : open.Count == 0 ? null : Close();

    private LogBlock Close()
    {
        var block = open.Cut(state.Epoch, state.LastChecksum, out var records);
        state.LastChecksum = block.Header.Checksum;
        state.Window.Close(block.Header, records);
        if ((recordsSinceState += block.Header.Count) < options.StateEveryRecords + Math.Max(0, state.Size - LargeState)) return block;
        if (state.Agents.IsCapturing) return block; // the one before is not complete yet
        recordsSinceState = 0;
        var captured = ShardStateCodec.Capture(state);
        ContinueCapture();
        return block with { SavedState = captured };
    }

    /// <summary>
    /// Writes some more agents of the state down that is being captured, <see cref="ShardOptions.CaptureAgentsAtATime"/> of them: until
    /// <see cref="CapturedState.IsComplete"/> it is called again and again, with time for others in between.
    /// </summary>
    public void ContinueCapture() => state.Agents.ContinueCapture(options.CaptureAgentsAtATime);

    /// <summary>The state as of the last block that was cut, to be saved with it: for a shutdown, when every block was cut. It is complete.</summary>
    /// <exception cref="InvalidOperationException">A block is still to be cut.</exception>
    public CapturedState CaptureState() => open.Count == 0 && closed.Count == 0
        ? ShardStateCodec.CaptureWhole(state)
        : throw new InvalidOperationException("The state can be saved only when every block was cut.");

    /// <summary>The same in bytes.</summary>
    /// <exception cref="InvalidOperationException">A block is still to be cut.</exception>
    public ReadOnlyMemory<byte> SaveState() => CaptureState().ToMemory();

    /// <summary>Says that a block is durable. What waited for it is released to <see cref="TakeEffects"/>.</summary>
    public void Committed(LogBlock block)
    {
        state.CommittedOffset = block.Header.LastOffset;
        state.Window.Committed(state.CommittedOffset);
        while (gated.TryPeek(out var effect, out var at) && at.Offset <= state.CommittedOffset)
        {
            gated.Dequeue();
            effects.Add(effect);
        }
        if (starved.Count == 0) return;
        foreach (var entry in starved) state.Touch(entry);
        starved.Clear();
    }

    /// <summary>The event at an offset if it is in memory.</summary>
    public MeshEvent? FindEvent(long offset) => state.Window.Find(offset);

    /// <summary>Epoch of the record at an offset; 0 before the first.</summary>
    public int EpochAt(long offset) => state.EpochAt(offset);

    private void Gate(ShardEffect effect, long offset)
    {
        if (offset <= state.CommittedOffset) effects.Add(effect);
        else gated.Enqueue(effect, (offset, gatedSoFar++));
    }

    /// <summary>Begins an input: its time, and a new block if the open one is full. What one input appends is never divided.</summary>
    private void Advance(long now)
    {
        nowNs = Math.Max(now, state.LastTimeNs);
        if (open.IsFull) closed.Enqueue(Close());
    }

    private long Append(LogRecord record)
    {
        record.Offset = state.NextOffset;
        if (record is EventRecord { Event: var e })
        {
            e.Offset = record.Offset;
            e.Epoch = state.Epoch;
            e.AppendedAtNs = nowNs;
        }
        open.Add(record, state.Epoch, nowNs);
        if (record is EventRecord { Event.Topic: var topic }) NoteTopic(topic, record.Offset);
        state.Apply(record);
        if (state.DroppedImages.Count > 0) GateDroppedImages(record.Offset);
        return record.Offset;
    }

    private void GateDroppedImages(long offset)
    {
        foreach (var dropped in state.DroppedImages) Gate(dropped, offset);
        state.DroppedImages.Clear();
    }

    private void NoteTopic(string topic, long offset)
    {
        var route = state.RouteOf(topic);
        if (route.LastOffset < open.FirstOffset) open.AddTopic(topic);
        route.LastOffset = offset;
    }

    /// <summary>Appends an event, first the agents that it brings into being.</summary>
    private long AppendEvent(MeshEvent e)
    {
        if (e.Depth < Unrouted) BringIntoBeing(e);
        return Append(new EventRecord(e));
    }

    /// <summary>Appends what the mesh itself says of an agent.</summary>
    private void AppendLifecycle(AgentEntry about, string topic, ReadOnlyMemory<byte> data, MeshEvent? cause, EventOrigin origin = EventOrigin.Lifecycle) => AppendEvent(
        About(about, topic, data, origin) with { Cause = cause?.Offset ?? Position.None, Depth = cause is null ? 0 : DeeperThan(cause), TraceParent = cause?.TraceParent });

    private static MeshEvent About(AgentEntry about, string topic, ReadOnlyMemory<byte> data, EventOrigin origin) => new()
    {
        Topic = topic, Data = data, ContentType = LifecycleData.ContentType, Origin = origin, Agent = about.Number, Incarnation = about.Incarnation, Subject = about.Name,
    };

    private int DeeperThan(MeshEvent cause) => cause.Depth >= options.MaxCausalDepth ? Unrouted : cause.Depth + 1;
}
