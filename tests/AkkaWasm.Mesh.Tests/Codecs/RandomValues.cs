using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Tests.Codecs;

/// <summary>Records of every kind with values of every size, drawn from a seed.</summary>
internal sealed class RandomValues(int seed)
{
    private TurnRandom random = new((ulong)seed);

    public LogRecord Record(int kind) => kind switch
    {
        0 => new EventRecord(Event()),
        1 => Turn(),
        2 => new EpochRecord(Int(), Long(), Text()),
        3 => new TopologyRecord(Topology()),
        4 => new AgentRecord(Int(), (AgentChange)random.NextInt(7), Text(), Text(), Maybe(Text), Int(), random.NextInt(5) - 1),
        5 => new HealingRecord(Int(), Long(), (HealingDirective)random.NextInt(6), Text(), Int(), Some(Int), Bool(), Long(), Int(), Int()),
        6 => new HealedRecord(Int()),
        7 => new TimerRecord(Long(), Int(), Long(), Long(), Int(), Text(), Bytes(), Bool()),
        8 => new TimerCancelledRecord(Long(), Int()),
        9 => new CursorRecord(Text(), Bytes()),
        10 => new ImageRecord(Int(), Int(), Long(), Hash()),
        11 => new QuarantineRecord(Int(), Long(), Bool()),
        12 => new WatchRecord(Int(), Text()),
        13 => Lineage(),
        14 => new AgentPauseRecord(Int(), Bool()),
        15 => MeshRewind(),
        16 => new CircuitRecord(Text(), (CircuitState)random.NextInt(3), Long()),
        17 => new RetentionRecord(new LogBeginning(Long(), Long(), Long(), (ulong)Long()), Int()),
        18 => new GroupPauseRecord(Text(), Bool()),
        19 => new AgentDrainRecord { Definitions = Some(Text), Groups = Some(Text), DeadlineNs = Long(), Author = Text(), Reason = Text() },
        20 => new HealthRecord(Int(), (HealthSignal)random.NextInt(8), (AgentHealthLevel)random.NextInt(3), Text(), Long()),
        21 => new RetirementRecord(Int(), (RetirementReason)random.NextInt(3)),
        22 => Pool(),
        23 => Canary(),
        24 => new ChangeAskedRecord { Agent = Int(), Incarnation = Int(), Input = Long(), Correlation = Long(), Depth = Int(), TraceParent = Maybe(Text), Text = Bytes() },
        25 => new ChangeAnsweredRecord(Long()),
        26 => Rule(),
        28 => new PastRecord(Text(), Long(), Some(() => new PastDelivery(Int(), Some(Long)))),
        27 => new AgentVersionRecord(Int(), (AgentVersionStep)random.NextInt(5), Bool() || Topology().Agents is not [var older, ..] ? null : older),
        29 => new CrashAskedRecord(Int()),
        _ => new TopologyChangeRecord(Delta(), Long(), Text(), Text(), Text()),
    };

    public const int Kinds = 31;

    private RuleRecord Rule() => new((RuleStep)random.NextInt(7), Text(), Int(), Some(() => new RuleValue((RuleSignal)random.NextInt(6), random.NextUnit(), random.NextUnit())), Text(), Long())
    {
        Verbs = Some(() => (RuleVerb)random.NextInt(7)), Scope = Text(), Shed = Some(Long), Rewind = Bool() ? null : Target(),
    };

    private RewindTarget Target() => new() { Turns = Int(), Snapshots = Int(), Inputs = (RewindInputs)random.NextInt(3), PreviousVersion = Bool() };

    private CanaryPolicy Watch() => new() { Watch = new TimeSpan(Long()), MaxFailures = Int(), WithinTimeRange = new TimeSpan(Long()), Inputs = (RewindInputs)random.NextInt(3) };

    private RuleDefinition RuleOf() => new()
    {
        Name = Text(), Of = Text(), When = Some(() => new RuleLine((RuleSignal)random.NextInt(6), random.NextUnit(), random.NextUnit())), For = new TimeSpan(Long()), CoolDown = new TimeSpan(Long()),
        AtMost = Int(), Per = new TimeSpan(Long()), IsDryRun = Bool(),
        Then = Some(() => new RuleAction((RuleVerb)random.NextInt(7))
        {
            Rewind = Bool() ? null : Target(), Replacement = Bool() ? null : new RuleReplacement(Text(), Text(), Bool() ? null : Watch() with { ShareBasisPoints = Int() }), By = Int(), Keep = Int(),
        }),
    };

    private CanaryRecord Canary()
    {
        var share = Bool() ? null : Share();
        return Bool() || Topology().Agents is not [var before, ..]
            ? new CanaryRecord((CanaryStep)(1 + random.NextInt(4)), Text()) { AtNs = Long(), Share = share }
            : new CanaryRecord(CanaryStep.Began, Text())
            {
                Before = before, AtNs = Long(), Share = share, State = (MoveRequest)random.NextInt(6),
                Policy = Watch() with { ShareBasisPoints = share?.BasisPoints ?? KeyShare.All },
            };
    }

    private KeyShare Share() => new(1 + random.NextInt(KeyShare.All), Long());

    private TopologyDelta Delta()
    {
        var topology = Topology();
        return new TopologyDelta
        {
            Root = Bool() ? null : topology.Root, Groups = Bool() ? null : topology.Groups, Removed = Some(Text), Put = topology.Agents, Order = Some(Int), Rules = Bool() ? null : topology.Rules,
            Renamed = Some(() => new AgentRename(Text(), Text())),
        };
    }

    private MeshRewindRecord MeshRewind() => new()
    {
        To = Long(), Sources = Bool(), Unborn = Some(Int), Requests = Some(() => (Long(), Int())),
        Agents = Some(() => new RewoundAgent(Int(), Long(), Some(() => new QuarantinedEvent(Text(), Long(), new GuestFault(FaultKind.Trap, Text(), Text()), Long())), Some(Long), Some(() => (Long(), Long())))),
        Cursors = Some(() => (Text(), (ReadOnlyMemory<byte>)Bytes())), Watchers = Some(() => (Text(), Some(Int))),
        Pools = Some(() => new PoolMoment(Pool(), Some(() => new PoolWait(Long(), 0, Int())))),
    };

    private PoolRecord Pool() => new(Text(), [Int(), .. Some(Int)], (PoolCause)random.NextInt(10), Text(), Long()) { Handed = Some(() => new PoolHandover(0, Long())) };

    private PoolPolicy PoolOf() => new()
    {
        Key = new AgentKey(random.NextInt(33)), Partitions = Int(), Size = Int(), Min = Int(), Max = Int(), GrowLag = Bool() ? null : random.NextInt(1_000),
        GrowAge = Bool() ? null : TimeSpan.FromTicks(random.NextInt(1_000_000)), ShrinkLag = Int(), ShrinkAge = new TimeSpan(Long()),
        ShrinkAfter = Bool() ? null : TimeSpan.FromTicks(random.NextInt(1_000_000)), CoolDown = new TimeSpan(Long()),
    };

    private LineageRecord Lineage() => Bool() ? AnyLineage() : AnyLineage() with { RollsBack = true, Fresh = Some(Long) };

    private LineageRecord AnyLineage() => new()
    {
        Agent = Int(), Image = Bool() ? null : new LineageImage(Int(), Int(), Long(), Hash()), Turns = Some(() => new LineageTurn(Int(), Int(), Long(), random.Next())),
        Again = Some(Long), TakenBack = Some(Long), FiredAgain = Some(() => (Long(), Long())), Suppressed = Bool(), ForgetFrom = Long(),
        Moves = Some(() => new LineageMove(Long(), (MoveWay)random.NextInt(4), Int(), Definition())),
    };

    public MeshEvent Event()
    {
        var byAgent = Bool();
        return new MeshEvent
        {
            Topic = Text(), Id = Maybe(Text), Source = Maybe(Text), Subject = Maybe(Text), Time = Maybe(Text), ContentType = Maybe(Text), TraceParent = Maybe(Text),
            Extensions = Some(() => new KeyValuePair<string, string>(Text(), Text())), Data = Bytes(), Origin = (EventOrigin)random.NextInt(9), Correlation = Bool() ? 0 : Long(),
            Agent = byAgent ? Int() : -1, Incarnation = byAgent ? Int() : 0, Index = byAgent ? Int() : 0, Cause = Bool() ? Position.None : Long(), Depth = Int(), AppendedAtNs = Long(), Epoch = 3,
        };
    }

    public MeshTopology Topology() => new(Text(), Policy(), Some(() => new GroupDefinition(Text(), Maybe(Text), Policy()) { RenamedFrom = Maybe(Text) }), Some(Definition)) { Rules = Some(RuleOf) };

    private AgentDefinition Definition() => random.NextInt(10) > 0 ? Alone() : Alone() with { Canary = new CanaryDefinition(Share(), Alone()) };

    private SubscriptionStart Start() => (SubscriptionStartKind)random.NextInt(4) switch
    {
        SubscriptionStartKind.Position => new(SubscriptionStartKind.Position, random.NextInt(int.MaxValue)),
        SubscriptionStartKind.Time => new(SubscriptionStartKind.Time, random.NextInt(int.MaxValue) * 1_000_000_000L),
        var kind => new(kind),
    };

    private AgentDefinition Alone() => new()
    {
        Name = Text(), ModuleHash = Text(), ModuleFile = Text(), Group = Text(), Subscriptions = Some(Text), Key = Bool() ? null : new AgentKey(random.NextInt(33)), Config = Bytes(),
        Capabilities = new Capabilities { Publish = Some(Text), Request = Some(Text), Send = Some(Text), Watch = Some(Text), Schedule = Bool(), Spawn = Bool(), Integrate = Some(Text), Subscribe = Some(Text) },
        Limits = new AgentLimits
        {
            MemoryBytes = Long(), TableElements = Long(), Deadline = new TimeSpan(Long()), FuelPerTurn = Long(), EmittedEventsPerTurn = Int(), EmittedBytesPerTurn = Long(),
            PendingTimers = Int(), LogLinesPerTurn = Int(), ChangeBytes = Int(), PendingChanges = Int(),
        },
        Kind = (AgentKind)random.NextInt(4), Wasi = Wasi(), Pool = Bool() ? null : PoolOf(),
        Circuit = Bool() ? null : new CircuitPolicy { FailuresShare = random.NextUnit(), MinAgents = Int(), Window = new TimeSpan(Long()), OpenFor = new TimeSpan(Long()), HalfOpenProbes = Int() },
        PassivateIdleAfter = Bool() ? null : new TimeSpan(Long()), MaxKeys = Int(), SnapshotEveryTurns = Int(), HashEveryTurns = Int(), SnapshotAtMostEvery = new TimeSpan(Long()),
        Health = Bool() ? HealthPolicy.Default : new HealthPolicy
        {
            MaxReasonBytes = Int(), DegradedLag = Bool() ? null : random.NextInt(1_000), OverloadedLag = Bool() ? null : random.NextInt(1_000), DegradedAge = Bool() ? null : TimeSpan.FromTicks(random.NextInt(1_000_000)),
            OverloadedAge = Bool() ? null : TimeSpan.FromTicks(random.NextInt(1_000_000)),
            DegradedFailures = Bool() ? null : random.NextUnit(), MinFailures = Int(), FailureWindow = new TimeSpan(Long()), DegradedQuarantine = Bool() ? null : random.NextInt(1_000),
            DegradedTurnTime = Bool() ? null : random.NextUnit(), DegradedMemory = Bool() ? null : random.NextUnit(), RecoverAt = random.NextUnit(), PublishAtMostEvery = new TimeSpan(Long()),
        },
        Spawn = new SpawnQuota { MaxDepth = Int(), MaxAgents = Int(), MaxMemoryBytes = Bool() ? null : random.NextInt(1_000_000) },
        Apoptosis = new ApoptosisPolicy { IdleAfter = Bool() ? null : TimeSpan.FromTicks(random.NextInt(1_000_000)), Orphaned = Bool(), OverBudget = Bool() },
        SubscribeFrom = Start(), RenamedFrom = Maybe(Text), SnapshotEveryBytes = Long(), SnapshotEvery = Bool() ? null : new TimeSpan(Long()), KeepSnapshots = Int(), KeepOlderSnapshots = Int(),
    };

    private WasiDefinition Wasi() => new()
    {
        Arguments = Some(Text), Environment = Some(() => new WasiVariable(Text(), Text())), InputLoops = Bool(), OutputTopic = Maybe(Text),
        Preopens = Some(() => new WasiPreopen(Text(), Text(), Text())),
        Limits = new WasiProgramLimits { FileBytes = Long(), Nodes = Int(), OpenDescriptors = Int(), PathBytes = Int(), PathDepth = Int(), LineBytes = Int(), WrittenBytesPerTurn = Long() },
    };

    private SupervisionPolicy Policy() => new()
    {
        Strategy = (SupervisionStrategy)random.NextInt(3), Directive = (HealingDirective)random.NextInt(6), OnFailure = Some(() => (HealingDirective)random.NextInt(6)),
        MaxNrOfRetries = random.NextInt(10) - 1, WithinTimeRange = new TimeSpan(Long()), MinBackoff = new TimeSpan(Long()), MaxBackoff = new TimeSpan(Long()),
        RandomFactor = random.NextUnit(), EventRetries = Int(), HostFaultRetries = Int(),
        Rewind = Target(),
    };

    private TurnRecord Turn()
    {
        var turn = new TurnRecord { Agent = Int(), Incarnation = Int(), Input = Long(), Attempt = Bool() ? 1 : Int(), Fuel = Bool() ? 0 : Long() };
        return Bool()
            ? turn with { Fault = new GuestFault((FaultKind)(1 + random.NextInt(10)), Text(), Text(), Some(Text)) }
            : turn with { Digest = random.Next(), Outputs = Int(), Hash = Bool() ? null : Hash() };
    }

    private bool Bool() => random.NextInt(2) == 0;

    private int Int() => random.NextInt(3) switch { 0 => random.NextInt(4), 1 => random.NextInt(1_000), _ => int.MaxValue - random.NextInt(3) };

    private long Long() => random.NextInt(3) switch { 0 => random.NextInt(4), 1 => 1_700_000_000_000_000_000 + random.NextInt(1_000_000), _ => (long)(random.Next() >> 2) };

    private StateHash Hash() => new(new UInt128(random.Next(), random.Next()));

    private byte[] Bytes()
    {
        var bytes = new byte[random.NextInt(4) == 0 ? random.NextInt(300) : random.NextInt(4)];
        random.Fill(bytes);
        return bytes;
    }

    private string Text() => string.Concat(Enumerable.Range(0, random.NextInt(6)).Select(_ => new[] { "a", "quake.", "ü", "地", "🌋", "\0", new string('x', 150) }[random.NextInt(7)]));

    private string? Maybe(Func<string> text) => Bool() ? null : text();

    private ImmutableArray<T> Some<T>(Func<T> one) => [.. Enumerable.Range(0, random.NextInt(4)).Select(_ => one())];
}
