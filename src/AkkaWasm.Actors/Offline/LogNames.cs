using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Offline;

/// <summary>What later records are read with: names of agents, the mesh, its topology.</summary>
internal sealed class LogNames
{
    private readonly List<NamesOfAgent> names = [];
    private readonly Dictionary<string, List<(long From, int Agent)>> holders = new(StringComparer.Ordinal);
    private readonly Dictionary<int, List<(long From, string Name)>> renamed = [];
    private readonly List<(long From, MeshTopology Topology)> inBlock = [];
    private int epoch;

    public LogNames() => Identity = new EventIdentity("mesh", NameIn);

    public EventIdentity Identity { get; private set; }

    public MeshTopology? Topology { get; private set; }

    /// <summary>Begins with what is known where the log begins.</summary>
    public void Begin(ShardCut cut)
    {
        for (var number = 0; number < cut.AgentCount; number++)
        {
            names.Add(cut.NamesOf(number));
            foreach (var name in names[number].All) HoldersOf(name).Add((long.MinValue, number));
        }
        if (cut.Topology is { } topology) (Topology, Identity) = (topology, new EventIdentity(topology.Name, NameIn));
        epoch = cut.Epoch;
    }

    /// <summary>The name that an agent has after all that was read.</summary>
    public string NameOf(int agent) => agent >= 0 && agent < names.Count ? names[agent].Present : "?";

    /// <summary>The name that an agent had in one of its lives.</summary>
    public string NameIn(int agent, int incarnation) => agent >= 0 && agent < names.Count ? names[agent].In(incarnation) : "?";

    /// <summary>The name that an agent had at a record.</summary>
    public string NameAt(int agent, long offset)
    {
        if (!renamed.TryGetValue(agent, out var since)) return NameOf(agent);
        var last = since.FindLastIndex(r => r.From <= offset);
        return last < 0 ? names[agent].Former[^since.Count].Name : since[last].Name;
    }

    /// <summary>
    /// The number of the agent that a name stands for, or -1: who had it at a position, otherwise who has it now, otherwise who had it last. So what an agent is called, then or
    /// now, is understood, and a name that was given to another since means that one only where it is asked for no time before.
    /// </summary>
    /// <param name="agent">The name.</param>
    /// <param name="at">Offset of the position; <see cref="long.MaxValue"/> for now.</param>
    public int NumberOf(string agent, long at = long.MaxValue)
    {
        if (!holders.TryGetValue(agent, out var all)) return -1;
        var then = all.FindLastIndex(h => h.From <= at && NameAt(h.Agent, at) == agent);
        if (then < 0) then = all.FindLastIndex(h => NameOf(h.Agent) == agent);
        return all[then < 0 ? ^1 : then].Agent;
    }

    /// <summary>The number of the agent that had a name in one of its lives, or -1.</summary>
    public int NumberIn(string agent, int incarnation)
    {
        if (!holders.TryGetValue(agent, out var all)) return -1;
        var found = all.FindLastIndex(h => NameIn(h.Agent, incarnation) == agent);
        return found < 0 ? -1 : all[found].Agent;
    }

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
                Identity = new EventIdentity(topology.Name, NameIn);
            }
            else if (record is TopologyChangeRecord change) Use(change.Delta.On(TopologyAt(record.Offset)), record.Offset);
            else if (record is AgentRecord agent) Take(agent);
        }
    }

    private void Take(AgentRecord agent)
    {
        if (agent.Change is AgentChange.Born or AgentChange.Forked && agent.Agent == names.Count) names.Add(new NamesOfAgent(agent.Name));
        else if (agent.Agent < names.Count && names[agent.Agent] is var known && known.Present != agent.Name)
        {
            names[agent.Agent] = known.Renamed(agent.Name, agent.Incarnation - 1);
            if (!renamed.TryGetValue(agent.Agent, out var since)) renamed[agent.Agent] = since = [];
            since.Add((agent.Offset, agent.Name));
        }
        else return;
        HoldersOf(agent.Name).Add((agent.Offset, agent.Agent));
    }

    private List<(long From, int Agent)> HoldersOf(string name)
    {
        if (!holders.TryGetValue(name, out var all)) holders[name] = all = [];
        return all;
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
            new Position(0, recordEpoch, record.Offset), record, e is null ? null : Identity.IdOf(e), e is null ? null : Identity.SourceOf(e), agent < 0 ? null : NameAt(agent, record.Offset));
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
