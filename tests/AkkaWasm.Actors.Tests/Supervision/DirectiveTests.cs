using Akka.Actor;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Supervision;

/// <summary>What each directive does to an agent that fails, alone in its group.</summary>
public sealed class DirectiveTests
{
    [Fact]
    public async Task Resume_keeps_the_state_before_the_failure_and_puts_the_event_aside()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { Directive = HealingDirective.Resume });

        await mesh.HandleAsync("in", "one", "trap", "two");

        Assert.Equal("init one two", mesh.Guests.States["a"]);
        var status = await mesh.StatusAsync("a");
        Assert.Equal((AgentState.Running, 1, 1L), (status.State, status.Quarantined, status.Failures));
        Assert.Equal(["mesh.agent.a.started", "mesh.agent.a.failed", "mesh.agent.a.quarantined", "mesh.agent.a.healed"], await TopicsAsync(mesh));
    }

    [Fact]
    public async Task Resume_keeps_the_actor_itself()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { Directive = HealingDirective.Resume });
        await mesh.HandleAsync("in", "one");
        var before = await mesh.ActorAsync("default/a");

        await mesh.HandleAsync("in", "trap");

        Assert.Equal(before, await mesh.ActorAsync("default/a"));
    }

    [Fact]
    public async Task Restart_tries_a_trap_once_more_and_then_puts_the_event_aside()
    {
        await using var mesh = await StartAsync(TestMesh.Quick);

        await mesh.HandleAsync("in", "one", "trap", "two");

        Assert.Equal("init one two", mesh.Guests.States["a"]);
        var status = await mesh.StatusAsync("a");
        Assert.Equal((2L, 1, 2L), (status.Failures, status.Quarantined, status.Healed));
    }

    [Fact]
    public async Task Restart_keeps_the_order_of_the_mailbox_and_the_path_of_the_actor()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { HostFaultRetries = 1_000_000, MaxNrOfRetries = -1 });
        await mesh.HandleAsync("in", "zero");
        var before = await mesh.ActorAsync("default/a");
        var allow = mesh.FirstAsync("mesh.agent.a.failed");

        var handled = mesh.HandleAsync("in", "1", "2", "once x", "4", "5");
        await allow;
        mesh.Guests.Allow("x");
        await handled;

        Assert.Equal("init zero 1 2 once x 4 5", mesh.Guests.States["a"]);
        Assert.Equal(before, await mesh.ActorAsync("default/a"));
    }

    [Fact]
    public async Task Reset_begins_a_new_incarnation_with_a_fresh_instance()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { Directive = HealingDirective.Reset, EventRetries = 0 });

        await mesh.HandleAsync("in", "one", "trap", "two");

        Assert.Equal("init two", mesh.Guests.States["a"]);
        Assert.Equal(2, (await mesh.StatusAsync("a")).Incarnation);
    }

    [Fact]
    public async Task Stop_ends_the_agent_its_actor_and_its_subscriptions()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { Directive = HealingDirective.Stop });
        await mesh.HandleAsync("in", "one");
        var actor = await mesh.ActorAsync("default/a");

        await mesh.HandleAsync("in", "trap", "two");

        Assert.Equal(AgentState.Stopped, (await mesh.StatusAsync("a")).State);
        Assert.Equal("init one", mesh.Guests.States["a"]);
        await mesh.WhenEndedAsync(actor);
        Assert.Null(await mesh.Node.StateHashAsync("a"));
    }

    [Fact]
    public async Task Who_watches_an_agent_is_told_of_its_end()
    {
        var policy = TestMesh.Quick with { Directive = HealingDirective.Stop };
        await using var mesh = await new TestMesh(TestMesh.Topology([new GroupDefinition("default", null, policy)], TestMesh.Agent("a", "in"), TestMesh.Agent("watcher", "eyes"))).StartAsync();
        await mesh.HandleAsync("eyes", "watch a");

        await mesh.HandleAsync("in", "trap");

        Assert.Contains("\"agent\":\"a\"", mesh.Guests.States["watcher"], StringComparison.Ordinal);
        Assert.Contains("stopped", mesh.Guests.States["watcher"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_supervisor_that_fails_itself_ends_the_shard_which_recovers_with_every_agent()
    {
        await using var mesh = await StartAsync(TestMesh.Quick);
        await mesh.HandleAsync("in", "one");
        var epoch = mesh.Node.Status.Epoch;

        var supervisor = await mesh.ActorAsync("default");

        supervisor.Tell(Kill.Instance);
        await mesh.WhenEndedAsync(supervisor);
        PublishReply reply;
        do reply = await mesh.PublishAsync("in", "two", "the-same"); // as a publisher does that is told to come again
        while (reply.Problem?.Reason == PublishRefusal.Overloaded);
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one two", mesh.Guests.States["a"]);
        Assert.Equal(epoch + 1, mesh.Node.Status.Epoch);
    }

    [Fact]
    public async Task A_missed_deadline_is_tried_more_often_than_a_trap()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { HostFaultRetries = 3 });

        await mesh.HandleAsync("in", "late");

        Assert.Equal((4L, 1), ((await mesh.StatusAsync("a")).Failures, (await mesh.StatusAsync("a")).Quarantined));
    }

    [Fact]
    public async Task When_the_budget_is_spent_the_next_directive_of_the_ladder_is_in_force()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { EventRetries = 0, MaxNrOfRetries = 2, WithinTimeRange = TimeSpan.FromHours(1), OnFailure = [HealingDirective.Stop] });

        await mesh.HandleAsync("in", "trap", "trap");
        Assert.Equal(AgentState.Running, (await mesh.StatusAsync("a")).State);

        await mesh.HandleAsync("in", "trap");
        Assert.Equal(AgentState.Stopped, (await mesh.StatusAsync("a")).State);
    }

    [Fact]
    public async Task A_fault_of_the_host_while_a_guest_runs_is_a_failed_turn_like_others()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { HostFaultRetries = 1 });

        await mesh.HandleAsync("in", "one", "bug", "two");

        Assert.Equal("init one two", mesh.Guests.States["a"]);
        Assert.Equal("internal-error", (await mesh.StatusAsync("a")).LastFault?.Code);
    }

    [Fact]
    public async Task An_agent_that_cannot_be_rebuilt_is_tried_again_and_then_stopped()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { HostFaultRetries = 2 });
        await mesh.HandleAsync("in", "one");
        mesh.Guests.Refused["a"] = true;

        await mesh.HandleAsync("in", "trap");

        Assert.Equal(AgentState.Stopped, (await mesh.StatusAsync("a")).State);
    }

    [Fact]
    public async Task A_fault_of_this_program_in_an_agents_actor_restarts_it_and_nothing_is_lost()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { SnapshotEveryTurns = 3 })).StartAsync();
        await mesh.HandleAsync("in", "1");
        var actor = await mesh.ActorAsync("default/a");
        mesh.Guests.CaptureFails["a"] = true;

        await mesh.HandleAsync("in", "2", "3", "4");

        Assert.Equal("init 1 2 3 4", mesh.Guests.States["a"]);
        Assert.Equal((2, 0L), (mesh.Guests.CreatedOf("a"), (await mesh.StatusAsync("a")).Failures));
        Assert.Equal(actor, await mesh.ActorAsync("default/a"));
    }

    [Fact]
    public async Task An_actor_that_ended_without_being_told_to_is_replaced()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.HandleAsync("in", "1");
        var actor = await mesh.ActorAsync("default/a");

        mesh.Node.System.Stop(actor);
        await mesh.WhenEndedAsync(actor);
        await mesh.HandleAsync("in", "2");

        Assert.Equal("init 1 2", mesh.Guests.States["a"]);
        Assert.NotEqual(actor, await mesh.ActorAsync("default/a"));
    }

    [Fact]
    public async Task The_back_off_grows_from_failure_to_failure_and_is_kept_by_the_clock()
    {
        var time = new ManualTime();
        await using var mesh = new TestMesh(TestMesh.Topology([new GroupDefinition("default", null, new SupervisionPolicy
        {
            MinBackoff = TimeSpan.FromSeconds(2), MaxBackoff = TimeSpan.FromSeconds(60), RandomFactor = 0, HostFaultRetries = 9,
        })], TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { Time = time };
        await mesh.StartAsync();
        await mesh.HandleAsync("in", "one");

        var handled = mesh.HandleAsync("in", "once x");
        foreach (var seconds in new[] { 2, 4, 8 })
        {
            await time.WhenTimerIsSet(wait => wait == TimeSpan.FromSeconds(seconds));
            time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.Equal(AgentState.Healing, (await mesh.StatusAsync("a")).State);
            if (seconds == 8) mesh.Guests.Allow("x");
            time.Advance(TimeSpan.FromTicks(1));
        }

        await handled;
        Assert.Equal("init one once x", mesh.Guests.States["a"]);
    }

    private static Task<TestMesh> StartAsync(SupervisionPolicy policy) =>
        new TestMesh(TestMesh.Topology([new GroupDefinition("default", null, policy)], TestMesh.Agent("a", "in"))).StartAsync();

    private static async Task<IEnumerable<string>> TopicsAsync(TestMesh mesh) => (await mesh.EventsAsync("mesh.agent.>")).Select(e => e.Event.Topic);
}
