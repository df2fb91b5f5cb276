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
    private readonly Dictionary<string, int> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AgentDefinition> definitions = new(StringComparer.Ordinal);
    private readonly TopicRouter router = new();

    public long NextOffset { get; set; }

    public int Epoch { get; set; }

    public long LastTimeNs { get; set; }

    public ulong LastChecksum { get; set; }

    public MeshTopology? Topology { get; private set; }

    public List<AgentEntry> Agents { get; } = [];

    public IdempotencyWindow Known { get; } = new(options.IdempotencyKeys, HealingLadder.ToNs(options.IdempotencyWindow));

    public TimerQueue Timers { get; } = new();

    /// <summary>Requests without an answer: correlation and number of the agent that waits.</summary>
    public Dictionary<long, int> Requests { get; } = [];

    public Dictionary<string, ReadOnlyMemory<byte>> Cursors { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<int>> Watchers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, FailureLedger> GroupLedgers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, int> FamilySizes { get; } = new(StringComparer.Ordinal);

    public TotalsLedger Totals { get; } = new();

    public LogWindow Window { get; } = new(options.LogWindowBytes);

    /// <summary>Deliveries that are noted and wait.</summary>
    public long Backlog { get; set; }

    /// <summary>Agents that got something to do; the shard looks after them.</summary>
    public List<AgentEntry> Touched { get; } = [];

    /// <summary>Up to where the log is safe; events after it stay in memory.</summary>
    public long CommittedOffset { get; set; } = Position.None;

    public AgentEntry? Find(string name) => byName.TryGetValue(name, out var number) ? Agents[number] : null;

    public AgentDefinition? Definition(string name) => definitions.GetValueOrDefault(name);

    public string NameOf(int agent) => agent >= 0 && agent < Agents.Count ? Agents[agent].Name : "?";

    /// <summary>Definitions that subscribe to a topic, by their place in the topology.</summary>
    public int[] Subscribers(string topic) => router.Match(topic);

    /// <summary>The agent of a definition that an event is for; null where none is, or it has no key, or is not born yet.</summary>
    public AgentEntry? Target(AgentDefinition definition, MeshEvent e) => Target(definition, e, out _);

    /// <summary>Like the other, and tells the key of an agent that is not born yet.</summary>
    public AgentEntry? Target(AgentDefinition definition, MeshEvent e, out string? unbornKey)
    {
        unbornKey = null;
        if (definition.Key is null) return Find(definition.Name);
        var key = definition.Key.TopicToken == 0 ? e.Subject : TopicName.Token(e.Topic, definition.Key.TopicToken);
        if (string.IsNullOrEmpty(key)) return null;
        var entry = Find(AgentName.OfKey(definition.Name, key));
        if (entry is null) unbornKey = key;
        return entry;
    }

    /// <summary>Whether an event is for an agent: by subscription or because it stands on its private topic.</summary>
    public bool IsFor(AgentEntry entry, MeshEvent e)
    {
        if (e.Depth >= Shard.Unrouted) return false;
        if (e.Topic == AgentName.Inbox(entry.Name)) return true;
        return Array.BinarySearch(router.Match(e.Topic), entry.DefinitionIndex) >= 0 && Target(entry.Definition, e) == entry;
    }

    /// <summary>Takes over what was saved: agents and the topology that they belong to.</summary>
    public void Install(MeshTopology? topology, IEnumerable<AgentEntry> agents)
    {
        foreach (var entry in agents)
        {
            Agents.Add(entry);
            byName[entry.Name] = entry.Number;
            FamilySizes[entry.DefinitionName] = FamilySizes.GetValueOrDefault(entry.DefinitionName) + 1;
            Backlog += entry.Pending.Count;
        }
        if (topology is not null) Use(topology);
    }

    private void Use(MeshTopology topology)
    {
        Topology = topology;
        definitions.Clear();
        router.Clear();
        for (var i = 0; i < topology.Agents.Length; i++)
        {
            var definition = topology.Agents[i];
            definitions[definition.Name] = definition;
            foreach (var pattern in definition.Subscriptions) router.Add(TopicPattern.Parse(pattern), i);
            FamilySizes.TryAdd(definition.Name, 0);
        }
        foreach (var entry in Agents) Bind(entry);
    }

    private void Bind(AgentEntry entry)
    {
        if (!definitions.TryGetValue(entry.DefinitionName, out var definition)) return;
        entry.Definition = definition;
        entry.DefinitionIndex = Topology!.Agents.IndexOf(definition);
    }

    private void Enqueue(AgentEntry entry, long offset)
    {
        if (entry.Stopped || entry.Withdrawn.Contains(offset)) return;
        if (entry.LagFrom < 0 && entry.Pending.Count < options.PendingWindow)
        {
            entry.Pending.Add(offset);
            Backlog++;
        }
        else if (entry.LagFrom < 0) entry.LagFrom = offset;
        Touch(entry);
    }

    public void Touch(AgentEntry entry)
    {
        if (entry.Dirty) return;
        entry.Dirty = true;
        Touched.Add(entry);
    }

    /// <summary>Fills up the noted inputs of an agent that lags, from the log.</summary>
    /// <returns>An offset that has to be read back first, or -1.</returns>
    public long CatchUp(AgentEntry entry)
    {
        if (entry.LagFrom < 0 || entry.Pending.Count > options.PendingWindow / 2) return -1;
        var stopped = Window.Scan(entry.LagFrom, e =>
        {
            if (entry.Pending.Count >= options.PendingWindow) return false;
            if (!IsFor(entry, e) || entry.Withdrawn.Contains(e.Offset)) return true;
            entry.Pending.Add(e.Offset);
            Backlog++;
            return true;
        });
        var full = entry.Pending.Count >= options.PendingWindow;
        entry.LagFrom = stopped;
        return stopped >= 0 && !full ? stopped : -1;
    }
}
