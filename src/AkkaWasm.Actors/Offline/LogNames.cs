using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Offline;

/// <summary>What later records are read with: names of agents, the mesh, its topology.</summary>
internal sealed class LogNames
{
    private readonly List<string> names = [];
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly List<(long From, MeshTopology Topology)> inBlock = [];
    private int epoch;

    public LogNames() => Identity = new EventIdentity("mesh", NameOf);

    public EventIdentity Identity { get; private set; }

    public MeshTopology? Topology { get; private set; }

    /// <summary>Begins with what is known where the log begins.</summary>
    public void Begin(ShardCut cut)
    {
        for (var number = 0; number < cut.AgentCount; number++)
        {
            names.Add(cut.NameOf(number));
            numbers[names[number]] = number;
        }
        if (cut.Topology is { } topology) (Topology, Identity) = (topology, new EventIdentity(topology.Name, NameOf));
        epoch = cut.Epoch;
    }

    public string NameOf(int agent) => agent >= 0 && agent < names.Count ? names[agent] : "?";

    /// <summary>The number of an agent, or -1.</summary>
    public int NumberOf(string agent) => numbers.GetValueOrDefault(agent, -1);

    /// <summary>
    /// Whether a block may contain something that belongs here: it begins an epoch, it mentions an agent that was not born before it, or the topology
    /// changes in it.
    /// </summary>
    public bool HasNews(BlockHeader header) =>
        header.Epoch != epoch || header.Agents is [.., var highest] && highest >= names.Count || header.Topics.AsSpan().BinarySearch(Shard.TopologyTopic, StringComparer.Ordinal) >= 0;

    /// <summary>The topology that was in force at a record of the block that was read last, or of any after it.</summary>
    /// <exception cref="LogCorruptException">There was none.</exception>
    public MeshTopology TopologyAt(long offset)
    {
        for (var i = inBlock.Count - 1; i >= 0; i--)
            if (inBlock[i].From <= offset) return inBlock[i].Topology;
        return Topology ?? throw new LogCorruptException($"The log says nothing of the topology that was in force at offset {offset}.", offset);
    }

    public void Apply(BlockHeader header, IEnumerable<LogRecord> records)
    {
        epoch = header.Epoch;
        inBlock.Clear();
        if (Topology is { } before) inBlock.Add((long.MinValue, before));
        foreach (var record in records)
        {
            if (record is TopologyRecord { Topology: var topology })
            {
                Use(topology, record.Offset);
                Identity = new EventIdentity(topology.Name, NameOf);
            }
            else if (record is TopologyChangeRecord change) Use(change.Delta.On(TopologyAt(record.Offset)), record.Offset);
            else if (record is AgentRecord { Change: AgentChange.Born or AgentChange.Forked } born && born.Agent == names.Count)
            {
                names.Add(born.Name);
                numbers[born.Name] = born.Agent;
            }
        }
    }

    private void Use(MeshTopology topology, long from)
    {
        Topology = topology;
        inBlock.Add((from, topology));
    }

    /// <summary>A record with what is derived.</summary>
    public LogEntry EntryOf(LogRecord record, int recordEpoch)
    {
        var e = (record as EventRecord)?.Event;
        var agent = AgentOf(record);
        return new LogEntry(
            new Position(0, recordEpoch, record.Offset), record, e is null ? null : Identity.IdOf(e), e is null ? null : Identity.SourceOf(e), agent < 0 ? null : NameOf(agent));
    }

    /// <summary>Number of the agent that a record is about, or -1.</summary>
    public static int AgentOf(LogRecord record) => record switch
    {
        EventRecord r => r.Event.Agent,
        TurnRecord r => r.Agent,
        AgentRecord r => r.Agent,
        HealingRecord r => r.Agent,
        HealedRecord r => r.Agent,
        TimerRecord r => r.Agent,
        TimerCancelledRecord r => r.Agent,
        ImageRecord r => r.Agent,
        QuarantineRecord r => r.Agent,
        WatchRecord r => r.Watcher,
        ChangeAskedRecord r => r.Agent,
        LineageRecord r => r.Agent,
        AgentVersionRecord r => r.Agent,
        AgentPauseRecord r => r.Agent,
        CrashAskedRecord r => r.Agent,
        _ => -1,
    };
}
