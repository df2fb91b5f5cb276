using System.Collections.Immutable;
using System.IO.Hashing;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// What a shard knew at a cut of its log: the records up to there are applied, and nothing is decided, handed out or run. Used by one thread at a time.
/// </summary>
/// <param name="options">The limits that the shard had; they say which published events are still known.</param>
public sealed class ShardCut(ShardOptions options)
{
    private readonly ShardState state = new(options);
    private readonly HashSet<int> affected = [];
    private bool movesCursor;
    private bool changesTopology;
    private long? answers;
    private bool knowsInput = true;

    /// <summary>What it knew.</summary>
    internal ShardState State => state;

    /// <summary>Offset of the next record.</summary>
    public long NextOffset => state.NextOffset;

    /// <summary>Epoch of the last record.</summary>
    public int Epoch => state.Epoch;

    /// <summary>Time of the last record, nanoseconds since the Unix epoch.</summary>
    public long LastTimeNs => state.LastTimeNs;

    /// <summary>What the mesh consisted of, or null before the first topology.</summary>
    public MeshTopology? Topology => state.Topology;

    /// <summary>A digest of the topology, 32 hexadecimal digits; equal topologies have equal ones. Empty without a topology.</summary>
    public string TopologyHash
    {
        get
        {
            if (state.Topology is null) return "";
            var writer = new ByteWriter();
            TopologyCodec.Write(writer, state.Topology);
            return Convert.ToHexStringLower(XxHash128.Hash(writer.Written));
        }
    }

    /// <summary>Where the topology came into force.</summary>
    public Position TopologyAt => new(options.Shard, state.EpochAt(state.TopologyOffset), state.TopologyOffset);

    /// <summary>All agents that had come to be, in the order of their births.</summary>
    public IEnumerable<AgentStatus> Agents => state.Agents.Select(entry => AgentReport.Of(state, entry, state.LastTimeNs, null));

    /// <summary>Timers and time-outs that had not fired, in the order in which they would.</summary>
    public IEnumerable<TimerRecord> Timers => state.Timers.All;

    /// <summary>How far the sources had been read, by name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Cursors => state.Cursors;

    /// <summary>Counts over the log.</summary>
    public ShardTotals Totals => state.Totals.Until(state.LastTimeNs);

    /// <summary>The name of an agent by its number.</summary>
    public string NameOf(int agent) => state.NameOf(agent);

    /// <summary>The names of an agent by its number: the one that it had, and those before.</summary>
    public NamesOfAgent NamesOf(int agent) => state.Agents[agent].Names;

    /// <summary>The events put aside for an agent, oldest first; empty if there is none.</summary>
    public IReadOnlyList<QuarantinedEvent> Quarantine(string agent) => state.Find(agent) is { } entry ? [.. entry.Quarantine.Values] : [];

    /// <summary>Checksum of the last block that was taken in whole, or of the one that the restored state ends with.</summary>
    public ulong LastChecksum => state.LastChecksum;

    /// <summary>Where the log began.</summary>
    public LogBeginning Beginning => state.Beginning;

    /// <summary>
    /// Whether it ends where it would if all of the log had been taken in. It may not if it was restored from a saved state and nothing that was taken in
    /// since begins an input for certain: then it cannot be said to which input the first records after the cut belong.
    /// </summary>
    public bool IsExact { get; private set; } = true;

    /// <summary>How many agents had come to be.</summary>
    public int AgentCount => state.Agents.Count;

    /// <summary>What an agent was, by its number.</summary>
    public AgentBeginning AgentAt(int agent)
    {
        var entry = state.Agents[agent];
        return new AgentBeginning(agent, entry.Name, entry.DefinitionName, entry.Incarnation, entry.Stopped, entry.Turns, entry.SavedImage, [.. entry.Tail])
        {
            Reported = entry.Health?.Reported, Moves = entry.Moves, RunsAs = entry.RunsAs,
        };
    }

    /// <summary>Definitions from before that states of agents were made under, as far as turns under them are to be repeated, each with the name of its agent.</summary>
    public IEnumerable<(AgentDefinition Definition, string Agent)> FormerDefinitions =>
        state.Agents.Where(a => !a.Stopped).SelectMany(a => a.Moves.Select(move => move.From).Concat(a.RunsAs is { } older ? [older] : []).Select(definition => (definition, a.Name)));

    /// <summary>Agents that lived and ran an older version than their definition said.</summary>
    public ImmutableArray<StrayAgent> Strays => state.Strays;

    /// <summary>The state in its binary form, as a shard saves it.</summary>
    public ReadOnlyMemory<byte> Save() => ShardStateCodec.CaptureWhole(state).ToMemory();

    /// <summary>Takes a whole block in.</summary>
    /// <exception cref="LogCorruptException">It is damaged or does not follow.</exception>
    public void Take(ReadOnlyMemory<byte> block)
    {
        var records = BlockCodec.Read(block, out var header);
        if (header.PreviousChecksum != state.LastChecksum)
            throw new LogCorruptException($"The block at offset {header.FirstOffset} follows a block with checksum {header.PreviousChecksum:x16}; the one before it has {state.LastChecksum:x16}.", header.FirstOffset);
        foreach (var record in records) Apply(record);
        state.LastChecksum = header.Checksum;
    }

    /// <summary>Takes the saved state of a shard in, before the records that follow it.</summary>
    /// <exception cref="LogCorruptException">The state is damaged or of another version.</exception>
    public void Restore(ReadOnlyMemory<byte> shardState)
    {
        try
        {
            ShardStateCodec.Read(shardState, state);
        }
        catch (DecodeException e)
        {
            throw new LogCorruptException($"The saved state of shard {options.Shard} cannot be read: {e.Message}.", Position.None);
        }
        knowsInput = false;
        Settle();
    }

    /// <summary>
    /// Takes the next record in, if it belongs to a cut: it does up to the cut's offset, and beyond as far as it is part of what one input of the shard
    /// appended. So a turn is in a cut with all that it did, a failure with what was decided, a way back of the mesh with
    /// what became of every agent, a source's cursor with the events that it stands for.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="to">The cut's offset.</param>
    /// <returns>Whether it belongs to the cut; if not, nothing after it does.</returns>
    /// <exception cref="LogCorruptException">Another record is next.</exception>
    public bool Take(LogRecord record, long to)
    {
        var goesOn = GoesOn(record);
        if (BeginsInput(record)) knowsInput = true;
        else if (record.Offset > to && !knowsInput) IsExact = false;
        if (record.Offset > to && !goesOn) return false;
        if (!goesOn)
        {
            affected.Clear();
            movesCursor = record is CursorRecord;
            changesTopology = false;
            answers = record is ChangeAnsweredRecord answered ? state.AskedChanges.GetValueOrDefault(answered.Asked)?.Correlation : null;
        }
        changesTopology |= record is TopologyChangeRecord;
        if (record is EventRecord { Event: { Origin: EventOrigin.Lifecycle, Correlation: not 0 } told } && told.Correlation == answers) answers = null;
        if (record is HealingRecord healing) affected.UnionWith(healing.Affected);
        else if (record is MeshRewindRecord) affected.UnionWith(state.Agents.Select(a => a.Number));
        else if (record is PoolRecord pool) affected.UnionWith(TakenUp(pool));
        else if (record is AgentRecord changed) affected.Remove(changed.Agent);
        Apply(record);
        return true;
    }

    /// <summary>Agents that begin again behind a record because they are members from there on.</summary>
    private IEnumerable<int> TakenUp(PoolRecord pool) =>
        state.Agents.Of(pool.Definition).Where(a => a.Stopped && Pool.TryNumber(a.Key, out var member) && pool.Owners.Contains(member)).Select(a => a.Number);

    /// <summary>Whether a record goes on with what the ones before it began.</summary>
    private bool GoesOn(LogRecord record) => record switch
    {
        EventRecord { Event.Origin: EventOrigin.External } => movesCursor,
        EventRecord { Event.Origin: EventOrigin.Timer } => false,
        PoolRecord pool => pool.Follows,
        HealthRecord health => health.Signal == HealthSignal.Guest,
        AgentRecord { Change: AgentChange.Forked } => false,
        AgentRecord { Change: AgentChange.Replaced or AgentChange.Renamed } => changesTopology,
        AgentRecord { Change: AgentChange.Reset or AgentChange.Rewound } changed => affected.Contains(changed.Agent) || changesTopology,
        CanaryRecord canary => IsBehindAChange(canary),
        TopologyChangeRecord or AgentDrainRecord or AgentPauseRecord or GroupPauseRecord => answers is not null,
        ChangeAskedRecord => true,
        RuleRecord rule => rule.IsBehindAChange,
        EventRecord or AgentRecord or LineageRecord or AgentVersionRecord or HealingRecord or TimerRecord or TimerCancelledRecord or WatchRecord => true,
        _ => false,
    };

    /// <summary>Whether a record begins an input whatever came before it.</summary>
    private static bool BeginsInput(LogRecord record) => record switch
    {
        EventRecord e => e.Event.Origin == EventOrigin.Timer,
        AgentRecord agent => agent.Change == AgentChange.Forked,
        PoolRecord pool => !pool.Follows,
        HealthRecord health => health.Signal != HealthSignal.Guest,
        CanaryRecord canary => !IsBehindAChange(canary),
        TopologyChangeRecord change => TopologyAuthor.AgentOf(change.Author) is null,
        AgentDrainRecord drain => TopologyAuthor.AgentOf(drain.Author) is null,
        AgentPauseRecord or GroupPauseRecord or ChangeAskedRecord => false,
        RuleRecord rule => !rule.IsBehindAChange,
        LineageRecord or AgentVersionRecord or HealingRecord or TimerRecord or TimerCancelledRecord or WatchRecord => false,
        _ => true,
    };

    private static bool IsBehindAChange(CanaryRecord canary) => canary.Step is CanaryStep.Began or CanaryStep.RolledBack || canary is { Step: CanaryStep.Promoted, Share: not null };

    private void Apply(LogRecord record)
    {
        if (record.Offset != state.NextOffset) throw new LogCorruptException($"The record at offset {record.Offset} does not follow: {state.NextOffset} is next.", state.NextOffset);
        state.Apply(record);
        Settle();
    }

    /// <summary>Nothing that was recorded is kept in memory for anybody.</summary>
    private void Settle()
    {
        state.CommittedOffset = state.NextOffset - 1;
        foreach (var entry in state.Touched) entry.Dirty = false;
        state.Touched.Clear();
        state.DroppedImages.Clear();
        state.Window.BeginAt(state.NextOffset);
    }
}
