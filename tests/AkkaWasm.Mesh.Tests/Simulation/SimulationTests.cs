using System.Globalization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>
/// The mesh on one thread under faults: a hundred seeds. AKKAWASM_SEED runs one of them; <c>scripts/simulate.sh</c> runs as many as are wanted.
/// </summary>
public sealed class SimulationTests
{
    private const int Seeds = 100;
    private const string SeedVariable = "AKKAWASM_SEED";

    /// <summary>What operators, ladders and circuits have to do often enough.</summary>
    private static readonly string[] Changes =
        ["fork", "agent rewound", "rewind of a ladder", "mesh rewound", "mesh rewound with sources", "circuit Open", "circuit HalfOpen", "circuit Closed", "drain"];

    [Fact]
    public void Whatever_happens_in_whatever_order_the_promises_of_the_mesh_hold()
    {
        var injected = Enum.GetValues<Fault>().Where(f => f is not Fault.None and not Fault.All).ToDictionary(f => f, _ => 0);
        var (deaths, refusals, quarantined, retained) = (0, 0, 0L, 0);
        var changes = new Dictionary<string, int>();
        foreach (var seed in SeedsToRun())
        {
            var trial = Trial.Run(seed);
            if (trial.Failure is not null) Assert.Fail($"{trial}\n  smaller: {trial.Shrink().Command}");
            var (simulator, history) = trial.Ended!.Value;
            deaths += simulator.Deaths;
            refusals += simulator.Refusals;
            quarantined += history.Mesh.Shard.Totals.Quarantined;
            foreach (var change in history.Records.Select(Simulator.ChangeOf).OfType<string>()) changes[change] = changes.GetValueOrDefault(change) + 1;
            changes["drain"] = changes.GetValueOrDefault("drain") + history.Seen.Drains;
            retained += history.Records.OfType<RetentionRecord>().Count();
            foreach (var (fault, times) in history.Seen.Injected) injected[fault] += times;
        }
        if (Environment.GetEnvironmentVariable(SeedVariable) is not null) return;
        Assert.All(injected, fault => Assert.True(fault.Value > Seeds / 10, $"{fault.Key} was injected {fault.Value} times only."));
        Assert.True(deaths > 3 * Seeds && refusals > Seeds / 4 && quarantined > Seeds && retained > Seeds / 8, $"The simulation is too tame: {deaths} deaths, {refusals} refused logs, {quarantined} in quarantine, {retained} later beginnings.");
        Assert.All(Changes, change => Assert.True(changes.GetValueOrDefault(change) > Seeds / 10, $"There is too little of '{change}': {changes.GetValueOrDefault(change)}."));
    }

    [Fact]
    public void A_seed_leads_to_the_same_log_every_time()
    {
        var (one, other) = (new Simulator(7).Run(), new Simulator(7).Run());
        Assert.Equal(one.Mesh.Store.Blocks.Count, other.Mesh.Store.Blocks.Count);
        Assert.All(one.Mesh.Store.Blocks.Zip(other.Mesh.Store.Blocks), pair => Assert.Equal(pair.First, pair.Second));
    }

    [Fact]
    public void A_failure_names_its_seed_its_step_and_a_command_for_a_smaller_one()
    {
        var trial = Enumerable.Range(0, 40).Select(seed => Trial.Run(seed, new SimulationOptions { Sabotage = Sabotage.ForgetsIdempotencyKeys, Steps = 400 })).First(t => t.Failure is not null);
        var smaller = trial.Shrink();
        Assert.NotNull(smaller.Failure);
        Assert.True(smaller.Options.Steps <= 400 && smaller.Options.Without != Fault.None);
        Assert.StartsWith($"Seed {trial.Seed}, step {trial.Step}: ", trial.ToString(), StringComparison.Ordinal);
        Assert.StartsWith($"scripts/simulate.sh {trial.Seed} ", smaller.Command, StringComparison.Ordinal);
        Assert.Contains(" --without ", smaller.Command, StringComparison.Ordinal);
        Assert.EndsWith(" --sabotage ForgetsIdempotencyKeys", smaller.Command, StringComparison.Ordinal);
    }

    private static IEnumerable<long> SeedsToRun() => Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } seed
        ? [long.Parse(seed, CultureInfo.InvariantCulture)]
        : Enumerable.Range(0, Seeds).Select(i => (long)i);
}
