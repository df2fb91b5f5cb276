using System.Globalization;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Tests.Simulation;

/// <summary>The mesh heals itself by rules under faults. AKKAWASM_SEED runs one seed; <c>scripts/simulate.sh SEED COUNT --rules</c> as many as are wanted.</summary>
public sealed class RuleSimulationTests
{
    private const int Seeds = 8;

    [Fact]
    public void While_rules_act_the_promises_of_the_mesh_hold()
    {
        var (verbs, steps) = (new Dictionary<RuleVerb, int>(), new Dictionary<RuleStep, int>());
        var only = Environment.GetEnvironmentVariable("AKKAWASM_SEED");
        foreach (var seed in only is null ? Enumerable.Range(0, Seeds).Select(i => (long)i) : [long.Parse(only, CultureInfo.InvariantCulture)])
        {
            var trial = Trial.Run(seed, new SimulationOptions { Rules = true, Pools = seed % 2 == 0, Replaces = seed % 4 != 2, Changes = seed % 4 == 3, Steps = 1_000 });
            if (trial.Failure is not null) Assert.Fail($"{trial}");
            foreach (var rule in trial.Ended!.Value.History.Records.OfType<RuleRecord>())
            {
                steps[rule.Step] = steps.GetValueOrDefault(rule.Step) + 1;
                if (rule.Step != RuleStep.Acted) continue;
                foreach (var verb in rule.Verbs) verbs[verb] = verbs.GetValueOrDefault(verb) + 1;
            }
        }
        if (only is not null) return;
        Assert.All(RuleWords.AllVerbs, verb => Assert.True(verbs.GetValueOrDefault(verb) >= Seeds / 4, $"Rules came to {RuleWords.Of(verb)} {verbs.GetValueOrDefault(verb)} times."));
        Assert.All(Enum.GetValues<RuleStep>().Where(s => s != RuleStep.Failed), step => Assert.True(steps.GetValueOrDefault(step) >= Seeds / 4, $"Rules came to {step} {steps.GetValueOrDefault(step)} times."));
    }
}
