using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>An agent changes the topology: what it asks for is made once, told to it, and over restarts not forgotten. The words are those that <see cref="TestMesh"/> reads.</summary>
public sealed class IntegrationTests
{
    private const string Helper = "put helper workers noter 500 out.a in.a";

    private static readonly Capabilities May = new() { Publish = ["out.>"], Integrate = ["workers.*"], Subscribe = ["in.>"] };

    /// <summary>Asks for what its event says; what it is told it remembers.</summary>
    private static GuestFault? Ask(GuestMemory memory, Turn turn)
    {
        if (turn.Input.Topic == "ask")
        {
            foreach (var change in TestGuests.TextOf(turn).Split('\n')) turn.Integrate(Encoding.UTF8.GetBytes(change));
            return null;
        }
        memory.Seen.Add(TestGuests.TextOf(turn));
        return null;
    }

    private static TestMesh Start(Capabilities? capabilities = null, AgentLimits? limits = null)
    {
        var chief = Agent("chief", "ask", "chief") with { Capabilities = capabilities ?? May, Limits = limits ?? AgentLimits.Default, HashEveryTurns = 3 };
        var groups = new[] { Group(GroupDefinition.Default, Policy(HealingDirective.Resume)), Group("workers", Policy(HealingDirective.Restart)) };
        return new TestMesh(Of(groups, chief, Agent("other", "in.b", "noter", "workers") with { Capabilities = Capabilities.None }), new TestGuests().With("chief", Ask).With("noter", TestGuests.Note)).RunToIdle();
    }

    private static (string Outcome, string Problem) Say(TestMesh mesh, string change)
    {
        mesh.Publish("ask", change);
        mesh.RunToIdle();
        return LastAnswer(mesh);
    }

    private static (string Outcome, string Problem) LastAnswer(TestMesh mesh)
    {
        using var json = JsonDocument.Parse(mesh.Seen("chief")[^1]);
        var problems = json.RootElement.GetProperty("problems");
        return (json.RootElement.GetProperty("outcome").GetString()!, problems.GetArrayLength() == 0 ? "" : problems[0].GetProperty("message").GetString()!);
    }

    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = Start();
        Say(mesh, Helper);
        Say(mesh, "pause helper");
        return mesh.Store.Records();
    }

    [Fact]
    public void It_defines_changes_pauses_and_stops()
    {
        var mesh = Start();
        Assert.Equal(("planned", ""), Say(mesh, $"plan {Helper}"));
        Assert.DoesNotContain(mesh.Shard.Topology!.Agents, a => a.Name == "helper");
        Assert.Equal(("applied", ""), Say(mesh, Helper));
        mesh.Publish("in.a", "one");
        mesh.RunToIdle();
        Assert.Equal(["in.a:one"], mesh.Seen("helper"));
        Assert.Equal(("unchanged", ""), Say(mesh, Helper));
        Assert.Equal(("applied", ""), Say(mesh, "pause helper"));
        Assert.Equal(AgentState.Paused, mesh.Status("helper").State);
        Assert.Equal(("unchanged", ""), Say(mesh, "pause helper"));
        Assert.Equal(("applied", ""), Say(mesh, "resume helper"));
        Assert.Equal(("applied", ""), Say(mesh, "put helper workers noter 100 out.a in.>"));
        mesh.Publish("in.b", "two");
        mesh.RunToIdle();
        Assert.Equal(["in.a:one", "in.b:two"], mesh.Seen("helper"));
        Assert.Equal(("applied", ""), Say(mesh, "drop helper"));
        Assert.Equal(AgentState.Stopped, mesh.Status("helper").State);
        Assert.Equal(("refused", "It is no change."), Say(mesh, "nonsense"));
    }

    [Fact]
    public void What_is_made_is_caused_by_the_request_and_stands_in_one_append()
    {
        var mesh = Start();
        Say(mesh, Helper);
        var records = mesh.Store.Records().ToList();
        var asked = records.OfType<ChangeAskedRecord>().Single();
        Assert.IsType<TurnRecord>(records[(int)asked.Offset - 1]);
        var answered = records.OfType<ChangeAnsweredRecord>().Single();
        Assert.Equal(asked.Offset, answered.Asked);
        var change = Assert.IsType<TopologyChangeRecord>(records[(int)answered.Offset + 1]);
        Assert.Equal("agent chief", change.Author);
        var made = records.Skip((int)change.Offset + 1).TakeWhile(r => r is not TurnRecord).OfType<EventRecord>().Select(r => r.Event).ToList();
        Assert.Equal(["mesh.agent.helper.started", Shard.TopologyTopic, "mesh.inbox.chief"], made.Take(3).Select(e => e.Topic));
        Assert.Equal(asked.Correlation, made[2].Correlation);
        Assert.All(made.Take(3), e => Assert.Equal((asked.Offset, asked.Depth + 1), (e.Cause, e.Depth)));
    }

    [Fact]
    public void A_crash_between_request_and_answer_forgets_nothing_and_does_nothing_twice()
    {
        var mesh = Start();
        mesh.Publish("ask", Helper);
        while (mesh.Shard.AskedChanges.Count == 0) mesh.Take(mesh.Steps()[0]);
        mesh = mesh.Restart();
        Assert.Single(mesh.Shard.AskedChanges);
        Assert.False(mesh.Shard.IsIdle);
        mesh.RunToIdle();
        Assert.Equal(("applied", ""), LastAnswer(mesh));
        mesh = mesh.Restart(useStates: false).RunToIdle();
        Assert.Single(mesh.Store.Records().OfType<ChangeAnsweredRecord>());
        Assert.Single(mesh.Seen("chief"));
    }

    [Fact]
    public void What_was_asked_after_the_cut_that_the_mesh_goes_back_to_is_neither_made_nor_answered()
    {
        var mesh = Start().CommitAll();
        var cut = mesh.Shard.NextOffset - 1;
        mesh.Publish("ask", Helper);
        while (mesh.Shard.AskedChanges.Count == 0) mesh.Take(mesh.Steps()[0]);
        mesh.CommitAll();
        Rewind(mesh, cut);
        mesh = mesh.RunToIdle().Restart().RunToIdle();
        Assert.DoesNotContain(mesh.Shard.Topology!.Agents, a => a.Name == "helper");
        Assert.Empty(mesh.Store.Records().OfType<ChangeAnsweredRecord>());
        Assert.Empty(mesh.Seen("chief"));
        Assert.Equal(("applied", ""), Say(mesh, Helper));
    }

    [Fact]
    public void What_waited_for_its_answer_at_the_cut_is_asked_anew_and_answered_as_of_the_topology_that_stays()
    {
        var mesh = Start();
        Assert.Equal(("applied", ""), Say(mesh, Helper));
        var asked = mesh.CommitAll().Store.Records().OfType<ChangeAskedRecord>().Single();
        Rewind(mesh, asked.Offset);
        var again = Assert.Single(mesh.Shard.AskedChanges);
        Assert.Equal((asked.Agent, asked.Correlation, true), (again.Agent, again.Correlation, again.Offset > asked.Offset));
        mesh = mesh.CommitAll().Restart().RunToIdle();
        Assert.Equal(("unchanged", ""), LastAnswer(mesh));
        Assert.Single(mesh.Seen("chief"));
        Assert.Equal([asked.Offset, again.Offset], mesh.Store.Records().OfType<ChangeAnsweredRecord>().Select(r => r.Asked));
        Rewind(mesh, mesh.Store.Records().OfType<ChangeAnsweredRecord>().Last().Offset); // it was answered by then
        Assert.Empty(mesh.Shard.AskedChanges);
    }

    private static void Rewind(TestMesh mesh, long to)
    {
        var (before, cut) = (mesh.Shard.NextOffset, new ShardCut(mesh.Options));
        foreach (var record in mesh.Store.Records())
            if (!cut.Take(record, to)) break;
        mesh.Shard.RewindMesh(cut, false, new object(), mesh.NowNs);
        Assert.True(mesh.Shard.NextOffset > before);
        mesh.Tick();
    }

    [Fact]
    public void A_change_that_was_read_against_another_topology_is_read_again()
    {
        var mesh = Start();
        mesh.Publish("ask", Helper);
        while (mesh.Steps() is [var first, ..] && first.Kind != StepKind.AnswerChange) mesh.Take(first);
        mesh.Cut();
        while (mesh.Steps() is [var first, ..] && first.Kind != StepKind.AnswerChange) mesh.Take(first);
        var running = mesh.Shard.Topology!;
        mesh.Apply(running with { Agents = running.Agents.Add(Agent("late", "in.c", "noter")) });
        mesh.RunToIdle();
        Assert.Equal(("applied", ""), LastAnswer(mesh));
        Assert.Equal(["chief", "other", "late", "helper"], mesh.Shard.Topology!.Agents.Select(a => a.Name));
    }

    [Fact]
    public void A_change_that_is_meant_for_another_topology_is_not_made_and_says_what_changed()
    {
        var mesh = Start();
        var at = mesh.Shard.TopologyAt.Offset;
        Assert.Equal(("applied", ""), Say(mesh, $"if {at} {Helper}"));
        Assert.Equal("stale", Say(mesh, $"if {at} drop helper").Outcome);
        using var json = JsonDocument.Parse(mesh.Seen("chief")[^1]);
        Assert.Equal("agent chief", json.RootElement.GetProperty("since")[0].GetProperty("author").GetString());
        Assert.Contains(mesh.Shard.Topology!.Agents, a => a.Name == "helper");
    }

    [Fact]
    public void Without_the_capability_and_beyond_its_limits_a_turn_fails()
    {
        Assert.Equal("may-not-integrate", Fault(Start(Capabilities.None), Helper));
        Assert.Equal("change-bytes", Fault(Start(limits: new AgentLimits { ChangeBytes = 10 }), Helper));
        Assert.Equal("pending-changes", Fault(Start(limits: new AgentLimits { PendingChanges = 2 }), "x\nx\nx"));

        static string Fault(TestMesh mesh, string change)
        {
            mesh.Publish("ask", change);
            mesh.RunToIdle();
            Assert.Empty(mesh.Store.Records().OfType<ChangeAskedRecord>());
            return mesh.Status("chief").LastFault!.Code;
        }
    }

    [Theory]
    [InlineData("put helper default noter 500 out.a in.a", "may not change 'default.helper'")]
    [InlineData("put other default noter 500 out.a in.a", "may not change 'default.other'")]
    [InlineData("put helper workers noter 1001 out.a in.a", "more than the agent 'chief' has itself (00:00:01)")]
    [InlineData("put helper workers noter 500 > in.a", "'>' is more than the agent 'chief' may hand on")]
    [InlineData("put helper workers noter 500 out.a >", "'>' is more than the agent 'chief' may hand on")]
    [InlineData("put chief default chief 500 out.a ask", "may not change itself")]
    [InlineData("drop chief", "may not change itself")]
    [InlineData("pause chief", "may not change itself")]
    [InlineData("pause nobody", "There is no agent 'nobody'")]
    public void What_is_not_its_own_to_change_it_may_not_change(string change, string says)
    {
        var mesh = Start();
        var before = mesh.Shard.TopologyAt;
        var (outcome, problem) = Say(mesh, change);
        Assert.Equal("refused", outcome);
        Assert.Contains(says, problem, StringComparison.Ordinal);
        Assert.Equal(before, mesh.Shard.TopologyAt);
        Assert.NotEqual(AgentState.Paused, mesh.Status("chief").State);
    }

    [Fact]
    public void What_it_defines_counts_to_its_quota_and_to_that_of_who_defined_it()
    {
        var mesh = Start(May with { Integrate = ["workers.*", "default.chief"] });
        var chief = mesh.Shard.Topology!.Agents[0] with { Spawn = new SpawnQuota { MaxAgents = 1 } };
        mesh.Apply(mesh.Shard.Topology with { Agents = mesh.Shard.Topology.Agents.SetItem(0, chief) });
        Assert.Equal(("applied", ""), Say(mesh, Helper));
        var (outcome, problem) = Say(mesh, "put second workers noter 500 out.a in.a");
        Assert.Equal("refused", outcome);
        Assert.Contains("could be 2 agents, 1 are allowed (spawn.max-agents)", problem, StringComparison.Ordinal);
        Assert.Equal(("applied", ""), Say(mesh, "drop helper"));
        Assert.Equal(("applied", ""), Say(mesh, "put second workers noter 500 out.a in.a"));
        Assert.Equal(("applied", ""), Say(mesh, "put second workers noter 400 out.a in.a")); // what is there already counts once
    }

    [Fact]
    public void An_event_that_is_handled_again_in_silence_changes_nothing_again()
    {
        var mesh = Start();
        Say(mesh, Helper);
        Say(mesh, "drop helper");
        mesh.Shard.Rewind("chief", new RewindTarget { Turns = 4, Inputs = RewindInputs.Suppressed }, new object(), mesh.NowNs);
        mesh.Tick();
        mesh.RunToIdle();
        Assert.Equal(2, mesh.Store.Records().OfType<ChangeAskedRecord>().Count());
        Assert.DoesNotContain(mesh.Shard.Topology!.Agents, a => a.Name == "helper");
        Assert.Contains("outputs suppressed", LastAnswer(mesh).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_and_rights_are_bounded()
    {
        var by = Agent("chief", "in.>", "chief", "inner") with
        {
            Capabilities = new Capabilities { Publish = ["out.*"], Send = ["workers.*"], Watch = ["a"], Request = ["q.>"], Integrate = ["outer.workers.*", "outer.inner.chief", "outer.made"] },
            Limits = AgentLimits.Default with { FuelPerTurn = 1_000, MemoryBytes = 1 << 20 },
        };
        var running = Of([Group("outer", SupervisionPolicy.Default), Group("inner", SupervisionPolicy.Default, "outer"), Group("workers", SupervisionPolicy.Default, "outer")], by);
        var good = Agent("helper", "in.a", "noter", "workers") with { Capabilities = Capabilities.None, Limits = by.Limits };
        Assert.Empty(Problems(running with { Agents = [by, good] }));
        Assert.Empty(Problems(running with { Agents = [by with { MaxKeys = 5 }] })); // itself, which its pattern names
        Assert.Empty(Problems(running with { Groups = running.Groups.Add(Group("made", SupervisionPolicy.Default, "outer")) }));
        Has("supervision", running with { Root = SupervisionPolicy.Default with { EventRetries = 7 } });
        Has("groups.outer", running with { Groups = running.Groups.SetItem(0, Group("outer", Policy(HealingDirective.Stop))) });
        Has("groups.inner", running with { Groups = running.Groups.SetItem(1, Group("inner", Policy(HealingDirective.Stop), "outer")) });
        Has("groups.other", running with { Groups = running.Groups.Add(Group("other", SupervisionPolicy.Default)) });
        Has("agents", running with { Agents = [good, by] });
        Has("agents.helper.capabilities.publish", With(good with { Capabilities = new Capabilities { Publish = ["out.>"] } }));
        Has("agents.helper.capabilities.publish", With(good with { Wasi = good.Wasi with { OutputTopic = "elsewhere" } }));
        Has("agents.helper.capabilities.send", With(good with { Capabilities = new Capabilities { Send = ["chief"] } }));
        Has("agents.helper.capabilities.watch", With(good with { Capabilities = new Capabilities { Watch = ["b"] } }));
        Has("agents.helper.capabilities.request", With(good with { Capabilities = new Capabilities { Request = ["q"] } }));
        Has("agents.helper.capabilities.integrate", With(good with { Capabilities = new Capabilities { Integrate = ["outer.>"] } }));
        Has("agents.helper.capabilities.schedule", With(good with { Capabilities = new Capabilities { Schedule = true } }));
        Has("agents.helper.capabilities.spawn", With(good with { Capabilities = new Capabilities { Spawn = true } }));
        Has("agents.helper.subscribe", With(good with { Subscriptions = ["mesh.agent.>"] }));
        Has("agents.helper.limits.fuel-per-turn", With(good with { Limits = good.Limits with { FuelPerTurn = 0 } }));
        Has("agents.helper.limits.memory", With(good with { Limits = good.Limits with { MemoryBytes = 2 << 20 } }));
        Has("agents.helper.spawn.max-agents", With(good with { Capabilities = new Capabilities { Integrate = ["outer.made"] }, Spawn = new SpawnQuota { MaxAgents = 10_001 } }));
        Has("agents.helper.wasi.preopens", With(good with { Wasi = good.Wasi with { Preopens = [new WasiPreopen("/data", new string('1', 64))] } }));
        Has("agents.helper.wasi.limits.nodes", With(good with { Wasi = good.Wasi with { Limits = good.Wasi.Limits with { Nodes = 10_001 } } }));

        MeshTopology With(AgentDefinition helper) => running with { Agents = [by, helper] };
        IReadOnlyList<TopologyProblem> Problems(MeshTopology after) => IntegrationBounds.Check(by, running, after, TopologyDelta.Between(running, after), 50_000);
        void Has(string path, MeshTopology after) => Assert.Contains(Problems(after), p => p.Path == path);
    }

    public static TheoryData<string, Func<AgentDefinition, AgentDefinition>> Cares => new()
    {
        { "snapshot-every-turns", a => a with { SnapshotEveryTurns = 50_001 } },
        { "snapshot-every-bytes", a => a with { SnapshotEveryBytes = 1 } },
        { "snapshot-at-most-every", a => a with { SnapshotAtMostEvery = TimeSpan.Zero } },
        { "snapshot-every", a => a with { SnapshotEvery = TimeSpan.FromMilliseconds(1) } },
        { "passivate-idle-after", a => a with { PassivateIdleAfter = TimeSpan.FromMilliseconds(1) } },
        { "hash-every-turns", a => a with { HashEveryTurns = 1 } },
        { "keep-snapshots", a => a with { KeepSnapshots = 4 } },
        { "keep-older-snapshots", a => a with { KeepOlderSnapshots = 5 } },
        { "health.max-reason", a => a with { Health = a.Health with { MaxReasonBytes = 1_025 } } },
        { "health.publish-at-most-every", a => a with { Health = a.Health with { PublishAtMostEvery = TimeSpan.Zero } } },
        { "health.failure-window", a => a with { Health = a.Health with { FailureWindow = TimeSpan.FromSeconds(59) } } },
        { "health.degraded-lag", a => a with { Health = a.Health with { DegradedLag = null } } },
        { "health.overloaded-lag", a => a with { Health = a.Health with { OverloadedLag = 100_001 } } },
        { "health.degraded-age", a => a with { Health = a.Health with { DegradedAge = TimeSpan.FromSeconds(11) } } },
        { "health.overloaded-age", a => a with { Health = a.Health with { OverloadedAge = null } } },
        { "health.degraded-failures", a => a with { Health = a.Health with { DegradedFailures = 0.2 } } },
        { "health.min-failures", a => a with { Health = a.Health with { MinFailures = 4 } } },
        { "health.degraded-quarantine", a => a with { Health = a.Health with { DegradedQuarantine = 101 } } },
        { "health.degraded-turn-time", a => a with { Health = a.Health with { DegradedTurnTime = null } } },
        { "health.degraded-memory", a => a with { Health = a.Health with { DegradedMemory = 1 } } },
        { "circuit.window", a => a with { Circuit = new CircuitPolicy { Window = TimeSpan.FromMinutes(2) } } },
        { "circuit.open-for", a => a with { Circuit = new CircuitPolicy { OpenFor = TimeSpan.FromSeconds(31) } } },
    };

    [Theory]
    [MemberData(nameof(Cares))]
    public void How_often_others_are_saved_and_spoken_of_is_bounded_by_what_an_agent_has_itself(string field, Func<AgentDefinition, AgentDefinition> ask)
    {
        var chief = Agent("chief", "in.>", "chief") with { Capabilities = May };
        var helper = Agent("helper", "in.a", "noter", "workers") with { Capabilities = Capabilities.None };
        var running = Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume)), Group("workers", Policy(HealingDirective.Restart))], chief, helper);

        Assert.Equal([$"agents.helper.{field}"], Problems(chief, running, ask(helper)));
        Assert.Equal([$"agents.new.{field}"], Problems(chief, running, ask(helper) with { Name = "new" }));
        Assert.Empty(Problems(ask(chief) with { Circuit = new CircuitPolicy { Window = TimeSpan.FromMinutes(2), OpenFor = TimeSpan.FromMinutes(1) } }, running, ask(helper)));
        var asked = running with { Agents = [chief, ask(helper)] }; // an operator did
        Assert.Empty(Problems(chief, asked, ask(helper) with { Subscriptions = ["in.b"] }));

        static IEnumerable<string> Problems(AgentDefinition by, MeshTopology before, AgentDefinition put)
        {
            var after = before with { Agents = [.. before.Agents.Where(a => a.Name != put.Name), put] };
            return IntegrationBounds.Check(by, before, after, TopologyDelta.Between(before, after), 50_000).Select(p => p.Path);
        }
    }

    [Fact]
    public void Who_may_be_saved_at_any_time_bounds_the_turns_and_who_is_saved_more_often_may_ask_for_that()
    {
        var chief = Agent("chief", "in.>", "chief") with { Capabilities = May, SnapshotAtMostEvery = TimeSpan.Zero, SnapshotEvery = TimeSpan.FromMinutes(5), SnapshotEveryTurns = 100_000 };
        var running = Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume)), Group("workers", Policy(HealingDirective.Restart))], chief);
        var helper = Agent("helper", "in.a", "noter", "workers") with { Capabilities = Capabilities.None, SnapshotAtMostEvery = TimeSpan.Zero, SnapshotEveryTurns = 100_000, SnapshotEvery = TimeSpan.FromTicks(1) };
        Assert.Empty(Problems(helper));
        Assert.Equal(["It is less than the agent 'chief' may ask for (100000); set at least that."], Problems(helper with { SnapshotEveryTurns = 99_999 }));
        Assert.Contains("(100000: max-held-turns, or what the agent 'chief' has itself)", Assert.Single(Problems(helper with { SnapshotEveryTurns = 100_001 })), StringComparison.Ordinal);

        IEnumerable<string> Problems(AgentDefinition put)
        {
            var after = running with { Agents = running.Agents.Add(put) };
            return IntegrationBounds.Check(chief, running, after, TopologyDelta.Between(running, after), 50_000).Select(p => p.Message);
        }
    }
}
