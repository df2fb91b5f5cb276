using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>A history is tampered with as a broken shard might have written it: the checker whose promise it breaks says so.</summary>
public sealed class ForgeryTests
{
    /// <summary>What a broken shard could have written instead, and which checker has to notice.</summary>
    public static TheoryData<string, string, Action<List<LogRecord>>> Forgeries => new()
    {
        { "an acknowledged event is lost", nameof(AcknowledgementChecker), records => records.RemoveAll(r => r is EventRecord { Event.Id: "e1" }) },
        { "an event that was shown is another", nameof(VisibilityChecker), records => Change<EventRecord>(records, r => r.Event.Id == "e1", r => new EventRecord(r.Event with { Topic = "other" }) { Offset = r.Offset }) },
        { "an event is there twice", nameof(IdentityChecker), records => records.Add(records.Last(r => r is EventRecord { Event.Origin: EventOrigin.Emitted })) },
        { "an item of a source is lost", nameof(SourceChecker), records => records.RemoveAll(r => r is EventRecord { Event.Id: "/source0-7" }) },
        { "an agent skips an event", nameof(DeliveryChecker), records => records.RemoveAt(records.FindLastIndex(r => r is TurnRecord { Fault: null })) },
        { "an agent handles an event twice", nameof(DeliveryChecker), records => records.Add(records.Last(r => r is TurnRecord { Fault: null })) },
        { "two turns change places", nameof(DeliveryChecker), SwapTurns },
        { "an effect is lost", nameof(EffectChecker), records => records.RemoveAt(records.FindIndex(r => r is EventRecord { Event.Origin: EventOrigin.Emitted })) },
        { "an effect happens twice", nameof(EffectChecker), records => records.Add(records.Last(r => r is EventRecord { Event.Origin: EventOrigin.Emitted })) },
        { "a failed turn leaves an effect", nameof(EffectChecker), records => Change<TurnRecord>(records, t => (t.Agent, t.Input) == FirstCause(records), t => t with { Fault = TestGuests.Trap(), Offset = t.Offset }) },
        { "the outputs of a turn were others", nameof(StateChecker), records => Change<TurnRecord>(records, t => t is { Fault: null, Agent: 1 }, t => t with { Digest = t.Digest + 1, Offset = t.Offset }) },
        { "a state was another", nameof(StateChecker), records => Change<TurnRecord>(records, t => t is { Hash: not null, Agent: < 10, Incarnation: 1 }, t => t with { Hash = new StateHash(1), Offset = t.Offset }) },
        { "a poisonous event is not put aside", nameof(DeadLetterChecker), records => Change<HealingRecord>(records, r => r.Quarantine, r => r with { Quarantine = false, Offset = r.Offset }) },
        { "an event is put aside without a dead letter", nameof(DeadLetterChecker), records => records.RemoveAll(r => r is EventRecord { Event.Origin: EventOrigin.DeadLetter }) },
        { "a budget is overdrawn", nameof(BudgetChecker), records => records.AddRange(Enumerable.Repeat(records.OfType<HealingRecord>().First(r => r.Directive == HealingDirective.Restart), 30)) },
        { "a failure is answered by another group", nameof(GroupChecker), records => Change<HealingRecord>(records, _ => true, r => r with { Group = "elsewhere", Offset = r.Offset }) },
        { "a timer fires twice", nameof(TimerChecker), records => records.Add(records.First(r => r is EventRecord { Event.Origin: EventOrigin.Timer })) },
        { "a timer fires that was not set", nameof(TimerChecker), records => records.RemoveAt(records.FindIndex(r => r is TimerRecord t && HasFired(records, t))) },
        { "a timer fires too early", nameof(TimerChecker), records => Change<TimerRecord>(records, t => HasFired(records, t), t => t with { DueNs = long.MaxValue, Offset = t.Offset }) },
        { "an agent goes back further than was asked", nameof(LineageChecker), records => Change<LineageRecord>(records, l => l.Turns.Length > 1, l => l with { Turns = l.Turns[..^1], Offset = l.Offset }) },
        { "a circuit opens without reason", nameof(CircuitChecker), records => records.Add(new CircuitRecord("monitors", CircuitState.Open, 1) { Offset = records.Count }) },
        { "the mesh goes back though nobody asked", nameof(OperatorChecker), records => records.Add(new MeshRewindRecord { To = 1, Offset = records.Count }) },
        { "an agent that is defined no more goes on", nameof(TopologyChecker), records => records.Insert(records.FindIndex(r => r is TurnRecord), new TopologyChangeRecord(new TopologyDelta { Removed = ["ingest"] }, 0, TopologyAuthor.Operator, "", "")) },
        { "an agent that is defined does not come to be", nameof(TopologyChecker), records => records.Add(new TopologyChangeRecord(new TopologyDelta { Put = [Topologies.Agent("never", "x")] }, 0, TopologyAuthor.Operator, "", "")) },
        { "an agent keeps its name though its definition gets another", nameof(RenameChecker), records => records.Add(new TopologyChangeRecord(new TopologyDelta { Renamed = [new AgentRename("histogram", "other")] }, 0, TopologyAuthor.Operator, "", "")) },
        { "an agent has another name all at once", nameof(RenameChecker), records => Change<AgentRecord>(records, r => r.Change == AgentChange.Stopped, r => r with { Name = "other", Offset = r.Offset }) },
        { "what a guest says of its health is lost", nameof(HealthChecker), records => records.RemoveAt(records.FindIndex(r => r is HealthRecord { Signal: HealthSignal.Guest })) },
        { "a health that is recorded is not published", nameof(HealthChecker), records => records.RemoveAt(records.FindLastIndex(r => r is EventRecord { Event: var e } && e.Topic.StartsWith("mesh.health.", StringComparison.Ordinal))) },
        { "an agent ends by itself that has something to do", nameof(SpawnChecker), records => records.Insert(records.FindIndex(r => r is TurnRecord) + 1, new RetirementRecord(0, RetirementReason.Orphaned)) },
        { "a changed definition is set back without reason", nameof(CanaryChecker), records => records.Add(new CanaryRecord(CanaryStep.RolledBack, "histogram") { Offset = records.Count }) },
        { "a crash happens that nobody asked for", nameof(CrashChecker), records => records.AddRange(Enumerable.Repeat(Crash, 2)) },
        { "timers fire in another order", nameof(TimerChecker), records => records.Insert(0, new TimerRecord(1, 0, 0, 0, 0, "early", default, IsTimeout: false) { Offset = 0 }) },
    };

    private static TurnRecord Crash => new() { Agent = 1, Incarnation = 1, Input = 1, Attempt = 1, Fault = new GuestFault(FaultKind.Operating, GuestFault.Simulated, "") };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_forged_history_is_noticed_by_the_checker_for_it(string what, string checker, Action<List<LogRecord>> forge)
    {
        var judge = Checker.All.Single(c => c.GetType().Name == checker);
        var history = Enumerable.Range(0, 50).Select(seed => new Simulator(seed, new SimulationOptions { Steps = 600 }).Run()).First(HasEnoughToForge);
        judge.Check(history);
        forge(history.Records);
        Assert.True(Record.Exception(() => judge.Check(history)) is SimulationException, $"Nobody noticed that {what}.");
    }

    [Fact]
    public void Every_checker_has_something_that_it_notices()
    {
        HashSet<string> elsewhere = [nameof(IdempotencyChecker), nameof(PoolChecker), nameof(IntegrationChecker), nameof(RuleChecker), nameof(VersionChecker), nameof(PastChecker), nameof(RestChecker), nameof(RecoveryChecker)]; // by sabotage
        var forged = Forgeries.Select(row => (string)row[1]).ToHashSet();
        Assert.Equal(Checker.All.Select(c => c.GetType().Name).Order(), forged.Concat(elsewhere).Order());
    }

    [Fact]
    public void A_mesh_that_does_not_rest_and_a_taken_conflict_and_a_state_that_differs_are_noticed()
    {
        var history = new Simulator(3).Run();
        history.Seen.ConflictsTaken.Add("e1");
        Assert.Throws<SimulationException>(() => new IdempotencyChecker().Check(history));
        var state = history.Mesh.Store.States[0].State;
        history.Mesh.Store.States[0] = (history.Mesh.Store.States[0].Blocks - 1, state);
        Assert.ThrowsAny<Exception>(() => new RecoveryChecker().Check(history));
        var agent = history.Mesh.Shard.Agents.First(a => a.State == AgentState.Running).Name;
        history.Mesh.Shard.Pause(agent, history.Mesh.NowNs);
        Assert.Throws<SimulationException>(() => new RestChecker().Check(history));
    }

    private static bool HasEnoughToForge(History history) =>
        history.Topology.Groups[0].Supervision.MaxNrOfRetries == 20 && history.Topology.Agents.Any(a => a.Circuit is not null)
        && history.Records.OfType<LineageRecord>().Any(l => l.Turns.Length > 1) && history.Mesh.Shard.Totals.Quarantined > 2;

    private static (int Agent, long Input) FirstCause(List<LogRecord> records) =>
        records.OfType<EventRecord>().Where(r => r.Event.Origin == EventOrigin.Emitted).Select(r => (r.Event.Agent, r.Event.Cause)).First();

    private static bool HasFired(List<LogRecord> records, TimerRecord timer) => records.Exists(r => r is EventRecord { Event: { Origin: EventOrigin.Timer } e } && e.Correlation == timer.Timer);

    private static void SwapTurns(List<LogRecord> records)
    {
        for (var i = 0; i < records.Count; i++)
        {
            if (records[i] is not TurnRecord { Fault: null } first) continue;
            var j = records.FindIndex(i + 1, r => r is TurnRecord { Fault: null } second && second.Agent == first.Agent && second.Input != first.Input);
            if (j < 0) continue;
            (records[i], records[j]) = (records[j], records[i]);
            return;
        }
    }

    private static void Change<T>(List<LogRecord> records, Predicate<T> which, Func<T, T> change) where T : LogRecord
    {
        var index = records.FindIndex(r => r is T record && which(record));
        records[index] = change((T)records[index]);
    }
}
