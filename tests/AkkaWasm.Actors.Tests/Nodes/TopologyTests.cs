using System.Text;
using Akka.Actor;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Actors.Tests.Support.TestMesh;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A mesh whose topology changes while it runs.</summary>
public sealed class TopologyTests
{
    private static Task<TopologyAnswer> ApplyAsync(TestMesh mesh, MeshTopology target, long? basedOn = null) =>
        mesh.Node.ApplyTopologyAsync(new TopologyTarget(target), basedOn, TopologyAuthor.Operator, "test");

    [Fact]
    public async Task Agents_come_and_go_and_those_not_concerned_keep_their_actors_and_guests()
    {
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"), Agent("b", "in"))).StartAsync();
        await mesh.HandleAsync("in", "one");
        var (kept, gone) = (await mesh.ActorAsync("default/a"), await mesh.ActorAsync("default/b"));

        var answer = await ApplyAsync(mesh, Topology(Agent("a", "in"), Agent("c", "in")));
        Assert.Equal((TopologyOutcome.Applied, "1 agent defined, 1 agent stopped"), (answer.Outcome, answer.Plan.Summary));
        await mesh.WhenEndedAsync(gone);
        await mesh.HandleAsync("in", "two");

        Assert.Equal(("init one two", "init two"), (mesh.Guests.States["a"], mesh.Guests.States["c"]));
        Assert.Equal((kept, 1, AgentState.Stopped), (await mesh.ActorAsync("default/a"), mesh.Guests.CreatedOf("a"), (await mesh.StatusAsync("b")).State));
        var running = await mesh.Node.TopologyAsync();
        Assert.Equal((answer.At, "operator", "test"), (running.At, running.Changes[^1].Author, running.Changes[^1].Reason));
        Assert.Single(await mesh.EventsAsync("mesh.topology.changed"));
    }

    [Fact]
    public async Task A_new_agent_is_brought_what_was_before_it_also_over_a_crash()
    {
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"))).StartAsync();
        await mesh.HandleAsync("in", [.. Enumerable.Range(0, 5).Select(i => $"{i}")]);
        var late = Agent("late", "in") with { SubscribeFrom = new SubscriptionStart(SubscriptionStartKind.Beginning) };
        Assert.Equal(TopologyOutcome.Applied, (await ApplyAsync(mesh, Topology(Agent("a", "in"), late))).Outcome);
        await mesh.PublishAsync("in", "5");
        await mesh.CrashAsync();
        await mesh.Node.WhenIdleAsync();
        Assert.Equal(("init 0 1 2 3 4 5", "init 0 1 2 3 4 5"), (mesh.Guests.States["late"], mesh.Guests.States["a"]));
        Assert.Equal(1, (await mesh.StatusAsync("late")).Incarnation);
    }

    [Fact]
    public async Task Agents_that_go_handle_what_waits_first_if_they_are_to_drain_and_groups_wait_as_one()
    {
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"), Agent("b", "in"))).StartAsync();
        Assert.Null(await mesh.Node.PauseGroupAsync("default"));
        await mesh.PublishAsync("in", "one");
        await mesh.Node.ApplyTopologyAsync(new TopologyTarget(Topology(Agent("a", "in"))), null, TopologyAuthor.Operator, "old", TimeSpan.FromHours(1));
        await mesh.PublishAsync("in", "two");
        await mesh.CrashAsync();
        Assert.Equal((AgentState.Paused, 1), ((await mesh.StatusAsync("b")).State, (await mesh.StatusAsync("b")).Pending));
        Assert.Equal(("default", true, 2), (await mesh.Node.GroupsAsync()).Select(g => (g.Name, g.Paused, g.Agents)).Single());
        Assert.Null(await mesh.Node.ResumeGroupAsync("default"));
        await mesh.FirstAsync("mesh.agent.b.stopped");
        await mesh.Node.WhenIdleAsync();

        Assert.Equal(("init one two", "init one"), (mesh.Guests.States["a"], mesh.Guests.States["b"]));
        Assert.Equal(("old", 1), ((await mesh.Node.TopologyAsync()).Changes[^1].Reason, (await mesh.Node.TopologyAsync()).Topology.Agents.Length));
    }

    [Fact]
    public async Task A_changed_definition_that_fails_too_often_is_set_back_and_its_agent_with_it()
    {
        var before = Agent("a", "in");
        await using var mesh = await new TestMesh(Topology(before, Agent("b", "in"))).StartAsync();
        await mesh.HandleAsync("in", "one");
        var target = new TopologyTarget(Topology(before with { Limits = AgentLimits.Default with { LogLinesPerTurn = 3 } }, Agent("b", "in"))) { Canary = new CanaryPolicy { MaxFailures = 0 } };
        Assert.Equal(TopologyOutcome.Applied, (await mesh.Node.ApplyTopologyAsync(target, null, TopologyAuthor.Operator, "test")).Outcome);
        Assert.Equal("a", Assert.Single((await mesh.Node.TopologyAsync()).Canaries).Definition);
        await mesh.HandleAsync("in", "two", "trap", "three");

        var running = await mesh.Node.TopologyAsync();
        Assert.Equal((TopologyAuthor.Canary, before.Limits.LogLinesPerTurn), (running.Changes[^1].Author, running.Topology.Agents[0].Limits.LogLinesPerTurn));
        Assert.Empty(running.Canaries);
        Assert.Single(await mesh.EventsAsync("mesh.topology.rolled-back"));
        Assert.Equal("init one two three", mesh.Guests.States["a"]);
        Assert.Equal((2, 1), ((await mesh.StatusAsync("a")).Incarnation, (await mesh.StatusAsync("b")).Incarnation));
    }

    [Fact]
    public async Task What_was_changed_outlives_a_crash_and_a_restart()
    {
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"))).StartAsync();
        await ApplyAsync(mesh, Topology(Agent("a", "in"), Agent("b", "in")));
        await mesh.CrashAsync();
        await mesh.HandleAsync("in", "one");
        await mesh.RestartAsync();
        await mesh.HandleAsync("in", "two");
        Assert.Equal("init one two", mesh.Guests.States["b"]);
    }

    [Fact]
    public async Task Of_two_who_planned_against_the_same_topology_one_is_told_what_the_other_did()
    {
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"))).StartAsync();
        var planned = await mesh.Node.PlanTopologyAsync(new TopologyTarget(Topology(Agent("a", "in"), Agent("b", "in"))));
        Assert.True(planned.Plan.IsPossible);
        var answers = await Task.WhenAll(new[] { "b", "c" }.Select(name => ApplyAsync(mesh, Topology(Agent("a", "in"), Agent(name, "in")), planned.BasedOn.Offset)));
        Assert.Equal([TopologyOutcome.Applied, TopologyOutcome.Stale], answers.Select(a => a.Outcome).Order());
        Assert.Equal("1 agent defined", Assert.Single(answers.Single(a => a.Outcome == TopologyOutcome.Stale).Since).Summary);
        Assert.Equal(2, (await mesh.Node.TopologyAsync()).Topology.Agents.Length);
    }

    [Fact]
    public async Task Groups_come_move_and_go_and_agents_go_with_them_with_their_state()
    {
        var inner = new GroupDefinition("inner", "default", Quick);
        var outer = new GroupDefinition("default", null, Quick);
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"), Agent("f", "in") with { Key = AgentKey.Subject })).StartAsync();
        await mesh.HandleAsync("in", "one");

        await ApplyAsync(mesh, Topology([outer, inner], Agent("a", "in") with { Group = "inner" }, Agent("f", "in") with { Key = AgentKey.Subject }));
        await mesh.HandleAsync("in", "two");
        var there = await mesh.ActorAsync("default/inner/a");
        await ApplyAsync(mesh, Topology([outer, inner with { Parent = null }], Agent("a", "in") with { Group = "inner" }, Agent("f", "in") with { Key = AgentKey.Subject }));
        await mesh.WhenEndedAsync(there);
        await mesh.HandleAsync("in", "three", "trap");
        await mesh.ActorAsync("inner/a");
        for (var i = 0; i < 5; i++) // back and forth faster than actors end
        {
            await ApplyAsync(mesh, Topology(Agent("a", "in")));
            await ApplyAsync(mesh, Topology([outer, inner], Agent("a", "in") with { Group = "inner" }));
        }
        await mesh.HandleAsync("in", "four");

        Assert.Equal("init one two three four", mesh.Guests.States["a"]);
        Assert.Equal((1, AgentState.Running), ((await mesh.StatusAsync("a")).Incarnation, (await mesh.StatusAsync("a")).State));
    }

    [Fact]
    public async Task A_family_that_was_gone_comes_back_in_another_group()
    {
        var family = Agent("f", "in.*") with { Key = new AgentKey(2) };
        await using var mesh = await new TestMesh(Topology(Agent("a", "in.>"), family)).StartAsync();
        await mesh.HandleAsync("in.x", "one");
        await ApplyAsync(mesh, Topology(Agent("a", "in.>")));
        await ApplyAsync(mesh, Topology(Agent("a", "in.>"), Agent("f", "in.>"))); // its name may be that of a single agent meanwhile
        await ApplyAsync(mesh, Topology(Agent("a", "in.>")));
        await ApplyAsync(mesh, Topology([new GroupDefinition("default", null, Quick), new GroupDefinition("g", null, Quick)], Agent("a", "in.>"), family with { Group = "g" }));
        await mesh.HandleAsync("in.x", "two");
        Assert.Equal("init two", mesh.Guests.States["f/x"]);
        await mesh.ActorAsync("g/f/x");
    }

    [Fact]
    public async Task Under_load_every_event_is_handled_once_while_the_topology_changes_back_and_forth()
    {
        await using var mesh = await new TestMesh(Topology(Agent("a", "in"), Agent("b", "in"))).StartAsync();
        var published = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++) await mesh.PublishAsync("in", $"n{i}");
        });
        for (var i = 0; !published.IsCompleted; i++)
            await ApplyAsync(mesh, Topology(Agent("a", "in") with { Limits = AgentLimits.Default with { LogLinesPerTurn = i % 7 } }, Agent("b", "in"), Agent($"c{i % 3}", "in")));
        await published;
        await mesh.Node.WhenIdleAsync();
        var all = "init " + string.Join(' ', Enumerable.Range(0, 200).Select(i => $"n{i}"));
        Assert.Equal((all, all), (mesh.Guests.States["a"], mesh.Guests.States["b"]));
        Assert.Equal(1, mesh.Guests.CreatedOf("b"));
    }

    [Fact]
    public async Task Modules_are_tried_before_anything_changes_and_an_agent_may_come_back_with_another_one()
    {
        using var folder = new TestFolder();
        var (counter, other) = (Topologies.Wat("counter", "counter", "in"), Topologies.Wat("second", "counter", "in"));
        var options = new MeshNodeOptions { Topology = Topologies.Of(counter), DataFolder = folder.Data, Modules = Topologies.Modules("counter") };
        await using (var node = await MeshNode.StartAsync(options))
        {
            await PublishAsync(node, 5);
            var missing = await node.PlanTopologyAsync(new TopologyTarget(Topologies.Of(counter, Topologies.Wat("objects", "gcstate", "in"))));
            Assert.Equal("agents.objects.module", Assert.Single(missing.Plan.Problems).Path);
            var bad = Encoding.UTF8.GetBytes("(module)");
            var refused = await node.ApplyTopologyAsync(
                new TopologyTarget(Topologies.Of(counter, counter with { Name = "bad", ModuleHash = node.KeepModule(bad) })), null, TopologyAuthor.Operator, "");
            Assert.Equal((TopologyOutcome.Refused, "agents.bad.module"), (refused.Outcome, Assert.Single(refused.Plan.Problems).Path));
            Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(new TopologyTarget(Topologies.Of(counter, other)), null, TopologyAuthor.Operator, "")).Outcome);
            await PublishAsync(node, 5);
            Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(new TopologyTarget(Topologies.Of(counter)), null, TopologyAuthor.Operator, "")).Outcome);
            var objects = Topologies.Wat("second", "gcstate", "in");
            Assert.Equal(ModuleStore.HashOf(Repository.Guest("gcstate")), node.KeepModule(Repository.Guest("gcstate")));
            Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(new TopologyTarget(Topologies.Of(counter, objects)), null, TopologyAuthor.Operator, "")).Outcome);
            await PublishAsync(node, 5);
            Assert.Equal(2, (await node.AgentAsync("second"))!.Incarnation);
            Assert.Equal((1, null), ((await node.TopologyAtAsync((await node.TopologyAsync()).Changes[0].Offset)).Topology!.Agents.Length, (await node.TopologyAtAsync(9)).Problem));
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Equal([1, 2, 1, 2], log.Topologies().Select(t => t.Topology.Agents.Length));
        var all = log.Topologies().ToArray();
        Assert.All(all, t => Assert.Equal(t.At, log.TopologyAt(t.At.Offset).At));
        Assert.Equal(all[^1].At, log.TopologyAt().At);
        Assert.Throws<MeshNodeException>(() => log.TopologyAt(1_000_000));
        Assert.Throws<MeshNodeException>(() => log.TopologyAt(0));
        Assert.Empty(log.Verify().Flaws);
        Assert.All(log.ReplayAll(), report => Assert.Null(report.Divergence));
        Assert.NotNull(log.AgentAt("second", all[2].At.Offset - 1)!.Image); // the first life, under the module that it had
        Assert.NotNull(log.AgentAt("second")!.Image);
    }

    private static async Task PublishAsync(MeshNode node, int count)
    {
        for (var i = 0; i < count; i++)
            await node.PublishAsync(new PublishBatch([new Mesh.Events.MeshEvent { Topic = "in", Id = Guid.NewGuid().ToString(), Source = "/t", Data = "1"u8.ToArray() }]));
        await node.WhenIdleAsync();
    }
}
