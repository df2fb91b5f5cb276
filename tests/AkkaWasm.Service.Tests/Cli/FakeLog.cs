using System.Collections.Immutable;
using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Service.Tests.Cli;

/// <summary>A log that says what a test wants.</summary>
internal sealed class FakeLog : IOfflineLog
{
    public IReadOnlyList<LogEntry> Entries { get; } = MakeEntries();

    public Exception? Failure { get; set; }

    public LogVerification Verification { get; set; } = new(1, 2, null, []);

    public ReplayDivergence? Divergence { get; set; }

    public (string Agent, long? To, bool Verify) Replayed { get; private set; }

    public LogStatistics Statistics { get; set; } = new();

    public LogStatistics Count(CancellationToken cancellation = default) => Failure is null ? Statistics : throw Failure;

    public LogVerification Verify(CancellationToken cancellation = default) => Verification;

    public IEnumerable<LogEntry> Records(long from = 0, long to = long.MaxValue) =>
        Failure is null ? Entries.Where(entry => entry.Position.Offset >= from && entry.Position.Offset <= to) : throw Failure;

    public ReplayReport? ReplayAgent(string agent, long? to = null, bool verify = true, CancellationToken cancellation = default)
    {
        Replayed = (agent, to, verify);
        return agent == "a" ? new ReplayReport("a", 1, 7, 1, 2, 4, new StateHash(5), Divergence, [new SkippedTurn(3, "It failed.")]) : null;
    }

    public LoggedTopology[] TopologiesThere { get; set; } = [];

    public IEnumerable<LoggedTopology> Topologies(CancellationToken cancellation = default) => TopologiesThere;

    public LoggedTopology TopologyAt(long? position = null, CancellationToken cancellation = default) => TopologiesThere.LastOrDefault(t => position is null || t.At.Offset <= position)
        ?? throw new MeshNodeException(NodeFailure.Configuration, $"At offset {position} the mesh had no topology yet.");

    public StrayAgent[] StraysThere { get; set; } = [];

    public ImmutableArray<StrayAgent> StraysAt(long? position = null, CancellationToken cancellation = default) => [.. StraysThere.Where(stray => position is null || stray.Since.Offset <= position)];

    public AgentMoment? Moment { get; set; }

    public ReplayStep[] StepsThere { get; set; } = [];

    public MomentComparison? Comparison { get; set; }

    public TrialReport? Trial { get; set; }

    public MeshMoment[] Cuts { get; set; } = [];

    public CauseReport? Causes { get; set; }

    /// <summary>What was asked last, in words.</summary>
    public string Asked { get; private set; } = "";

    public AgentMoment? AgentAt(string agent, long? at = null, CancellationToken cancellation = default) => Answer($"{agent} at {at}", Moment, agent);

    public IEnumerable<ReplayStep>? Steps(string agent, long from = 0, long to = long.MaxValue, int maxDetails = 64, CancellationToken cancellation = default) =>
        Answer($"{agent} from {from} to {to}", StepsThere.Where(s => s.Input.Position.Offset >= from && s.Input.Position.Offset <= to), agent);

    public MomentComparison? Compare(string agent, long first, long second, int maxDetails = 64, CancellationToken cancellation = default) => Answer($"{agent} {first} {second}", Comparison, agent);

    public TrialReport? Try(string agent, TrialVersion version, CancellationToken cancellation = default) =>
        Answer($"{agent} module {version.Module?.Length} config {version.Config?.Length}", Trial, agent);

    public TopologyTrial? TopologyTrial { get; set; }

    public (TopologyTarget Target, TrialScope Scope)? Tried { get; private set; }

    public TopologyTrial TryTopology(TopologyTarget target, TrialScope scope, CancellationToken cancellation = default)
    {
        Tried = (target, scope);
        return Failure is null ? TopologyTrial! : throw Failure;
    }

    public IReadOnlyList<ReplayReport> ReplayAll(int parallel = 0, CancellationToken cancellation = default) => [ReplayAgent("a")!, ReplayAgent("a")! with { Agent = "b" }];

    public MeshMoment MeshAt(long? cut = null, bool hashes = true, int parallel = 0, CancellationToken cancellation = default)
    {
        Asked += $"mesh at {cut}, hashes {hashes};";
        if (Failure is not null) throw Failure;
        return Cuts[cut is null ? 0 : (int)cut.Value];
    }

    public CauseReport? Why(long position, bool forward = false, int maxDepth = 16, int maxEffects = 200, CancellationToken cancellation = default)
    {
        Asked = $"why {position}, forward {forward}, {maxDepth}, {maxEffects}";
        if (Failure is not null) throw Failure;
        return Causes;
    }

    public void Dispose()
    {
    }

    private T? Answer<T>(string asked, T? answer, string agent) where T : class
    {
        Asked = asked;
        if (Failure is not null) throw Failure;
        return agent == "a" ? answer : null;
    }

    private static LogEntry[] MakeEntries()
    {
        var quake = new MeshEvent { Topic = "quake.x", Id = "1", Source = "/s", Data = Encoding.UTF8.GetBytes("{\"n\":1}") };
        (LogRecord Record, string? Agent)[] records =
        [
            (new EpochRecord(1, 0, "test"), null),
            (new TopologyRecord(new MeshTopology("m", SupervisionPolicy.Default, [], [])), null),
            (new EventRecord(quake), null),
            (new TurnRecord { Agent = 0, Incarnation = 1, Input = 2, Attempt = 2, Fault = new GuestFault(FaultKind.Trap, "unreachable", "It trapped.") }, "a"),
            (new AgentRecord(1, AgentChange.Born, "b", "b", null, 1), "b"),
            (new HealingRecord(0, 2, HealingDirective.Resume, "g", 0, [0], true, 0, 0, 0), "a"),
            (new HealedRecord(1), "b"),
            (new TimerRecord(9, 1, 0, 2, 1, "t", default, false), "b"),
            (new TimerCancelledRecord(9, 1), "b"),
            (new CursorRecord("week", default), null),
            (new ImageRecord(1, 1, 2, new StateHash(1)), "b"),
            (new QuarantineRecord(1, 2, true), "b"),
            (new WatchRecord(1, "c"), "b"),
            (new MeshRewindRecord { To = 2 }, null),
            (new AgentPauseRecord(1, true), "b"),
            (new HealthRecord(1, HealthSignal.Guest, AgentHealthLevel.Degraded, "slow", 1_000_000_000), "b"),
            (new RetirementRecord(1, RetirementReason.Idle), "b"),
            (new PoolRecord("crew", [1, 2, 1, 2], PoolCause.Lag, "20 events wait", 1_000_000_000), null),
            (new RuleRecord(RuleStep.Acted, "slow", 1, [new RuleValue(RuleSignal.Lag, 7, 5)], "shed all but 2 (5 events)", 1_000_000_000), "b"),
            (new GroupPauseRecord("g", true), null),
            (new AgentDrainRecord { Definitions = ["b"], DeadlineNs = 1_000_000_000, Author = TopologyAuthor.Operator, Reason = "old" }, null),
            (new CircuitRecord("b", CircuitState.Open, 1_000_000_000), null),
            (new TopologyChangeRecord(new TopologyDelta { Removed = ["c"] }, 0, TopologyAuthor.Operator, "too many", "1 agent stopped"), null),
            (new CanaryRecord(CanaryStep.RolledBack, "c"), null),
            (new LineageRecord { Agent = 1, Turns = [new LineageTurn(1, 1, 2, 3)] }, "b"),
            (new PastRecord("b", 5, [new PastDelivery(1, [2, 4])]), null),
            (new AgentVersionRecord(1, AgentVersionStep.Refused, null), "b"),
            (new ChangeAskedRecord { Agent = 1, Incarnation = 1, Input = 2, Correlation = 9, Text = "{}"u8.ToArray() }, "b"),
            (new ChangeAnsweredRecord(24), null),
            (new RetentionRecord(new LogBeginning(5, 1_000_000_000, 2, 7), 2), null),
            (new CrashAskedRecord(1), "b"),
        ];
        return [.. records.Select((r, i) => new LogEntry(new Position(0, 1, i), r.Record, r.Record is EventRecord ? "1" : null, r.Record is EventRecord ? "/s" : null, r.Agent))];
    }
}
