using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Topology;

public sealed class RuleCheckTests
{
    private static readonly RuleDefinition Good = new() { Name = "slow", Of = "one", When = [new RuleLine(RuleSignal.Lag, 100, 50)], Then = [new RuleAction(RuleVerb.Shed) { Keep = 10 }] };

    private static MeshTopology Mesh(params RuleDefinition[] rules) => Of(
        Agent("one", "a") with { Limits = AgentLimits.Default with { Deadline = TimeSpan.FromSeconds(2) } }, Family("many", "b.*", 2, "many"), Agent("crew", "c.>") with { Pool = new PoolPolicy { Size = 1, Max = 3 } }) with { Rules = [.. rules] };

    private static RuleAction Replace(CanaryPolicy? watch = null) => new(RuleVerb.Replace) { Replacement = new RuleReplacement("aa", "other.wasm", watch) };

    public static TheoryData<string, string> Wrong => new()
    {
        { "name", "'a b' cannot name a rule" },
        { "unknown", "There is no agent, family or pool 'nobody'; there are 'one', 'many', 'crew'." },
        { "key of a single agent", "'one' is a single agent and has no keys; write one alone." },
        { "no line", "The rule 'slow' has no line; write one of failure-rate, lag, age, turn-time, memory, quarantine with a value." },
        { "line twice", "The line for lag is there twice." },
        { "line of 0", "The line for lag must be above 0." },
        { "clear above", "lag is crossed at 100 and would be cleared at 101; write more than 0 and at most the line itself." },
        { "share", "1.5 is no share; write more than 0 and at most 1." },
        { "turn-time", "No turn of 'one' takes 3 s, because it is ended after 00:00:02 (limits.deadline); write less." },
        { "times", "for and cool-down must be 0 or more; 0 stands for none." },
        { "per", "The time must be longer than 0." },
        { "at-most", "0 times are no bound; 1 to 1000 are possible." },
        { "nothing", "The rule 'slow' does nothing; write alert if it is only to say so." },
        { "verb twice", "alert is there twice." },
        { "two lives", "An agent cannot get rewind and pause at once; keep one of them." },
        { "rewind", "An agent goes back by 1 turn or more, or to a snapshot from 1 on." },
        { "replace all", "Not all agents can get one module; name the definition that gets it in of." },
        { "watch", "The failure budget of a change must be from 0 to 1000 but is 1001." },
        { "share of a pool", "'crew' is a pool, of which there is no share by keys; leave out share, and it gets the module as a whole." },
        { "share of one", "'one' is one agent, of which there is no share by keys; leave out share, and it gets the module as a whole." },
        { "empty share", "The share of a family's agents that a change is tried on must be from 0.01% to 100%." },
        { "no pool", "'one' is no pool and cannot be replicated; give it pool.size, or leave replicate out." },
        { "by", "The pool 'crew' cannot grow by 4; 1 to 3 are possible (pool.max)." },
        { "keep", "With 100 events waiting nothing is shed if 100 are kept; keep fewer than the line for lag." },
        { "below 0", "-1 events cannot be kept; write 0 or more." },
    };

    private static RuleDefinition Make(string what) => what switch
    {
        "name" => Good with { Name = "a b" },
        "unknown" => Good with { Of = "nobody/*" },
        "key of a single agent" => Good with { Of = "one/7" },
        "no line" => Good with { When = [] },
        "line twice" => Good with { When = [.. Good.When, .. Good.When] },
        "line of 0" => Good with { When = [new RuleLine(RuleSignal.Lag, 0, 0)] },
        "clear above" => Good with { When = [new RuleLine(RuleSignal.Lag, 100, 101)] },
        "share" => Good with { When = [new RuleLine(RuleSignal.FailureRate, 1.5, 1)] },
        "turn-time" => Good with { When = [new RuleLine(RuleSignal.TurnTime, 3e9, 1e9)] },
        "times" => Good with { For = TimeSpan.FromSeconds(-1) },
        "per" => Good with { Per = TimeSpan.Zero },
        "at-most" => Good with { AtMost = 0 },
        "nothing" => Good with { Then = [] },
        "verb twice" => Good with { Then = [new RuleAction(RuleVerb.Alert), new RuleAction(RuleVerb.Alert)] },
        "two lives" => Good with { Then = [new RuleAction(RuleVerb.Rewind) { Rewind = RewindTarget.Default }, new RuleAction(RuleVerb.Pause)] },
        "rewind" => Good with { Then = [new RuleAction(RuleVerb.Rewind) { Rewind = new RewindTarget { Turns = 0 } }] },
        "replace all" => Good with { Of = "*", Then = [Replace()] },
        "watch" => Good with { Then = [Replace(new CanaryPolicy { MaxFailures = 1_001 })] },
        "share of a pool" => Good with { Of = "crew", Then = [Replace(new CanaryPolicy { ShareBasisPoints = 1 })] },
        "share of one" => Good with { Then = [Replace(new CanaryPolicy { ShareBasisPoints = 9_999 })] },
        "empty share" => Good with { Of = "many", Then = [Replace(new CanaryPolicy { ShareBasisPoints = 0 })] },
        "no pool" => Good with { Then = [new RuleAction(RuleVerb.Replicate)] },
        "by" => Good with { Of = "crew/*", Then = [new RuleAction(RuleVerb.Replicate) { By = 4 }] },
        "keep" => Good with { Then = [new RuleAction(RuleVerb.Shed) { Keep = 100 }] },
        _ => Good with { Then = [new RuleAction(RuleVerb.Shed) { Keep = -1 }] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_rule_that_cannot_be_is_refused_with_one_sentence(string what, string says)
    {
        var problem = Assert.Single(TopologyCheck.Check(Mesh(Make(what))));
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
        Assert.StartsWith("rules.", problem.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_that_can_be_are_taken_and_names_are_theirs_alone()
    {
        var grow = new RuleAction(RuleVerb.Replicate) { By = 3 };
        var (share, whole) = (Replace(new CanaryPolicy { ShareBasisPoints = 1 }), Replace(new CanaryPolicy()));
        RuleDefinition[] rules =
        [
            Good, Good with { Name = "b", Of = "many/7", Then = [share] }, Good with { Name = "c", Of = "crew", Then = [grow] }, Good with { Name = "d", Of = "*" }, Good with { Name = "e", Of = "crew", Then = [whole] },
        ];
        Assert.Empty(TopologyCheck.Check(Mesh(rules)));
        Assert.Equal("The rule 'slow' is defined twice.", Assert.Single(TopologyCheck.Check(Mesh(Good, Good))).Message);
        Assert.Equal(["many=aa", "crew=aa"], Mesh(rules).Versions.Skip(3).Select(a => $"{a.Name}={a.ModuleHash}"));
    }

    [Fact]
    public void A_plan_says_that_the_state_of_a_definition_cannot_get_to_the_module_that_a_rule_would_give_it()
    {
        var rule = Good with { Then = [Replace()] };
        var guests = new ModulesByHash { ["aa"] = new GuestTraits { Layout = 2 } };
        const string Sentence = "The rule 'slow' could not replace 'one' by other.wasm, because its state cannot be moved there, not by layout: mesh_layout is 1 in the old module and 2 in the new one; "
            + "not by migrate: the new module exports no mesh_migrate; not by save: the old module exports no mesh_save; not by replay: the log begins later; name another module.";
        Assert.Equal(("rules.slow.then", Sentence), Problem(Plan(null, Mesh(rule), guests)));
        Assert.Equal("The rule 'slow' could not replace 'one' by other.wasm, because its state cannot be moved there, there is no module bb; name another module.",
            Problem(Plan(Mesh(), Mesh(rule with { Then = [new RuleAction(RuleVerb.Replace) { Replacement = new RuleReplacement("bb", "other.wasm", null) }] }), guests)).Message);
        Assert.True(Plan(Mesh(), Mesh(rule), guests, whyNotReplayed: null).IsPossible);
        guests["aa"] = new GuestTraits { Layout = 1 };
        Assert.True(Plan(Mesh(), Mesh(rule), guests).IsPossible);
    }

    [Fact]
    public void A_rule_that_was_taken_stands_in_the_way_of_no_other_change()
    {
        var (rule, guests) = (Good with { Then = [Replace()] }, new ModulesByHash { ["aa"] = new GuestTraits { Layout = 2 } });
        var changed = Mesh(rule) with { Agents = Mesh().Agents.SetItem(0, Mesh().Agents[0] with { SnapshotEveryTurns = 7 }) };
        Assert.True(Plan(Mesh(rule), Mesh(rule, Good with { Name = "other" }), guests).IsPossible);
        Assert.False(Plan(Mesh(rule), changed, guests).IsPossible);
        Assert.True(Plan(Mesh(rule), changed, guests, goBack: ["one"]).IsPossible);
    }

    private static TopologyPlan Plan(MeshTopology? before, MeshTopology after, IGuestFactory guests, string? whyNotReplayed = "the log begins later", string[]? goBack = null) =>
        TopologyPlan.Make(before, MeshOccupants.None, after, new MoveChooser(guests, new Dictionary<string, MoveRequest>(), (_, _) => whyNotReplayed), goBack);

    private static (string Path, string Message) Problem(TopologyPlan plan) => Assert.Single(plan.Problems) is var problem ? (problem.Path, problem.Message) : default;

    /// <summary>What modules say of themselves; those of agents lay out their state as 1.</summary>
    private sealed class ModulesByHash : Dictionary<string, GuestTraits>, IGuestFactory
    {
        public IGuest Create(AgentDefinition definition) => throw new NotSupportedException();

        public GuestTraits TraitsOf(AgentDefinition definition) => TryGetValue(definition.ModuleHash, out var traits) ? traits
            : definition.ModuleFile == "other.wasm" ? throw new GuestRefusedException($"there is no module {definition.ModuleHash}") : new GuestTraits { Layout = 1 };
    }

    [Fact]
    public void A_plan_says_which_rules_come_change_and_go()
    {
        var before = Mesh(Good, Good with { Name = "old" });
        var after = Mesh(Good with { IsDryRun = true, Then = [new RuleAction(RuleVerb.Shed) { Keep = 20 }] }, Good with { Name = "new" });
        var plan = TopologyPlan.Make(before, MeshOccupants.None, after);
        Assert.Equal("1 rule defined, 1 rule changed, 1 rule removed", plan.Summary);
        Assert.Equal(["then: [shed all but 10] → [shed all but 20]", "dry-run: false → true"], plan.Steps[0].Fields.Select(f => $"{f.Field}: {f.From} → {f.To}"));
        Assert.Equal(["rules.slow", "rules.new", "rules.old"], plan.Steps.Select(s => s.Path));
        Assert.Equal(after.Rules, plan.Delta.On(before).Rules);
        Assert.True(TopologyPlan.Make(after, MeshOccupants.None, after).Delta.IsEmpty);
    }
}
