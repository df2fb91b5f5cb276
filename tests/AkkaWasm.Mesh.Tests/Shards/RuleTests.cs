using System.Text.Json;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Rules of the topology that heal the mesh by themselves.</summary>
public sealed class RuleTests
{
    private static readonly TimeSpan Seconds5 = TimeSpan.FromSeconds(5);

    internal static RuleDefinition Rule(RuleSignal signal, double above, params RuleAction[] then) => new()
    {
        Name = "rule", Of = "one", When = [new RuleLine(signal, above, above * 0.5)], For = TimeSpan.FromSeconds(2), CoolDown = TimeSpan.FromSeconds(10), AtMost = 2, Per = TimeSpan.FromMinutes(1), Then = [.. then],
    };

    private static RuleAction Shed(int keep) => new(RuleVerb.Shed) { Keep = keep };

    private static RuleAction Rewind(RewindInputs inputs = RewindInputs.Dropped) => new(RuleVerb.Rewind) { Rewind = new RewindTarget { Turns = 2, Inputs = inputs } };

    internal static RuleAction Replace(string hash = "notes#2", CanaryPolicy? watch = null) => new(RuleVerb.Replace) { Replacement = new RuleReplacement(hash, "notes.wasm", watch) };

    private static TestGuests Guests => new TestGuests { Traits = new GuestTraits { Version = 1, Layout = 1 } }.With("notes", TestGuests.Note);

    internal static AgentDefinition One => Agent("one", "in", "notes") with { Health = new HealthPolicy { MinFailures = 2 } };

    internal static TestMesh Start(RuleDefinition rule, params AgentDefinition[] agents) => new TestMesh(
        Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], agents.Length == 0 ? [One] : agents) with { Rules = [rule] }, Guests, new ShardOptions { MaxQuarantine = 8, MailboxWindow = 1 }, replaces: true).Run();

    /// <summary>Time passes, and health is looked at once a second; nobody makes a turn meanwhile.</summary>
    internal static TestMesh Pass(TestMesh mesh, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            mesh.NowNs += TestMesh.Second;
            mesh.ObserveHealth();
        }
        return mesh;
    }

    internal static TestMesh Publish(TestMesh mesh, int count, string data = "x", string topic = "in")
    {
        for (var i = 0; i < count; i++) mesh.Publish(topic, $"{data}{i}");
        return mesh;
    }

    /// <summary>What an agent saw, without the topics.</summary>
    internal static string[] Seen(TestMesh mesh) => [.. mesh.Seen("one").Select(s => s.Split(':')[1])];

    internal static RuleRecord[] Steps(TestMesh mesh) => [.. mesh.CommitAll().Store.Records().OfType<RuleRecord>()];

    internal static string[] Words(TestMesh mesh) => [.. Steps(mesh).Select(r => r.Step.ToString())];

    private static JsonElement[] Told(TestMesh mesh) => [.. mesh.CommitAll().On("mesh.rule.rule").Select(e => JsonDocument.Parse(e.Data).RootElement)];

    /// <summary>The records of a mesh whose rules came to each step, and of which one still holds.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = Pass(Publish(Start(Rule(RuleSignal.Lag, 4, Shed(1), new RuleAction(RuleVerb.Alert)) with { CoolDown = TimeSpan.FromSeconds(1), AtMost = 1 }), 6), 4);
        Pass(Publish(mesh, 6), 4);
        Assert.Null(mesh.Shard.Pause("one", mesh.NowNs));
        mesh.NowNs += 60 * TestMesh.Second;
        return Pass(mesh, 3).CommitAll().Store.Records();
    }

    [Fact]
    public void Lines_have_to_be_crossed_for_some_time_and_count_until_they_are_cleared()
    {
        var mesh = Pass(Publish(Start(Rule(RuleSignal.Lag, 4, new RuleAction(RuleVerb.Alert))), 4), 2);
        Assert.Equal(["Crossed"], Words(mesh));
        Pass(mesh.RunToIdle(), 1);
        Assert.Equal(["Crossed", "Cleared"], Words(mesh)); // it did not hold for long enough
        Assert.Empty(Told(mesh));

        Pass(Publish(mesh, 4), 3);
        Assert.Equal(["Crossed", "Cleared", "Crossed", "Acted"], Words(mesh));
        var acted = Steps(mesh)[3];
        Assert.Equal((RuleVerb.Alert, new RuleValue(RuleSignal.Lag, 4, 4), "one"), (acted.Verbs.Single(), acted.Values.Single(), acted.Scope));
        Assert.Equal(TestMesh.Second * 2, acted.AtNs - Steps(mesh)[2].AtNs);
        Pass(mesh.RunToIdle(), 1);
        Assert.Equal(["acted", "cleared"], Told(mesh).Select(t => t.GetProperty("step").GetString()));
        var (told, value) = (Told(mesh)[0], Told(mesh)[0].GetProperty("values")[0]);
        Assert.Equal(("one", "alert", "lag", 4), (told.GetProperty("agent").GetString(), told.GetProperty("text").GetString(), value.GetProperty("signal").GetString(), value.GetProperty("value").GetInt32()));
    }

    [Fact]
    public void Between_two_acts_lies_the_cool_down_and_there_are_only_so_many()
    {
        var mesh = Publish(Start(Rule(RuleSignal.Lag, 4, new RuleAction(RuleVerb.Alert))), 9);
        Pass(mesh, 3);
        Assert.Equal(["Crossed", "Acted"], Words(mesh));
        Pass(mesh, 9);
        Assert.Equal(["Crossed", "Acted"], Words(mesh));
        mesh = Pass(mesh.CommitAll().Restart(), 1);
        Assert.Equal(["Crossed", "Acted", "Acted"], Words(mesh)); // the cool-down outlives the process
        Pass(mesh, 30);
        Assert.Equal(["Crossed", "Acted", "Acted", "Exhausted"], Words(mesh));
        Assert.Contains("it acted 2 times within 00:01:00 (at-most, per)", Steps(mesh)[3].Text, StringComparison.Ordinal);
        Pass(mesh, 25);
        Assert.Equal(["Crossed", "Acted", "Acted", "Exhausted", "Acted"], Words(mesh)); // the first is long enough ago
    }

    [Fact]
    public void What_is_shed_was_not_tried_stands_in_quarantine_and_comes_back()
    {
        var mesh = Pass(Publish(Start(Rule(RuleSignal.Lag, 4, Shed(2))), 6), 3);
        var status = mesh.Status("one");
        Assert.Equal((2, 4), (status.Pending, status.Quarantined));
        var acted = Steps(mesh).Last();
        Assert.Equal(mesh.Shard.Quarantine("one").Select(q => q.Input), acted.Shed);
        Assert.All(mesh.Shard.Quarantine("one"), q => Assert.Equal((FaultKind.Limit, GuestFault.Shed), (q.Fault.Kind, q.Fault.Code)));
        mesh = mesh.CommitAll().Restart().RunToIdle();
        var first = mesh.Seen("one");
        Assert.Equal(2, first.Length);
        Assert.Null(mesh.Shard.ReleaseAll([.. mesh.Shard.Quarantine("one").Select(q => (q.Agent, mesh.Store.EventAt(q.Input)))], mesh.NowNs));
        Assert.Equal(["x0", "x1", "x2", "x3", "x4", "x5"], Seen(mesh.RunToIdle()).Order());
        Assert.Equal(0, mesh.Status("one").Quarantined);
    }

    [Fact]
    public void Nothing_leaves_a_full_quarantine_for_what_is_shed_and_a_refusal_is_told_with_longer_and_longer_waits()
    {
        var mesh = Pass(Publish(Start(Rule(RuleSignal.Lag, 4, Shed(0)) with { CoolDown = TimeSpan.Zero }), 20), 3);
        Assert.Equal(8, mesh.Status("one").Quarantined);
        mesh.NowNs += 2 * TestMesh.Second;
        Pass(mesh, 63);
        var refused = Steps(mesh).Where(r => r.Step == RuleStep.Refused).ToArray();
        Assert.All(refused, r => Assert.Equal("The quarantine of 'one' is full with 8 events (max-quarantine); release or drop some.", r.Text));
        Assert.Equal([2L, 4, 8, 16, 32], refused.Zip(refused.Skip(1)).Select(pair => (pair.Second.AtNs - pair.First.AtNs) / TestMesh.Second));
        Assert.Equal(12, mesh.Status("one").Pending);
        Assert.Equal(refused.Length, Told(mesh).Count(t => t.GetProperty("step").GetString() == "refused"));
    }

    [Fact]
    public void An_agent_that_fails_goes_back_and_that_outlives_a_crash_in_between()
    {
        var mesh = Publish(Start(Rule(RuleSignal.FailureRate, 0.2, Rewind())), 6).RunToIdle();
        Assert.Equal(6, mesh.Seen("one").Length);
        Publish(mesh, 3, "trap").RunToIdle();
        Pass(mesh, 3);
        Assert.Equal(["Crossed", "Acted"], Words(mesh));
        mesh = mesh.CommitAll().Restart().RunToIdle();
        Assert.Equal(2, mesh.Status("one").Incarnation);
        Assert.Equal(["x0", "x1", "x2", "x3"], Seen(mesh));
    }

    [Fact]
    public void A_way_back_that_does_not_exist_is_told()
    {
        var mesh = Publish(Start(Rule(RuleSignal.FailureRate, 0.2, new RuleAction(RuleVerb.Rewind) { Rewind = new RewindTarget { Snapshots = 9 } })), 1).RunToIdle();
        Pass(Publish(mesh, 3, "trap").RunToIdle(), 3);
        mesh.RunToIdle();
        Assert.Equal(["Crossed", "Acted", "Failed"], Words(mesh));
        Assert.Equal("failed", Told(mesh)[^1].GetProperty("step").GetString());
        Assert.Equal((1, AgentState.Running), (mesh.Status("one").Incarnation, mesh.Status("one").State));
    }

    [Fact]
    public void A_definition_gets_another_module_in_the_same_append_with_its_watch()
    {
        var mesh = Pass(Publish(Start(Rule(RuleSignal.Lag, 4, Replace(watch: new CanaryPolicy()), Shed(3))), 6), 3);
        mesh.Take(new Step(StepKind.Rule));
        mesh.RunToIdle();
        var records = mesh.Store.Records().ToList();
        var change = records.OfType<TopologyChangeRecord>().Single();
        var acted = records.OfType<RuleRecord>().Single(r => r.Step == RuleStep.Acted);
        Assert.Equal((TopologyAuthor.Rule, "the rule 'rule' says so"), (change.Author, change.Reason));
        Assert.All(records.Where(r => r.Offset > change.Offset && r.Offset < acted.Offset), r => Assert.True(r is AgentRecord or LineageRecord or CanaryRecord or EventRecord));
        Assert.Equal("notes#2", mesh.Shard.Topology!.Agents[0].ModuleHash);
        Assert.Equal("one", Assert.Single(mesh.Shard.Canaries).Definition);
        Assert.Equal((2, 2), (mesh.Status("one").Incarnation, mesh.Status("one").Quarantined));

        Pass(Publish(mesh, 6), 14);
        Assert.Contains("'one' is watched since its change at", Steps(mesh).Last(r => r.Step == RuleStep.Refused).Text, StringComparison.Ordinal);
        Assert.Null(mesh.Shard.PromoteCanary("one", mesh.NowNs));
        Pass(mesh, 30);
        Assert.Equal("'one' has the module notes.wasm already.", Steps(mesh).Last(r => r.Step == RuleStep.Refused).Text);
        Assert.Single(mesh.Store.Records().OfType<TopologyChangeRecord>());
    }

    [Fact]
    public void A_pool_grows_by_a_rule_up_to_its_bound()
    {
        var rule = Rule(RuleSignal.Lag, 4, new RuleAction(RuleVerb.Replicate) { By = 2 }) with { Of = "crew", CoolDown = Seconds5, AtMost = 9 };
        var mesh = Start(rule, Agent("crew", "work.>", "notes") with { Pool = new PoolPolicy { Size = 1, Max = 4, Partitions = 16 } });
        for (var i = 0; i < 200; i++) mesh.Publish($"work.k{i % 40}", $"{i}", subject: $"k{i % 40}");
        Pass(mesh, 3);
        Assert.Equal(3, mesh.Shard.FindPool("crew")!.Size);
        Assert.Equal((PoolCause.Rule, "the rule 'rule' says so"), (mesh.Shard.FindPool("crew")!.Cause, mesh.Shard.FindPool("crew")!.Reason));
        Pass(mesh, 6);
        Assert.Equal(4, mesh.Shard.FindPool("crew")!.Size);
        Pass(mesh, 7);
        Assert.Contains("The pool 'crew' has 4 members, and 4 are the most (pool.max).", Steps(mesh).Select(r => r.Text));
        mesh.RunToIdle();
        Assert.All(Steps(mesh).Where(r => r.Step == RuleStep.Acted), r => Assert.Equal("crew", r.Scope)); // one cool-down for all members
    }

    [Fact]
    public void A_dry_run_says_what_it_would_do_and_changes_nothing()
    {
        var mesh = Publish(Start(Rule(RuleSignal.Lag, 4, Shed(0), new RuleAction(RuleVerb.Pause)) with { IsDryRun = true }), 6);
        var before = mesh.Status("one");
        Pass(mesh, 15);
        Assert.Equal(["Crossed", "WouldAct", "WouldAct"], Words(mesh));
        Assert.Equal("it would shed all but 0, pause", Steps(mesh)[1].Text);
        Assert.Equal((before.Pending, before.Quarantined, before.State), (mesh.Status("one").Pending, mesh.Status("one").Quarantined, mesh.Status("one").State));
        Assert.Null(mesh.Shard.Pause("one", mesh.NowNs));
        Pass(mesh, 60);
        Assert.Equal("it would shed all but 0, pause, and could not: The agent 'one' is paused.", Steps(mesh).Last(r => r.Step == RuleStep.WouldAct).Text);
    }

    [Fact]
    public void An_agent_that_a_rule_lets_wait_waits_over_a_restart_and_rules_leave_it_alone()
    {
        var mesh = Pass(Publish(Start(Rule(RuleSignal.Lag, 4, new RuleAction(RuleVerb.Pause))), 6), 3).CommitAll().Restart().RunToIdle();
        Assert.Equal((AgentState.Paused, 6), (mesh.Status("one").State, mesh.Status("one").Pending));
        Pass(mesh, 12);
        Assert.Equal("The agent 'one' is paused.", Steps(mesh).Last().Text);
        Assert.Null(mesh.Shard.Resume("one", mesh.NowNs));
        Assert.Equal(6, mesh.RunToIdle().Seen("one").Length);
    }

    [Fact]
    public void A_guest_is_made_anew_with_its_state()
    {
        var rule = Rule(RuleSignal.TurnTime, 1e6, new RuleAction(RuleVerb.Restart));
        var mesh = Publish(Start(rule), 3).RunToIdle();
        Pass(Publish(mesh, 1), 1);
        var token = mesh.Actors[0].Token;
        mesh.Shard.NoteUse(0, token, new AgentUse(1, 5e6, 0, 0));
        Pass(mesh, 3);
        Assert.Equal(["Crossed", "Acted"], Words(mesh));
        Assert.NotEqual(token, mesh.Actors[0].Token);
        Assert.Equal(4, mesh.RunToIdle().Seen("one").Length);
        Assert.Equal(1, mesh.Status("one").Incarnation);
    }

    [Fact]
    public void A_rule_that_is_changed_begins_anew_and_what_is_known_of_it_can_be_asked()
    {
        var rule = Rule(RuleSignal.Lag, 4, new RuleAction(RuleVerb.Alert)) with { AtMost = 1 };
        var mesh = Pass(Publish(Start(rule), 6), 3);
        var known = Assert.Single(mesh.Shard.Rules);
        Assert.Equal(("rule", RuleActivity.CoolingDown, 1L), (known.Rule.Name, known.Activity, known.CountOf(RuleStep.Acted)));
        Assert.Equal(("one", mesh.NowNs), (Assert.Single(known.Holds).Agent, known.Holds[0].SinceNs));
        Assert.Equal(("one", mesh.NowNs + (10 * TestMesh.Second), 1), (Assert.Single(known.Scopes).Name, known.Scopes[0].CoolUntilNs, known.Scopes[0].Acts));
        Assert.Equal("one", Assert.Single(known.Recent).Agent);
        Pass(mesh, 12);
        Assert.Equal(RuleActivity.Exhausted, mesh.Shard.FindRule("rule")!.Activity);

        mesh.Apply(mesh.Shard.Topology! with { Rules = [rule with { AtMost = 2 }] });
        Assert.Equal((RuleActivity.Armed, 0L), (mesh.Shard.FindRule("rule")!.Activity, mesh.Shard.FindRule("rule")!.CountOf(RuleStep.Acted)));
        Pass(mesh, 1);
        Assert.Equal(RuleActivity.Holding, mesh.Shard.FindRule("rule")!.Activity);
        mesh.Apply(mesh.Shard.Topology! with { Rules = [] });
        Assert.Empty(mesh.Shard.Rules);
        Assert.Null(mesh.Shard.FindRule("rule"));
    }

    [Fact]
    public void All_agents_of_a_family_have_times_of_their_own_and_one_can_be_named()
    {
        var rule = Rule(RuleSignal.Lag, 4, Shed(0)) with { Of = "many/*" };
        var mesh = Publish(Publish(Start(rule, One, Family("many", "b.*", 2, "notes")), 5, "x", "b.one"), 5, "x", "b.two");
        Pass(Publish(mesh, 6), 3);
        Assert.Equal(["many/one", "many/two"], Steps(mesh).Where(r => r.Step == RuleStep.Acted).Select(r => r.Scope).Order());

        mesh = Pass(Publish(Publish(Start(rule with { Of = "many/two" }, One, Family("many", "b.*", 2, "notes")), 5, "x", "b.one"), 5, "x", "b.two"), 3);
        Assert.Equal(["many/two"], Steps(mesh).Where(r => r.Step == RuleStep.Acted).Select(r => r.Scope));
    }
}
