using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// What a shard knows, as it follows from the records alone: <see cref="Apply"/> is the only way to change it, while the mesh runs and
/// when it recovers.
/// </summary>
internal sealed partial class ShardState(ShardOptions options)
{
    private const int EntriesOfAgent = 4;

    private readonly Dictionary<string, int> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AgentDefinition> definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly TopicRouter router = new();

    public long NextOffset { get; set; }

    public int Epoch { get; set; }

    /// <summary>Each epoch with the offset that it begins at, so that a position can be told long after.</summary>
    public List<(long From, int Epoch)> Epochs { get; } = [];

    /// <summary>The epoch that an offset was appended in, 0 for one before the first. Those that are asked for are mostly new.</summary>
    public int EpochAt(long offset)
    {
        var at = Epochs.Count - 1;
        while (at >= 0 && Epochs[at].From > offset) at--;
        return at < 0 ? 0 : Epochs[at].Epoch;
    }

    public long LastTimeNs { get; set; }

    public ulong LastChecksum { get; set; }

    public AgentTable Agents { get; } = new();

    public IdempotencyWindow Known { get; } = new(options.IdempotencyKeys, HealingLadder.ToNs(options.IdempotencyWindow));

    /// <summary>The key of the event that is applied next, where it was asked for already; otherwise it is derived again.</summary>
    internal (MeshEvent? Event, IdempotencyKey Key) Hashed { get; set; }

    public TimerQueue Timers { get; } = new();

    /// <summary>Requests without an answer: correlation and number of the agent that waits.</summary>
    public Dictionary<long, int> Requests { get; } = [];

    public Dictionary<string, ReadOnlyMemory<byte>> Cursors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<int>> Watchers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FailureLedger> GroupLedgers { get; } = new(StringComparer.Ordinal);

    /// <summary>The circuits of families that have one and made a turn.</summary>
    public Dictionary<string, Circuit> Circuits { get; } = new(StringComparer.Ordinal);

    /// <summary>How many of them are open.</summary>
    public int OpenCircuits => Circuits.Count == 0 ? 0 : Circuits.Values.Count(c => c.State == CircuitState.Open);

    /// <summary>Agents that are paused.</summary>
    public HashSet<AgentEntry> Paused { get; } = [];

    /// <summary>What of <see cref="Backlog"/>, <see cref="Unstarted"/> and <see cref="Healing"/> waits for agents that are paused.</summary>
    public (long Backlog, long Unstarted, long Healing) WaitingForPaused =>
        Paused.Count == 0 ? default : (Paused.Concat(BehindPaused()).Sum(a => (long)a.Pending.Count), Paused.Count(IsUnstarted), Paused.Count(a => a.HealPending));

    public TotalsLedger Totals { get; } = new();

    public LogWindow Window { get; } = new(options.LogWindowBytes);

    /// <summary>Deliveries that wait, those in flight included.</summary>
    public long Backlog { get; private set; }

    /// <summary>Agents whose turn 0 is to come.</summary>
    public int Unstarted { get; private set; }

    /// <summary>Agents that failed and are not back.</summary>
    public int Healing { get; private set; }

    /// <summary>Agents that got something to do; the shard looks after them.</summary>
    public List<AgentEntry> Touched { get; } = [];

    /// <summary>Images that are not kept any more; the shard looks after them.</summary>
    public List<DropImage> DroppedImages { get; } = [];

    /// <summary>Up to where the log is safe; events after it stay in memory.</summary>
    public long CommittedOffset { get; set; } = Position.None;

    /// <summary>Turns of all agents since the image that each would be rebuilt from.</summary>
    public long TurnsSinceImages { get; private set; }

    /// <summary>About how many entries it takes to save it; agents count more than once.</summary>
    public long Size => Known.Count + TurnsSinceImages + (EntriesOfAgent * (long)Agents.Count);

    public AgentEntry? Find(string name) => byName.TryGetValue(name, out var number) ? Agents[number] : null;

    public AgentDefinition? Definition(string name) => definitions.GetValueOrDefault(name);

    public string NameOf(int agent) => agent >= 0 && agent < Agents.Count ? Agents[agent].Name : "?";

    /// <summary>The name that an agent had in one of its lives.</summary>
    public string NameIn(int agent, int incarnation) => agent >= 0 && agent < Agents.Count ? Agents[agent].Names.In(incarnation) : "?";

    /// <summary>Takes over what was saved: agents and the topology that they belong to.</summary>
    public void Install(MeshTopology? topology, IEnumerable<AgentEntry> agents)
    {
        foreach (var entry in agents)
        {
            Agents.Add(entry);
            byName[entry.Name] = entry.Number;
            NoteFormerNames(entry);
            Backlog += entry.Pending.Count;
            TurnsSinceImages += entry.Tail.Count;
            CountLiving(entry, entry.Stopped ? 0 : 1);
            NoteKind(entry);
            Unstarted += entry.Init >= 0 && entry.DueMove is null ? 1 : 0;
            Healing += entry.HealPending ? 1 : 0;
            if (entry.Paused) Paused.Add(entry);
            if (Borrows(entry)) borrowers.Add(entry);
            NoteChild(entry);
        }
        if (topology is null) return;
        Use(topology, null);
        foreach (var entry in Agents)
            if (entry.SeenSince.Digest == 0) entry.SeenSince = (1, DigestOf(entry.Definition)); // written before it was noted
    }

    /// <returns>Whether it waits from here on; not if the agent is stopped, or has it already.</returns>
    private bool Enqueue(AgentEntry entry, long offset)
    {
        if (entry.Stopped && Canaries.Count > 0) NoteForCanary(entry, offset);
        if (entry.Stopped || entry.Pending.Last == offset) return false;
        Agents.Before(entry); // routes remember agents
        entry.Pending.Add(offset);
        Window.Expect(offset);
        Backlog++;
        Touch(entry);
        return true;
    }

    private void SetInit(AgentEntry entry, long offset)
    {
        Unstarted -= IsUnstarted(entry) ? 1 : 0;
        entry.Init = offset;
        Unstarted += IsUnstarted(entry) ? 1 : 0;
    }

    private static bool IsUnstarted(AgentEntry entry) => entry.Init >= 0 && entry.DueMove is null;

    private void SetHealPending(AgentEntry entry, bool value)
    {
        Healing += (value ? 1 : 0) - (entry.HealPending ? 1 : 0);
        entry.HealPending = value;
    }

    public void Touch(AgentEntry entry)
    {
        if (entry.Dirty) return;
        entry.Dirty = true;
        Touched.Add(entry);
    }
}
