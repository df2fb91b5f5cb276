using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Agents that come to be, sleep and wake; the node's own beginning and end.</summary>
public sealed class LifecycleTests
{
    private static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task An_agent_that_is_idle_is_put_to_sleep_and_wakes_with_its_state()
    {
        var time = new ManualTime();
        await using var mesh = await PassivatingAsync(time);
        await mesh.HandleAsync("in.x", "one");
        var hash = await mesh.Node.StateHashAsync("a/x");

        await SleepAsync(mesh, time, "a/x");
        Assert.Equal(hash, await mesh.Node.StateHashAsync("a/x"));
        await mesh.HandleAsync("in.x", "two");

        Assert.Equal("init one two", mesh.Guests.States["a/x"]);
        Assert.Equal(AgentState.Running, (await mesh.StatusAsync("a/x")).State);
    }

    [Fact]
    public async Task The_hash_of_an_agent_that_slept_over_a_crash_is_that_of_its_last_state()
    {
        var time = new ManualTime();
        await using var mesh = await PassivatingAsync(time);
        await mesh.HandleAsync("in.x", "one");
        var hash = await mesh.Node.StateHashAsync("a/x");

        await mesh.CrashAsync();

        Assert.Equal(AgentState.Asleep, (await mesh.StatusAsync("a/x")).State);
        Assert.Equal(hash, await mesh.Node.StateHashAsync("a/x"));
    }

    [Fact]
    public async Task Every_key_of_a_family_is_an_agent_of_its_own()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in.*") with { Key = new AgentKey(2) })).StartAsync();

        await mesh.HandleAsync("in.x", "one");
        await mesh.HandleAsync("in.y", "two");
        await mesh.HandleAsync("in.x", "three");

        Assert.Equal(["a/x", "a/y"], (await mesh.Node.AgentsAsync()).Select(a => a.Name));
        Assert.Equal(("init one three", "init two"), (mesh.Guests.States["a/x"], mesh.Guests.States["a/y"]));
        Assert.Equal("/user/mesh/shard-0/agents/default/a/x", (await mesh.ActorAsync("default/a/x")).Path.ToStringWithoutAddress());
    }

    [Fact]
    public async Task Keys_of_any_characters_are_agents()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { Key = AgentKey.Subject })).StartAsync();
        string[] keys = ["$x", "a b", "ä/ö", "%", "-", "x~"];

        foreach (var key in keys)
            await mesh.Node.PublishAsync(new PublishBatch([new Mesh.Events.MeshEvent { Topic = "in", Id = key, Source = "/t", Subject = key, Data = "one"u8.ToArray() }]));
        await mesh.Node.WhenIdleAsync();

        Assert.Equal(keys.Length, mesh.Guests.States.Count);
        Assert.All(mesh.Guests.States.Values, state => Assert.Equal("init one", state));
    }

    [Fact]
    public async Task A_drain_lets_running_turns_finish_and_saves_everything()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.PublishAsync("in", "one");
        await mesh.PublishAsync("in", "wait gate");
        await mesh.Guests.WhenAt("gate");

        var drained = mesh.Node.DrainAsync();
        Assert.False(drained.IsCompleted);
        mesh.Guests.Open("gate");
        await drained;

        Assert.Equal("init one wait gate", mesh.Guests.States["a"]);
        Assert.Equal(NodeState.Stopped, mesh.Node.Status.State);
        await mesh.Node.Completion;
        await mesh.StartAsync();
        await mesh.Node.WhenIdleAsync();
        Assert.Equal((3L, 0), ((await mesh.StatusAsync("a")).Turns, (await mesh.StatusAsync("a")).TurnsSinceImage));
    }

    [Fact]
    public async Task A_node_that_drains_refuses_publishers_with_a_time_to_come_back()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.PublishAsync("in", "wait gate");
        await mesh.Guests.WhenAt("gate");
        var drained = mesh.Node.DrainAsync();

        PublishReply reply;
        do reply = await mesh.PublishAsync("in", "late");
        while (reply.IsAccepted);

        Assert.NotNull(reply.RetryAfter);
        mesh.Guests.Open("gate");
        await drained;
    }

    [Fact]
    public async Task After_its_end_a_node_answers_with_one_sentence()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        var node = mesh.Node;
        await node.DrainAsync();

        Assert.Equal(NodeFailure.Ended, (await Assert.ThrowsAsync<MeshNodeException>(() => node.AgentsAsync())).Failure);
    }

    [Fact]
    public async Task A_long_turn_starves_neither_publishers_nor_queries()
    {
        await using var mesh = new TestMesh(TestMesh.Topology([.. Enumerable.Range(0, 8).Select(i => TestMesh.Agent($"a{i}", $"in{i}"))]));
        mesh.Options = mesh.Options with { Engine = new GuestEngineOptions { Threads = 2 } };
        await mesh.StartAsync();
        for (var i = 0; i < 8; i++) await mesh.PublishAsync($"in{i}", "wait gate");
        await mesh.Guests.WhenAt("gate");

        Assert.True((await mesh.PublishAsync("other", "x")).IsAccepted);
        Assert.Equal(8, (await mesh.Node.AgentsAsync()).Count);
        mesh.Guests.Open("gate");
        await mesh.Node.WhenIdleAsync();
    }

    [Fact]
    public async Task A_quarantined_event_can_be_looked_at_edited_and_released()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.HandleAsync("in", "trap", "one");
        var put = Assert.Single(await mesh.Node.QuarantineAsync("a"));

        Assert.Null(await mesh.Node.ReleaseAsync("a", put.Input, "two"u8.ToArray()));
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one two", mesh.Guests.States["a"]);
        Assert.Empty(await mesh.Node.QuarantineAsync("a"));
        Assert.NotNull(await mesh.Node.DropAsync("a", put.Input));
    }

    [Fact]
    public async Task A_section_that_akka_cannot_use_is_refused_and_the_folder_given_back()
    {
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { AkkaConfig = "akka.actor.provider = \"no.such.Provider\"" };

        Assert.Equal(NodeFailure.Configuration, (await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync)).Failure);

        mesh.Options = mesh.Options with { AkkaConfig = "akka.loglevel = DEBUG" };
        await mesh.StartAsync();
        Assert.True(mesh.Node.Status.IsReady);
    }

    [Fact]
    public async Task Limits_that_cannot_be_are_refused_before_anything_begins()
    {
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { Shard = new ShardOptions { MailboxWindow = 0 } };

        var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);

        Assert.Equal(NodeFailure.Configuration, failure.Failure);
        Assert.Contains("mailbox-window", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(mesh.Folder.Data));
    }

    [Fact]
    public async Task An_actor_system_that_somebody_else_ends_drains_the_node()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.HandleAsync("in", "one");

        await mesh.Node.System.Terminate();
        await mesh.Node.Completion;

        await mesh.StartAsync();
        Assert.Equal(0, (await mesh.StatusAsync("a")).TurnsSinceImage);
    }

    private static async Task<TestMesh> PassivatingAsync(ManualTime time)
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in.*") with { Key = new AgentKey(2), PassivateIdleAfter = IdleAfter }));
        mesh.Options = mesh.Options with { Time = time };
        return await mesh.StartAsync();
    }

    private static async Task SleepAsync(TestMesh mesh, ManualTime time, string agent)
    {
        await time.WhenTimerIsSet(wait => wait == IdleAfter);
        var actor = await mesh.ActorAsync("default/" + agent);
        time.Advance(IdleAfter);
        await mesh.WhenEndedAsync(actor);
        Assert.Equal(AgentState.Asleep, (await mesh.StatusAsync(agent)).State);
    }
}
