using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>A subscription that a change of the topology adds may begin in the past: what the log has since is handled first, in order and once.</summary>
public sealed class PastTests
{
    private static readonly SubscriptionStart Beginning = new(SubscriptionStartKind.Beginning);

    private static readonly AgentDefinition First = Agent("first", "in.a", "noter");

    private static TestGuests Guests() => new TestGuests().With("noter", TestGuests.Note);

    private static TestMesh Start(ShardOptions? options = null) => new TestMesh(Of(First), Guests(), options ?? new ShardOptions { PastEventsAhead = 3 }).Run();

    private static TestMesh Publish(TestMesh mesh, string topic, params string[] texts)
    {
        foreach (var text in texts) mesh.Publish(topic, text);
        return mesh.RunToIdle();
    }

    private static TopologyAnswer Apply(TestMesh mesh, params AgentDefinition[] agents) => mesh.Shard.ApplyTopology(Of(agents), null, TopologyAuthor.Operator, "", mesh.NowNs);

    private static string[] Numbers(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(i => $"{i}")];

    [Fact]
    public void A_new_agent_handles_what_was_before_it_then_what_comes()
    {
        var mesh = Publish(Start(), "in.a", Numbers(1, 20));
        Publish(mesh, "in.b", "no");
        Assert.Equal(TopologyOutcome.Applied, Apply(mesh, First, Agent("late", "in.a", "noter") with { SubscribeFrom = Beginning }).Outcome);
        mesh.Publish("in.a", "21");
        Assert.Equal(AgentState.Starting, mesh.Status("late").State);
        mesh.RunToIdle();
        Assert.Equal(Numbers(1, 21).Select(i => $"in.a:{i}"), mesh.Seen("late"));
        Assert.Equal(21, mesh.Seen("first").Length);
        Assert.True(mesh.Store.Records().OfType<PastRecord>().Count() > 5, "They come some at a time.");
        Assert.Equal(mesh.Seen("late"), mesh.Restart().RunToIdle().Seen("late"));
    }

    /// <summary>A log in which an agent is brought what was before it.</summary>
    public static IReadOnlyList<LogRecord> Records()
    {
        var mesh = Publish(Start(), "in.a", Numbers(1, 9));
        Apply(mesh, First, Agent("late", "in.a", "noter") with { SubscribeFrom = Beginning });
        return [.. mesh.RunToIdle().Store.Records()];
    }

    [Fact]
    public void A_position_or_a_time_says_from_where_on()
    {
        var mesh = Publish(Start(), "in.a", "1", "2");
        var (offset, time) = (mesh.Shard.NextOffset, mesh.NowNs + TestMesh.Second);
        mesh.Pass(TimeSpan.FromSeconds(2));
        Publish(mesh, "in.a", "3", "4");
        Apply(mesh, First, Agent("at", "in.a", "noter") with { SubscribeFrom = new(SubscriptionStartKind.Position, offset) },
            Agent("since", "in.a", "noter") with { SubscribeFrom = new(SubscriptionStartKind.Time, time) }, Agent("now", "in.a", "noter"));
        Publish(mesh, "in.a", "5");
        Assert.Equal(["in.a:3", "in.a:4", "in.a:5"], mesh.Seen("at"));
        Assert.Equal(["in.a:3", "in.a:4", "in.a:5"], mesh.Seen("since"));
        Assert.Equal(["in.a:5"], mesh.Seen("now"));
    }

    [Fact]
    public void An_agent_that_is_there_gets_only_what_it_did_not_have()
    {
        var mesh = Start();
        foreach (var i in Numbers(1, 5)) Publish(Publish(mesh, "in.a", i), "in.b", i);
        Apply(mesh, First with { Subscriptions = ["in.a", "in.*"], SubscribeFrom = Beginning });
        Publish(mesh, "in.b", "6");
        Assert.Equal([.. Numbers(1, 5).Select(i => $"in.a:{i}"), .. Numbers(1, 6).Select(i => $"in.b:{i}")], mesh.Seen("first"));
        Assert.Equal(mesh.Seen("first"), mesh.Restart().RunToIdle().Seen("first"));
    }

    [Fact]
    public void A_family_comes_to_be_from_what_was()
    {
        var mesh = Start();
        foreach (var i in Numbers(1, 4)) Publish(Publish(mesh, "in.a", i), "in.b", i);
        Apply(mesh, First, Family("kin", "in.*", 2, "noter") with { SubscribeFrom = Beginning });
        Publish(mesh, "in.b", "5");
        Assert.Equal(Numbers(1, 4).Select(i => $"in.a:{i}"), mesh.Seen("kin/a"));
        Assert.Equal(Numbers(1, 5).Select(i => $"in.b:{i}"), mesh.Seen("kin/b"));
    }

    [Fact]
    public void What_waits_for_one_that_stops_holds_up_nobody_else()
    {
        var mesh = Start();
        foreach (var text in new[] { "trap", "2", "3", "4" }) Publish(mesh, "in.a", text);
        Publish(mesh, "in.b", "1", "2", "3", "4");
        GroupDefinition[] groups = [Group(GroupDefinition.Default, SupervisionPolicy.Default), Group("strict", Policy(HealingDirective.Stop))];
        var kin = Family("kin", "in.*", 2, "noter") with { Group = "strict", SubscribeFrom = Beginning };
        var before = mesh.NowNs;
        Assert.Equal(TopologyOutcome.Applied, mesh.Shard.ApplyTopology(Of(groups, mesh.Shard.Topology!.Agents[0], kin), null, TopologyAuthor.Operator, "", mesh.NowNs).Outcome);
        mesh.RunToIdle();
        Assert.Equal((AgentState.Stopped, before), (mesh.Status("kin/a").State, mesh.NowNs));
        Assert.Equal(Numbers(1, 4).Select(i => $"in.b:{i}"), mesh.Seen("kin/b"));
    }

    [Fact]
    public void After_a_crash_in_between_nothing_is_lost_and_nothing_comes_twice()
    {
        for (var steps = 1; steps < 60; steps += 3)
        {
            var mesh = Publish(Start(), "in.a", Numbers(1, 9));
            Apply(mesh, First, Agent("late", "in.a", "noter") with { SubscribeFrom = Beginning });
            mesh.Publish("in.a", "10");
            for (var i = 0; i < steps && mesh.Steps() is { Count: > 0 } next; i++) mesh.Take(next[i % next.Count]);
            mesh = mesh.Restart().RunToIdle();
            if (mesh.Shard.FindAgent("late") is null) continue;
            Assert.Equal(Numbers(1, 10).Select(i => $"in.a:{i}").TakeLast(mesh.Seen("late").Length), mesh.Seen("late"));
            Assert.True(mesh.Seen("late").Length >= 9, $"After {steps} steps it has {mesh.Seen("late").Length} events.");
        }
    }

    [Fact]
    public void What_cannot_be_is_refused_and_it_is_said_why()
    {
        var mesh = Publish(Start(), "in.a", "1", "2");
        AgentDefinition Late(SubscriptionStart start) => Agent("late", "in.a", "noter") with { SubscribeFrom = start };
        Assert.Contains("no event at 999 yet", Assert.Single(Apply(mesh, First, Late(new(SubscriptionStartKind.Position, 999))).Plan.Problems).Message, StringComparison.Ordinal);
        Assert.Equal(TopologyOutcome.Applied, Apply(mesh, First, Late(Beginning)).Outcome);
        var problem = Assert.Single(Apply(mesh, First, Late(Beginning) with { Subscriptions = ["in.a", "in.b"] }).Plan.Problems);
        Assert.Contains("still brought events", problem.Message, StringComparison.Ordinal);
        Assert.Equal(["late"], mesh.Shard.PastUnderway);
        Assert.Equal(TopologyOutcome.Applied, Apply(mesh, First).Outcome);
        Assert.Empty(mesh.RunToIdle().Shard.PastUnderway);
        var pool = Late(Beginning) with { Pool = new PoolPolicy { Key = AgentKey.Subject } };
        Assert.Contains(Apply(mesh, First, pool).Plan.Problems, p => p.Path == "agents.late.subscribe-from");
    }

    /// <summary>An agent that gets a version which traps on what begins with an x, and with it the events of another topic from the beginning, is watched.</summary>
    private static TestMesh Watch(string[] before, RewindInputs inputs = RewindInputs.Suppressed, params string[] left)
    {
        var guests = Guests().With("worse", (memory, turn) => TestGuests.Note(memory, turn) ?? (TestGuests.TextOf(turn).StartsWith('x') ? TestGuests.Trap() : null));
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], First), guests, new ShardOptions { PastEventsAhead = 3 }, replaces: true).Run();
        Publish(Publish(mesh, "in.a", "first"), "in.b", before);
        var target = Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], First with { ModuleHash = "worse", Subscriptions = [.. First.Subscriptions.Except(left), "in.b"], SubscribeFrom = Beginning });
        mesh.Replace(target, new Dictionary<string, MoveRequest> { [MoveChooser.All] = MoveRequest.Replay }, answer => Assert.Equal(left.Length == 0, answer.Plan.IsPossible), new CanaryPolicy { MaxFailures = 1, Inputs = inputs });
        return mesh;
    }

    [Theory, InlineData(RewindInputs.Suppressed), InlineData(RewindInputs.Dropped)]
    public void What_was_brought_to_a_version_that_goes_back_came_since_the_change(RewindInputs inputs)
    {
        var mesh = Watch(Numbers(1, 9), inputs).RunToIdle();
        Assert.Equal(["in.a:first", .. Numbers(1, 9).Select(i => $"in.b:{i}")], mesh.Seen("first"));
        Assert.Equal("first", Assert.Single(mesh.Shard.Canaries).Definition);
        mesh = Publish(Publish(mesh.Restart().RunToIdle(), "in.a", "xa", "xb"), "in.a", "last");
        Assert.Equal(("noter", 0), (mesh.Shard.Topology!.Agents[0].ModuleHash, mesh.Shard.Canaries.Count));
        Assert.Equal(["in.a:first", .. Numbers(1, inputs == RewindInputs.Dropped ? 0 : 9).Select(i => $"in.b:{i}"), .. inputs == RewindInputs.Dropped ? Array.Empty<string>() : ["in.a:xa", "in.a:xb"], "in.a:last"], mesh.Seen("first"));
        Assert.Equal(mesh.Seen("first"), Publish(mesh.Restart(), "in.b", "10").Seen("first")); // it subscribes to that no more
    }

    [Fact]
    public void What_was_not_brought_when_it_goes_back_does_not_come_any_more()
    {
        var mesh = Watch(["x1", "x2", .. Numbers(3, 30)]);
        for (var isRead = false; !isRead || mesh.Shard.Canaries.Count > 0;)
        {
            if (mesh.Steps().Where(s => s.Kind != StepKind.ReadPast).ToList() is [var next, ..]) mesh.Take(next);
            else if (mesh.Cut()) continue;
            else if (!isRead)
            {
                mesh.Take(new Step(StepKind.ReadPast));
                isRead = true;
            }
            else
            {
                mesh.NowNs = mesh.Shard.NextAlarmNs!.Value;
                mesh.Tick();
            }
        }
        Publish(mesh, "in.a", "last");
        Assert.Equal(("noter", 0), (mesh.Shard.Topology!.Agents[0].ModuleHash, mesh.Shard.PastUnderway.Count()));
        var seen = mesh.Seen("first");
        Assert.Equal(["in.a:first", "in.b:x1", "in.b:x2", "in.b:3", "in.a:last"], seen);
        Assert.Equal(seen, mesh.Restart().RunToIdle().Seen("first"));
    }

    [Fact]
    public void A_pattern_that_is_left_out_with_it_could_not_be_watched()
    {
        var mesh = Watch(Numbers(1, 3), left: "in.a").RunToIdle();
        Assert.Equal("noter", mesh.Shard.Topology!.Agents[0].ModuleHash);
    }

    [Theory, InlineData("now"), InlineData("beginning"), InlineData("1707"), InlineData("2026-01-31T08:00:00.0000000Z")]
    public void Where_it_begins_is_read_as_it_is_written(string text)
    {
        Assert.True(SubscriptionStart.TryParse(text, out var start));
        Assert.Equal(text, start.ToString());
        Assert.False(SubscriptionStart.TryParse("soon " + text, out _));
    }
}
