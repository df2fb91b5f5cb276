using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Tests.Simulation;

public sealed class SimulationTests
{
    private const int Seeds = 200;
    private const string SeedVariable = "AKKAWASM_SEED";

    [Fact]
    public void Whatever_happens_in_whatever_order_the_promises_of_the_mesh_hold()
    {
        var (deaths, failures, quarantined) = (0, 0L, 0L);
        foreach (var seed in SeedsToRun())
        {
            var simulator = new Simulator(seed);
            try
            {
                var history = simulator.Run();
                AllCheckers.CheckAll(history);
                deaths += simulator.Deaths;
                failures += history.Turns.Count(t => t.Fault is not null);
                quarantined += history.Mesh.Shard.Totals.Quarantined;
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}: {e.Message}\nRun it alone: {SeedVariable}={seed} dotnet test tests/AkkaWasm.Mesh.Tests --filter {nameof(SimulationTests)}\n{e}");
            }
        }
        if (Environment.GetEnvironmentVariable(SeedVariable) is not null) return;
        Assert.True(deaths > Seeds && failures > 10 * Seeds && quarantined > Seeds, $"The simulation is too tame: {deaths} deaths, {failures} failures, {quarantined} in quarantine.");
    }

    [Fact]
    public void A_seed_leads_to_the_same_log_every_time()
    {
        var (one, other) = (new Simulator(7).Run(), new Simulator(7).Run());
        Assert.Equal(one.Mesh.Store.Blocks.Count, other.Mesh.Store.Blocks.Count);
        Assert.All(one.Mesh.Store.Blocks.Zip(other.Mesh.Store.Blocks), pair => Assert.Equal(pair.First, pair.Second));
    }

    [Theory]
    [InlineData(nameof(Sabotage.LosesACommittedBlock))]
    [InlineData(nameof(Sabotage.AcknowledgesBeforeTheCommit))]
    [InlineData(nameof(Sabotage.DeliversOutOfOrder))]
    [InlineData(nameof(Sabotage.RunsCancelledTimers))]
    public void A_mesh_that_is_driven_wrongly_is_caught(string sabotage)
    {
        var caught = Enumerable.Range(0, 20).Count(seed => Record.Exception(() => AllCheckers.CheckAll(new Simulator(seed, Enum.Parse<Sabotage>(sabotage)).Run())) is not null);
        Assert.InRange(caught, 1, 20);
    }

    /// <summary>What a broken shard could have written instead, and which checker has to notice.</summary>
    public static TheoryData<string, int, Action<List<LogRecord>>> Forgeries => new()
    {
        { "an acknowledged event is lost", 0, records => records.RemoveAll(r => r is EventRecord { Event.Id: "e1" }) },
        { "an event is there twice", 1, records => records.Add(records.Last(r => r is EventRecord { Event.Origin: EventOrigin.Emitted })) },
        { "an agent skips an event", 2, records => records.RemoveAt(records.FindLastIndex(r => r is TurnRecord { Fault: null })) },
        { "an agent handles an event twice", 2, records => records.Add(records.Last(r => r is TurnRecord { Fault: null })) },
        { "two turns change places", 2, SwapTurns },
        {
            "the outputs of a turn were others", 3,
            records => Change<TurnRecord>(records, t => t is { Fault: null, Incarnation: 1, Agent: 1 }, t => t with { Digest = t.Digest + 1, Offset = t.Offset })
        },
        { "a state was another", 3, records => Change<TurnRecord>(records, t => t is { Hash: not null, Agent: 1 }, t => t with { Hash = new StateHash(1), Offset = t.Offset }) },
        { "a poisonous event is not put aside", 4, records => Change<HealingRecord>(records, r => r.Quarantine, r => r with { Quarantine = false, Offset = r.Offset }) },
        { "an event is put aside without a dead letter", 4, records => records.RemoveAll(r => r is EventRecord { Event.Origin: EventOrigin.DeadLetter }) },
        { "a budget is overdrawn", 5, records => records.AddRange(Enumerable.Repeat(records.OfType<HealingRecord>().First(r => r.Directive == HealingDirective.Restart), 30)) },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_forged_history_is_noticed_by_the_checker_for_it(string what, int checker, Action<List<LogRecord>> forge)
    {
        var history = Enumerable.Range(0, 50).Select(seed => new Simulator(seed).Run()).First(h => h.Topology.Groups[0].Supervision.MaxNrOfRetries == 20 && h.Mesh.Shard.Totals.Quarantined > 2);
        AllCheckers.All[checker].Check(history);
        forge(history.Records);
        Assert.True(Record.Exception(() => AllCheckers.All[checker].Check(history)) is SimulationException, $"Nobody noticed that {what}.");
    }

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

    private static IEnumerable<long> SeedsToRun() => Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } seed
        ? [long.Parse(seed, CultureInfo.InvariantCulture)]
        : Enumerable.Range(0, Seeds).Select(i => (long)i);
}
