using System.Collections.Immutable;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Supervision;

/// <summary>Whom a failure touches: how often each agent's guest was made says it.</summary>
public sealed class StrategyTests
{
    private static readonly SupervisionPolicy OneTry = TestMesh.Quick with { EventRetries = 0 };

    [Fact]
    public async Task One_for_one_touches_only_the_agent_that_failed()
    {
        await using var mesh = await StartAsync([Group("g", null, OneTry)], InGroup("a", "g"), InGroup("b", "g"), InGroup("c", "g"));

        await mesh.HandleAsync("b", "trap");

        Assert.Equal((1, 2, 1), Made(mesh));
    }

    [Fact]
    public async Task All_for_one_touches_all_agents_of_the_group_and_each_keeps_its_state()
    {
        await using var mesh = await StartAsync([Group("g", null, OneTry with { Strategy = SupervisionStrategy.AllForOne })], InGroup("a", "g"), InGroup("b", "g"), InGroup("c", "g"));
        await mesh.HandleAsync("a", "one");

        await mesh.HandleAsync("b", "trap");
        await mesh.HandleAsync("a", "two");

        Assert.Equal((2, 2, 2), Made(mesh));
        Assert.Equal("init one two", mesh.Guests.States["a"]);
    }

    [Fact]
    public async Task All_for_one_with_stop_ends_the_whole_group()
    {
        await using var mesh = await StartAsync([Group("g", null, OneTry with { Strategy = SupervisionStrategy.AllForOne, Directive = HealingDirective.Stop })], InGroup("a", "g"), InGroup("b", "g"), Family("f", "g"));
        await mesh.HandleAsync("f.x", "one");

        await mesh.HandleAsync("b", "trap");

        Assert.All(await mesh.Node.AgentsAsync(), agent => Assert.Equal(AgentState.Stopped, agent.State));
    }

    [Fact]
    public async Task Rest_for_one_touches_the_agent_and_those_defined_after_it()
    {
        await using var mesh = await StartAsync([Group("g", null, OneTry with { Strategy = SupervisionStrategy.RestForOne })], InGroup("a", "g"), InGroup("b", "g"), InGroup("c", "g"));

        await mesh.HandleAsync("b", "trap");

        Assert.Equal((1, 2, 2), Made(mesh));
    }

    [Fact]
    public async Task A_failure_in_a_family_touches_only_that_key()
    {
        await using var mesh = await StartAsync([Group("g", null, OneTry)], InGroup("a", "g"), Family("f", "g"));
        await mesh.HandleAsync("f.x", "one");
        await mesh.HandleAsync("f.y", "one");

        await mesh.HandleAsync("f.x", "trap", "two");

        Assert.Equal(3, mesh.Guests.CreatedOf("f"));
        Assert.Equal(("init one two", "init one"), (mesh.Guests.States["f/x"], mesh.Guests.States["f/y"]));
    }

    [Fact]
    public async Task All_for_one_reaches_from_a_family_to_the_rest_of_its_group()
    {
        await using var mesh = await StartAsync([Group("g", null, OneTry with { Strategy = SupervisionStrategy.AllForOne })], InGroup("a", "g"), Family("f", "g"));
        await mesh.HandleAsync("f.x", "one");
        await mesh.HandleAsync("f.y", "one");

        await mesh.HandleAsync("f.x", "trap");

        Assert.Equal((2, 4), (mesh.Guests.CreatedOf("a"), mesh.Guests.CreatedOf("f")));
    }

    [Fact]
    public async Task Who_was_started_by_another_stands_in_its_group_and_goes_with_it_to_another_one()
    {
        var together = OneTry with { Strategy = SupervisionStrategy.AllForOne };
        var parent = InGroup("a", "g") with { Capabilities = TestMesh.Agent("a").Capabilities with { Spawn = true } };
        await using var mesh = await StartAsync([Group("g", null, together), Group("h", null, together), Group("k", null, OneTry)], parent, InGroup("b", "h"), Family("f", "k"));
        await mesh.HandleAsync("a", "spawn f/x");
        await mesh.HandleAsync("f.x", "one");
        await mesh.HandleAsync("f.y", "one");
        await mesh.ActorAsync("g/f/x");
        await mesh.ActorAsync("k/f/y");

        await mesh.HandleAsync("f.x", "trap");
        Assert.Equal((2, 3), (mesh.Guests.CreatedOf("a"), mesh.Guests.CreatedOf("f")));

        var topology = (await mesh.Node.TopologyAsync()).Topology;
        var moved = topology with { Agents = [.. topology.Agents.Select(a => a.Name == "a" ? a with { Group = "h" } : a)] };
        Assert.Equal(TopologyOutcome.Applied, (await mesh.Node.ApplyTopologyAsync(new TopologyTarget(moved), null, TopologyAuthor.Operator, "")).Outcome);
        await mesh.HandleAsync("f.x", "two");
        await mesh.ActorAsync("h/f/x");
        Assert.Equal("init one two", mesh.Guests.States["f/x"]);
        await mesh.HandleAsync("b", "trap");
        await mesh.HandleAsync("f.x", "three");
        Assert.Equal("init one two three", mesh.Guests.States["f/x"]);
        Assert.Equal(2, mesh.Guests.CreatedOf("b"));
    }

    [Fact]
    public async Task An_escalated_failure_restarts_the_group_that_failed_and_not_its_siblings()
    {
        await using var mesh = await StartAsync(
            [Group("top", null, OneTry), Group("g", "top", OneTry with { Directive = HealingDirective.Escalate }), Group("h", "top", OneTry)],
            InGroup("a", "g"), InGroup("b", "g"), InGroup("c", "h"));
        await mesh.HandleAsync("a", "one");
        var (group, agent) = (await mesh.ActorAsync("top/g"), await mesh.ActorAsync("top/g/a"));

        await mesh.HandleAsync("b", "trap");
        await mesh.HandleAsync("a", "two");

        Assert.Equal((2, 2, 1), Made(mesh));
        Assert.Equal("init one two", mesh.Guests.States["a"]);
        Assert.Equal((group, agent), (await mesh.ActorAsync("top/g"), await mesh.ActorAsync("top/g/a")));
    }

    [Fact]
    public async Task An_escalated_failure_with_all_for_one_touches_the_sibling_groups_too()
    {
        await using var mesh = await StartAsync(
            [Group("top", null, OneTry with { Strategy = SupervisionStrategy.AllForOne }), Group("g", "top", OneTry with { Directive = HealingDirective.Escalate }), Group("h", "top", OneTry)],
            InGroup("a", "g"), InGroup("b", "g"), InGroup("c", "h"));

        await mesh.HandleAsync("b", "trap");
        await mesh.HandleAsync("c", "one");

        Assert.Equal((2, 2, 2), Made(mesh));
        Assert.Equal("init one", mesh.Guests.States["c"]);
    }

    [Fact]
    public async Task An_escalated_failure_that_is_resumed_touches_only_the_agent_and_the_group_goes_on()
    {
        await using var mesh = await StartAsync(
            [Group("top", null, OneTry with { Directive = HealingDirective.Resume }), Group("g", "top", OneTry with { Directive = HealingDirective.Escalate })],
            InGroup("a", "g"), InGroup("b", "g"), InGroup("c", "g"));

        await mesh.HandleAsync("b", "trap", "one");
        await mesh.HandleAsync("a", "one");

        Assert.Equal((1, 2, 1), Made(mesh));
        Assert.Equal(("init one", "init one"), (mesh.Guests.States["a"], mesh.Guests.States["b"]));
    }

    [Fact]
    public async Task An_escalated_failure_that_stops_ends_the_group_that_failed_and_the_others_go_on()
    {
        await using var mesh = await StartAsync(
            [Group("top", null, OneTry with { Directive = HealingDirective.Stop }), Group("g", "top", OneTry with { Directive = HealingDirective.Escalate }), Group("h", "top", OneTry)],
            InGroup("a", "g"), InGroup("b", "g"), InGroup("c", "h"));

        await mesh.HandleAsync("b", "trap");
        await mesh.HandleAsync("c", "one");

        Assert.Equal([AgentState.Stopped, AgentState.Stopped, AgentState.Running], (await mesh.Node.AgentsAsync()).Select(a => a.State));
    }

    [Fact]
    public async Task What_nobody_handles_escalates_to_the_root_policy()
    {
        var escalate = OneTry with { Directive = HealingDirective.Escalate };
        var topology = TestMesh.Topology([Group("g", null, escalate)], InGroup("a", "g"), InGroup("b", "g"), InGroup("c", "default")) with { Root = OneTry with { Directive = HealingDirective.Reset } };
        await using var mesh = await new TestMesh(topology).StartAsync();
        await mesh.HandleAsync("a", "one");

        await mesh.HandleAsync("b", "trap");

        var agents = await mesh.Node.AgentsAsync();
        Assert.Equal([2, 2, 1], agents.Select(a => a.Incarnation));
    }

    [Fact]
    public async Task Agents_that_fail_together_are_all_healed()
    {
        ImmutableArray<GroupDefinition> groups = [Group("top", null, OneTry with { Directive = HealingDirective.Resume }), Group("g", "top", OneTry with { Directive = HealingDirective.Escalate })];
        AgentDefinition[] agents = [.. Enumerable.Range(0, 20).Select(i => TestMesh.Agent($"a{i}", "all") with { Group = "g" })];
        await using var mesh = await StartAsync(groups, agents);

        await mesh.HandleAsync("all", "one", "trap", "two", "trap", "three");

        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal("init one two three", mesh.Guests.States[$"a{i}"]));
    }

    [Fact]
    public async Task An_agent_that_watches_another_is_told_of_its_end()
    {
        await using var mesh = await StartAsync([Group("g", null, OneTry with { Directive = HealingDirective.Stop })], InGroup("a", "g"), InGroup("b", "g") with
        {
            Subscriptions = ["mesh.agent.a.stopped"],
        });

        await mesh.HandleAsync("a", "trap");

        Assert.Contains("\"agent\":\"a\"", mesh.Guests.States["b"], StringComparison.Ordinal);
    }

    private static GroupDefinition Group(string name, string? parent, SupervisionPolicy policy) => new(name, parent, policy);

    private static AgentDefinition InGroup(string name, string group) => TestMesh.Agent(name, name) with { Group = group };

    private static AgentDefinition Family(string name, string group) => TestMesh.Agent(name, name + ".*") with { Group = group, Key = new AgentKey(2) };

    private static Task<TestMesh> StartAsync(ImmutableArray<GroupDefinition> groups, params AgentDefinition[] agents) => new TestMesh(TestMesh.Topology(groups, agents)).StartAsync();

    private static (int A, int B, int C) Made(TestMesh mesh) => (mesh.Guests.CreatedOf("a"), mesh.Guests.CreatedOf("b"), mesh.Guests.CreatedOf("c"));
}
