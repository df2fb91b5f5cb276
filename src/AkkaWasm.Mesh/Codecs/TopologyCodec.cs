using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of a topology. Begins with a version; a field is only ever added at the end of its record under a new version.</summary>
internal static class TopologyCodec
{
    private const byte Version = 15;

    /// <summary>The first version that has rules.</summary>
    public const byte WithRules = 12;

    /// <summary>The first version in which agents are renamed.</summary>
    public const byte WithRenames = 15;

    public static void Write(ByteWriter w, MeshTopology t)
    {
        WriteVersion(w);
        w.Text(t.Name);
        WritePolicy(w, t.Root);
        w.List(t.Groups, WriteGroup);
        w.List(t.Agents, WriteAgent);
        w.List(t.Rules, RuleCodec.WriteDefinition);
    }

    public static MeshTopology Read(ByteReader r)
    {
        var version = ReadVersion(r);
        return new MeshTopology(r.Text(), ReadPolicy(r, version), r.List(from => ReadGroup(from, version)), r.List(from => ReadAgent(from, version)))
        {
            Rules = version >= WithRules ? r.List(RuleCodec.ReadDefinition) : [],
        };
    }

    public static void WriteVersion(ByteWriter w) => w.Byte(Version);

    public static byte ReadVersion(ByteReader r)
    {
        var version = r.Byte();
        return version is 0 or > Version ? throw new DecodeException($"byte {r.Position - 1}: topology version {version} is not known to this program") : version;
    }

    /// <summary>Whether two topologies say the same.</summary>
    public static bool AreSame(MeshTopology one, MeshTopology other) => ReferenceEquals(one, other) || AreSame(one, other, Write);

    /// <summary>Whether two definitions say the same.</summary>
    public static bool AreSame(AgentDefinition one, AgentDefinition other) => ReferenceEquals(one, other) || AreSame(one, other, WriteAgent);

    /// <summary>Whether two policies say the same.</summary>
    public static bool AreSame(SupervisionPolicy one, SupervisionPolicy other) => ReferenceEquals(one, other) || AreSame(one, other, WritePolicy);

    /// <summary>Whether the same groups stand in the same order.</summary>
    public static bool AreSame(ImmutableArray<GroupDefinition> one, ImmutableArray<GroupDefinition> other) =>
        one == other || AreSame(one, other, (w, groups) => w.List(groups, WriteGroup));

    /// <summary>Whether the same rules stand in the same order.</summary>
    public static bool AreSame(ImmutableArray<RuleDefinition> one, ImmutableArray<RuleDefinition> other) => one == other || AreSame(one, other, (w, rules) => w.List(rules, RuleCodec.WriteDefinition));

    /// <summary>Whether two rules say the same.</summary>
    public static bool AreSame(RuleDefinition one, RuleDefinition other) => ReferenceEquals(one, other) || AreSame(one, other, RuleCodec.WriteDefinition);

    private static bool AreSame<T>(T one, T other, Action<ByteWriter, T> write)
    {
        var (a, b) = (new ByteWriter(512), new ByteWriter(512));
        write(a, one);
        write(b, other);
        return a.Written.SequenceEqual(b.Written);
    }

    public static void WriteGroup(ByteWriter w, GroupDefinition g)
    {
        w.Text(g.Name);
        w.OptionalText(g.Parent);
        WritePolicy(w, g.Supervision);
        w.OptionalText(g.RenamedFrom);
    }

    public static GroupDefinition ReadGroup(ByteReader r, byte version) => new(r.Text(), r.OptionalText(), ReadPolicy(r, version))
    {
        RenamedFrom = version >= 14 ? r.OptionalText() : null,
    };

    public static void WritePolicy(ByteWriter w, SupervisionPolicy p)
    {
        w.Byte((byte)p.Strategy);
        w.Byte((byte)p.Directive);
        w.List(p.OnFailure, (to, directive) => to.Byte((byte)directive));
        w.Int(p.MaxNrOfRetries);
        w.Int(p.WithinTimeRange.Ticks);
        w.Int(p.MinBackoff.Ticks);
        w.Int(p.MaxBackoff.Ticks);
        w.Double(p.RandomFactor);
        w.Int(p.EventRetries);
        w.Int(p.HostFaultRetries);
        w.Int(p.Rewind.Turns);
        w.Int(p.Rewind.Snapshots);
        w.Byte((byte)p.Rewind.Inputs);
        w.Bool(p.Rewind.PreviousVersion);
    }

    public static SupervisionPolicy ReadPolicy(ByteReader r, byte version) => new()
    {
        Strategy = (SupervisionStrategy)r.Byte(), Directive = (HealingDirective)r.Byte(), OnFailure = r.List(from => (HealingDirective)from.Byte()),
        MaxNrOfRetries = r.Int32(), WithinTimeRange = new TimeSpan(r.Int()), MinBackoff = new TimeSpan(r.Int()), MaxBackoff = new TimeSpan(r.Int()),
        RandomFactor = r.Double(), EventRetries = r.Int32(), HostFaultRetries = r.Int32(),
        Rewind = version < 3 ? RewindTarget.Default : ReadRewind(r, version),
    };

    private static RewindTarget ReadRewind(ByteReader r, byte version) => new()
    {
        Turns = r.Int32(), Snapshots = r.Int32(), Inputs = (RewindInputs)r.Byte(), PreviousVersion = version >= 14 && r.Bool(),
    };

    public static void WriteAgent(ByteWriter w, AgentDefinition a)
    {
        w.Text(a.Name);
        w.Text(a.ModuleHash);
        w.Text(a.ModuleFile);
        w.Text(a.Group);
        w.List(a.Subscriptions, (to, pattern) => to.Text(pattern));
        w.Int(a.Key?.TopicToken ?? -1);
        w.Bytes(a.Config.Span);
        WriteCapabilities(w, a.Capabilities);
        WriteLimits(w, a.Limits);
        w.Int(a.PassivateIdleAfter?.Ticks ?? -1);
        w.Int(a.MaxKeys);
        w.Int(a.SnapshotEveryTurns);
        w.Int(a.HashEveryTurns);
        w.Byte((byte)a.Kind);
        WasiCodec.Write(w, a.Wasi);
        w.Bool(a.Circuit is not null);
        if (a.Circuit is { } circuit) WriteCircuit(w, circuit);
        w.Int(a.SnapshotEveryBytes);
        w.Int(a.SnapshotEvery?.Ticks ?? -1);
        w.Int(a.KeepSnapshots);
        w.Int(a.KeepOlderSnapshots);
        w.Int(a.SnapshotAtMostEvery.Ticks);
        HealthCodec.WritePolicy(w, a.Health);
        PoolCodec.WritePolicy(w, a.Pool);
        WriteSpawning(w, a);
        WriteIntegration(w, a);
        WriteCanary(w, a.Canary);
        w.Byte((byte)a.SubscribeFrom.Kind);
        w.Int(a.SubscribeFrom.Value);
        w.OptionalText(a.RenamedFrom);
    }

    /// <summary>Since version 11.</summary>
    private static void WriteIntegration(ByteWriter w, AgentDefinition a)
    {
        w.List(a.Capabilities.Integrate, (to, pattern) => to.Text(pattern));
        w.List(a.Capabilities.Subscribe, (to, pattern) => to.Text(pattern));
        w.Int(a.Limits.ChangeBytes);
        w.Int(a.Limits.PendingChanges);
    }

    private static AgentDefinition ReadIntegration(ByteReader r, AgentDefinition agent) => agent with
    {
        Capabilities = agent.Capabilities with { Integrate = r.List(from => from.Text()), Subscribe = r.List(from => from.Text()) },
        Limits = agent.Limits with { ChangeBytes = r.Int32(), PendingChanges = r.Int32() },
    };

    /// <summary>Since version 13.</summary>
    private static void WriteCanary(ByteWriter w, CanaryDefinition? canary)
    {
        w.Bool(canary is not null);
        if (canary is null) return;
        WriteShare(w, canary.Share);
        WriteAgent(w, canary.Definition);
    }

    public static void WriteShare(ByteWriter w, KeyShare share)
    {
        w.Int(share.BasisPoints);
        w.Int(share.Seed);
    }

    public static KeyShare ReadShare(ByteReader r) => new(r.Int32(), r.Int());

    /// <summary>Since version 8.</summary>
    private static void WriteSpawning(ByteWriter w, AgentDefinition a)
    {
        w.Int(a.Spawn.MaxDepth);
        w.Int(a.Spawn.MaxAgents);
        w.Int(a.Spawn.MaxMemoryBytes ?? -1);
        w.Int(a.Apoptosis.IdleAfter?.Ticks ?? -1);
        w.Bool(a.Apoptosis.Orphaned);
        w.Bool(a.Apoptosis.OverBudget);
    }

    private static AgentDefinition ReadSpawning(ByteReader r, AgentDefinition agent) => agent with
    {
        Spawn = new SpawnQuota { MaxDepth = r.Int32(), MaxAgents = r.Int32(), MaxMemoryBytes = r.Int() is >= 0 and var bytes ? bytes : null },
        Apoptosis = new ApoptosisPolicy { IdleAfter = r.Int() is >= 0 and var ticks ? new TimeSpan(ticks) : null, Orphaned = r.Bool(), OverBudget = r.Bool() },
    };

    /// <summary>What a guest can see of its definition; a turn can be repeated only where that is the same. Written for digests, never read.</summary>
    public static void WriteSeen(ByteWriter w, AgentDefinition a)
    {
        w.Text(a.ModuleHash);
        w.Byte((byte)a.Kind);
        w.Bytes(a.Config.Span);
        w.Int(a.Limits.MemoryBytes);
        w.Int(a.Limits.TableElements);
        WasiCodec.Write(w, a.Wasi with { Preopens = [.. a.Wasi.Preopens.Select(p => p with { Folder = "" })] });
    }

    private static void WriteCircuit(ByteWriter w, CircuitPolicy c)
    {
        w.Double(c.FailuresShare);
        w.Int(c.MinAgents);
        w.Int(c.Window.Ticks);
        w.Int(c.OpenFor.Ticks);
        w.Int(c.HalfOpenProbes);
    }

    private static CircuitPolicy ReadCircuit(ByteReader r) => new()
    {
        FailuresShare = r.Double(), MinAgents = r.Int32(), Window = new TimeSpan(r.Int()), OpenFor = new TimeSpan(r.Int()), HalfOpenProbes = r.Int32(),
    };

    public static AgentDefinition ReadAgent(ByteReader r, byte version)
    {
        var agent = ReadAgentOf4(r, version);
        if (version >= 5) agent = agent with { Health = HealthCodec.ReadPolicy(r) };
        if (version >= 7) agent = agent with { Pool = PoolCodec.ReadPolicy(r) };
        if (version >= 8) agent = ReadSpawning(r, agent);
        if (version >= 11) agent = ReadIntegration(r, agent);
        if (version >= 13 && r.Bool()) agent = agent with { Canary = new CanaryDefinition(ReadShare(r), ReadAgent(r, version)) };
        if (version >= 14) agent = agent with { SubscribeFrom = new SubscriptionStart((SubscriptionStartKind)r.Byte(), r.Int()) };
        return version < WithRenames ? agent : agent with { RenamedFrom = r.OptionalText() };
    }

    private static AgentDefinition ReadAgentOf4(ByteReader r, byte version)
    {
        var agent = ReadAgentOf3(r, version);
        return version < 4 ? agent : agent with { SnapshotAtMostEvery = new TimeSpan(r.Int()) };
    }

    private static AgentDefinition ReadAgentOf3(ByteReader r, byte version)
    {
        var agent = ReadAgentOf2(r, version);
        return version < 3 ? agent : agent with
        {
            Circuit = r.Bool() ? ReadCircuit(r) : null,
            SnapshotEveryBytes = r.Int(), SnapshotEvery = r.Int() is >= 0 and var ticks ? new TimeSpan(ticks) : null, KeepSnapshots = r.Int32(), KeepOlderSnapshots = r.Int32(),
        };
    }

    private static AgentDefinition ReadAgentOf2(ByteReader r, byte version) => new()
    {
        Name = r.Text(), ModuleHash = r.Text(), ModuleFile = r.Text(), Group = r.Text(), Subscriptions = r.List(from => from.Text()),
        Key = r.Int32() is >= 0 and var token ? new AgentKey(token) : null, Config = r.Bytes(), Capabilities = ReadCapabilities(r), Limits = ReadLimits(r, version),
        PassivateIdleAfter = r.Int() is >= 0 and var ticks ? new TimeSpan(ticks) : null, MaxKeys = r.Int32(), SnapshotEveryTurns = r.Int32(), HashEveryTurns = r.Int32(),
        Kind = version < 2 ? AgentKind.Inspected : (AgentKind)r.Byte(), Wasi = version < 2 ? WasiDefinition.Default : WasiCodec.Read(r),
    };

    private static void WriteCapabilities(ByteWriter w, Capabilities c)
    {
        foreach (var patterns in new[] { c.Publish, c.Request, c.Send, c.Watch }) w.List(patterns, (to, pattern) => to.Text(pattern));
        w.Bool(c.Schedule);
        w.Bool(c.Spawn);
    }

    private static Capabilities ReadCapabilities(ByteReader r) => new()
    {
        Publish = r.List(from => from.Text()), Request = r.List(from => from.Text()), Send = r.List(from => from.Text()), Watch = r.List(from => from.Text()),
        Schedule = r.Bool(), Spawn = r.Bool(),
    };

    private static void WriteLimits(ByteWriter w, AgentLimits l)
    {
        w.Int(l.MemoryBytes);
        w.Int(l.TableElements);
        w.Int(l.Deadline.Ticks);
        w.Int(l.FuelPerTurn);
        w.Int(l.EmittedEventsPerTurn);
        w.Int(l.EmittedBytesPerTurn);
        w.Int(l.PendingTimers);
        w.Int(l.LogLinesPerTurn);
        w.Int(l.GcHeapBytes);
        w.Double(l.GcCompactAt);
    }

    private static AgentLimits ReadLimits(ByteReader r, byte version) => new()
    {
        MemoryBytes = r.Int(), TableElements = r.Int(), Deadline = new TimeSpan(r.Int()), FuelPerTurn = r.Int(),
        EmittedEventsPerTurn = r.Int32(), EmittedBytesPerTurn = r.Int(), PendingTimers = r.Int32(), LogLinesPerTurn = r.Int32(),
        GcHeapBytes = version < 2 ? AgentLimits.Default.GcHeapBytes : r.Int(), GcCompactAt = version < 2 ? AgentLimits.Default.GcCompactAt : r.Double(),
    };
}
