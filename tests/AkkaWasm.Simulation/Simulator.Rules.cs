using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <content>The mesh heals itself by rules, under everything else. Lines are low and times short, so that they act often.</content>
internal sealed partial class Simulator
{
    /// <summary>In how many steps a rule says something else once, where topologies change.</summary>
    private const int StepsPerRuleChange = 100;

    private static MeshTopology WithRules(MeshTopology topology, SimulationOptions options, Dice dice)
    {
        var replaced = dice.OneIn(3) ? dice.Of(topology.Agents.Where(a => !a.IsSingle).ToArray()).Name : dice.Of(["histogram", "archive", "ingest"]);
        var definition = topology.Agents.First(a => a.Name == replaced);
        var watch = dice.OneIn(2) ? null : new CanaryPolicy { Watch = TimeSpan.FromSeconds(1 + dice.Next(60)), MaxFailures = dice.Next(3), Inputs = (RewindInputs)dice.Next(3) };
        if (watch is not null && definition.Key is not null) watch = watch with { ShareBasisPoints = 1_000 * (1 + dice.Next(10)) };
        var back = new RewindTarget { PreviousVersion = options.Replaces && dice.OneIn(3), Turns = 1 + dice.Next(4), Snapshots = dice.OneIn(3) ? 1 : 0, Inputs = (RewindInputs)dice.Next(3) };
        List<RuleDefinition> rules =
        [
            Rule("goes-back", "*", RuleSignal.FailureRate, 0.15, dice, new RuleAction(RuleVerb.Rewind) { Rewind = back }),
            Rule("sheds", "*", RuleSignal.Lag, 4, dice, new RuleAction(RuleVerb.Shed) { Keep = dice.Next(3) }),
            Rule("waits", dice.Of(["copy", "inside"]), RuleSignal.Lag, 2, dice, new RuleAction(RuleVerb.Pause)) with { AtMost = 1 },
            Rule("begins-again", "archive", RuleSignal.TurnTime, 0.4 * TestMesh.Second, dice, new RuleAction(RuleVerb.Restart), new RuleAction(RuleVerb.Alert)),
            Rule("tells", "monitors/*", RuleSignal.Age, TestMesh.Second, dice, new RuleAction(RuleVerb.Alert)),
            Rule("only-says", "*", RuleSignal.Lag, 3, dice, new RuleAction(RuleVerb.Shed), new RuleAction(RuleVerb.Pause)) with { IsDryRun = true },
        ];
        if (options.Pools) rules.Add(Rule("grows", PoolName, RuleSignal.Lag, 1, dice, new RuleAction(RuleVerb.Replicate)));
        if (options.Replaces)
            rules.Add(Rule("replaces", replaced, RuleSignal.Lag, 1, dice, new RuleAction(RuleVerb.Replace) { Replacement = new RuleReplacement($"{definition.ModuleHash}#by-rule{(dice.OneIn(2) ? "!" : "")}", "by-rule.wasm", watch) }));
        return topology with { Rules = [.. rules] };
    }

    private static RuleDefinition Rule(string name, string of, RuleSignal signal, double above, Dice dice, params RuleAction[] then) => new()
    {
        Name = name, Of = of, When = [new RuleLine(signal, above, Math.Max(above * 0.5, signal == RuleSignal.FailureRate ? 0.05 : 1))], For = TimeSpan.FromMilliseconds(300 * dice.Next(4)),
        CoolDown = TimeSpan.FromSeconds(1 + dice.Next(3)), AtMost = 1 + dice.Next(4), Per = TimeSpan.FromSeconds(10 + dice.Next(30)), Then = [.. then],
    };

    /// <summary>A rule is told only to say what it would do, or to act, or waits longer: what it did before counts no more.</summary>
    private void ChangeRules()
    {
        if (!options.Rules || !options.Changes || !mesh!.IsReady || mesh.IsDraining || mesh.IsReplacing || !dice.OneIn(StepsPerRuleChange)) return;
        var running = mesh.Shard.Topology!;
        var which = dice.Next(running.Rules.Length);
        var rule = running.Rules[which];
        var other = dice.OneIn(2) ? rule with { IsDryRun = !rule.IsDryRun } : rule with { CoolDown = TimeSpan.FromSeconds(dice.Next(5)) };
        mesh.Apply(running with { Rules = running.Rules.SetItem(which, other) });
    }

    /// <summary>What a mesh is opened with whose rules are not those that were asked for.</summary>
    private static ImmutableArray<RuleDefinition> Falsified(MeshTopology topology, Func<RuleDefinition, RuleDefinition> change) => [.. topology.Rules.Select(change)];
}
