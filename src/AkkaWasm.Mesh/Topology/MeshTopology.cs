using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Topology;

/// <summary>What a mesh consists of. Checked by <c>TopologyCheck</c> before it is used.</summary>
/// <param name="Name">Name of the mesh, a topic token.</param>
/// <param name="Root">How failures that escalate out of the outermost groups are handled.</param>
/// <param name="Groups">Groups in the order of definition.</param>
/// <param name="Agents">Agents and families in the order of definition.</param>
public sealed record MeshTopology(string Name, SupervisionPolicy Root, ImmutableArray<GroupDefinition> Groups, ImmutableArray<AgentDefinition> Agents)
{
    /// <summary>What the mesh does by itself when lines are crossed, in the order of definition.</summary>
    public ImmutableArray<RuleDefinition> Rules { get; init; } = [];

    /// <summary>
    /// All definitions that an agent may be under, now or soon: <see cref="Agents"/>, each with the version that is tried on a share of its agents if there is one,
    /// and what rules would make of them. Whoever looks after modules looks after these.
    /// </summary>
    public IEnumerable<AgentDefinition> Versions => Rules.IsEmpty ? VersionsOf(Agents) : VersionsOf(Agents).Concat(Replacements(Agents, Rules));

    /// <summary>Definitions, each with the version that is tried on a share of its agents if there is one.</summary>
    /// <param name="agents">The definitions.</param>
    public static IEnumerable<AgentDefinition> VersionsOf(IEnumerable<AgentDefinition> agents) =>
        agents.SelectMany(agent => agent.Canary is { } canary ? [agent, canary.Definition] : new[] { agent });

    /// <summary>What rules would make of agents.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="rules">The rules.</param>
    public static IEnumerable<AgentDefinition> Replacements(IEnumerable<AgentDefinition> agents, IEnumerable<RuleDefinition> rules) =>
        from rule in rules
        let replacement = rule.ActionOf(RuleVerb.Replace)?.Replacement
        where replacement is not null
        join agent in agents on rule.Definition equals agent.Name
        select agent with { ModuleHash = replacement.ModuleHash, ModuleFile = replacement.ModuleFile };

    /// <summary>What it is on its way to be: versions that are tried stand for the whole.</summary>
    internal MeshTopology Intended() => Agents.All(a => a.Canary is null) ? this : this with { Agents = [.. Agents.Select(a => a.Canary?.Definition ?? a)] };
}

/// <summary>A group of agents that fail together or apart, as its policy says.</summary>
/// <param name="Name">Name, a topic token, unique among groups.</param>
/// <param name="Parent">The group that its failures escalate to, or null for the root.</param>
/// <param name="Supervision">What happens when one of its agents fails.</param>
public sealed record GroupDefinition(string Name, string? Parent, SupervisionPolicy Supervision)
{
    /// <summary>The group of agents that name none.</summary>
    public const string Default = "default";

    /// <summary>The name that it had before: a change that defines it under its new name, and no other under the old one, renames it. Null for none; of no effect later.</summary>
    public string? RenamedFrom { get; init; }
}

/// <summary>An agent, with a <see cref="Key"/> a family of agents, or with a <see cref="Pool"/> several that share their events.</summary>
public sealed record AgentDefinition
{
    /// <summary>Longest name of an agent, characters; keys of a family included.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Name, a topic token, unique among agents.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the module's bytes as they were given, 64 hexadecimal digits.</summary>
    public required string ModuleHash { get; init; }

    /// <summary>Where the module was read from; for messages only.</summary>
    public string ModuleFile { get; init; } = "";

    /// <summary>How the module is an agent.</summary>
    public AgentKind Kind { get; init; } = AgentKind.Inspected;

    /// <summary>What it finds if it imports <c>wasi_snapshot_preview1</c>.</summary>
    public WasiDefinition Wasi { get; init; } = WasiDefinition.Default;

    /// <summary>Name of its group.</summary>
    public string Group { get; init; } = GroupDefinition.Default;

    /// <summary>Topic patterns it handles the events of.</summary>
    public ImmutableArray<string> Subscriptions { get; init; } = [];

    /// <summary>Where subscriptions begin that a change of the topology adds to it; of no effect for those that it has.</summary>
    public SubscriptionStart SubscribeFrom { get; init; }

    /// <summary>
    /// The name that it had before: a change that defines it under its new name, and no other under the old one, renames it with all that is its own, a family or pool
    /// with all its agents. Null for none; of no effect later.
    /// </summary>
    public string? RenamedFrom { get; init; }

    /// <summary>What makes it a family; null for a single agent.</summary>
    public AgentKey? Key { get; init; }

    /// <summary>What makes it a pool; null for none.</summary>
    public PoolPolicy? Pool { get; init; }

    /// <summary>Whether it is one agent, and neither a family nor a pool.</summary>
    public bool IsSingle => Key is null && Pool is null;

    /// <summary>What <c>config_read</c> gives it.</summary>
    public ReadOnlyMemory<byte> Config { get; init; }

    /// <summary>What it may do.</summary>
    public Capabilities Capabilities { get; init; } = Capabilities.None;

    /// <summary>What it may use.</summary>
    public AgentLimits Limits { get; init; } = AgentLimits.Default;

    /// <summary>The same with all that a guest sees of another definition: module, kind, config, what a WASI program finds, limits on memory and tables.</summary>
    /// <param name="older">The other.</param>
    public AgentDefinition SeenAs(AgentDefinition older) => this with
    {
        ModuleHash = older.ModuleHash, ModuleFile = older.ModuleFile, Kind = older.Kind, Config = older.Config, Wasi = older.Wasi,
        Limits = Limits with { MemoryBytes = older.Limits.MemoryBytes, TableElements = older.Limits.TableElements },
    };

    /// <summary>After how much time without an event it is put to sleep; null for never.</summary>
    public TimeSpan? PassivateIdleAfter { get; init; }

    /// <summary>When a family that fails everywhere gets no more events; null for never. Of no effect for a single agent.</summary>
    public CircuitPolicy? Circuit { get; init; }

    /// <summary>From where on the mesh calls it degraded or overloaded.</summary>
    public HealthPolicy Health { get; init; } = HealthPolicy.Default;

    /// <summary>What it may start.</summary>
    public SpawnQuota Spawn { get; init; } = SpawnQuota.Default;

    /// <summary>When agents of a family end by themselves. Of no effect for a single agent.</summary>
    public ApoptosisPolicy Apoptosis { get; init; } = ApoptosisPolicy.None;

    /// <summary>How many keys a family may have.</summary>
    public int MaxKeys { get; init; } = 1_000_000;

    /// <summary>After how many turns a new image is saved, 1 or more.</summary>
    public int SnapshotEveryTurns { get; init; } = 1_000;

    /// <summary>
    /// Shortest time between two images that <see cref="SnapshotEveryTurns"/> asks for, 0 or more; 0 for none. Images that are taken for another reason
    /// (<see cref="SnapshotEveryBytes"/>, <see cref="SnapshotEvery"/>, sleep, the end of the node) do not wait for it.
    /// </summary>
    public TimeSpan SnapshotAtMostEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After how many bytes of events' data a new image is saved, 1 or more; 64 MiB.</summary>
    public long SnapshotEveryBytes { get; init; } = 64 << 20;

    /// <summary>After how much time a new image is saved if there was a turn since the last one; null for never.</summary>
    public TimeSpan? SnapshotEvery { get; init; }

    /// <summary>How many of its newest images are kept, 1 or more.</summary>
    public int KeepSnapshots { get; init; } = 3;

    /// <summary>How many images before those are kept, 0 or more, ever further apart the older they are.</summary>
    public int KeepOlderSnapshots { get; init; } = 4;

    /// <summary>After how many turns its state hash is recorded with a turn, 1 or more.</summary>
    public int HashEveryTurns { get; init; } = 256;

    /// <summary>
    /// Another version, that a share of a family's agents is under while it is tried on them; all others are under this one. Null for none. Only the mesh
    /// sets it, when a change says so.
    /// </summary>
    public CanaryDefinition? Canary { get; init; }

    /// <summary>What one of its agents is under.</summary>
    /// <param name="agent">Name of the agent, with its key.</param>
    public AgentDefinition Of(string agent) => Canary is { } canary && canary.Share.Includes(agent) ? canary.Definition : this;

    /// <summary>Itself alone.</summary>
    internal AgentDefinition WithoutCanary() => Canary is null ? this : this with { Canary = null };
}

/// <summary>Where the key of a family comes from.</summary>
/// <param name="TopicToken">Which token of the topic, from 1; 0 for the event's subject.</param>
public sealed record AgentKey(int TopicToken)
{
    /// <summary>The event's <c>subject</c> is the key.</summary>
    public static AgentKey Subject { get; } = new(0);
}
