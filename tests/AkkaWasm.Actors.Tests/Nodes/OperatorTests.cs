using System.Text;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>What operators do to agents of a running node.</summary>
public sealed class OperatorTests
{
    private static Task<TestMesh> StartAsync(SupervisionPolicy? policy = null, int snapshotEvery = 1_000) => new TestMesh(TestMesh.Topology(
        [new GroupDefinition("default", null, policy ?? TestMesh.Quick)], TestMesh.Agent("a", "in") with { SnapshotEveryTurns = snapshotEvery })).StartAsync();

    [Fact]
    public async Task A_paused_agent_waits_over_a_crash_and_goes_on_when_it_is_resumed()
    {
        await using var mesh = await StartAsync();
        await mesh.HandleAsync("in", "one");

        Assert.Null(await mesh.Node.PauseAsync("a"));
        await mesh.HandleAsync("in", "two");
        await mesh.CrashAsync();
        await mesh.HandleAsync("in", "three");
        var status = await mesh.StatusAsync("a");
        Assert.Equal((AgentState.Paused, 2, "an operator paused it"), (status.State, status.Pending, status.Why));
        Assert.NotNull(await mesh.Node.StateHashAsync("a"));
        Assert.Null(await mesh.Node.ResumeAsync("a"));
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one two three", mesh.Guests.States["a"]);
        Assert.Contains("not paused", await mesh.Node.ResumeAsync("a"));
    }

    [Fact]
    public async Task A_killed_actor_is_rebuilt_without_a_record_and_nothing_is_lost()
    {
        await using var mesh = await StartAsync();
        await mesh.HandleAsync("in", "one");

        Assert.Null(await mesh.Node.KillAsync("a"));
        await mesh.HandleAsync("in", "two");

        Assert.Equal(("init one two", 2), (mesh.Guests.States["a"], mesh.Guests.CreatedOf("a")));
        Assert.Equal((0L, 0), ((await mesh.StatusAsync("a")).Failures, (await mesh.StatusAsync("a")).BudgetSpent));
        Assert.Contains("no agent 'b'", await mesh.Node.KillAsync("b"));
        await mesh.Node.PauseAsync("a");
        Assert.Contains("no actor now", await mesh.Node.KillAsync("a"));
    }

    [Fact]
    public async Task A_simulated_crash_goes_through_the_ladder_and_the_event_is_handled_after_all()
    {
        await using var mesh = await StartAsync();

        Assert.Null(await mesh.Node.SimulateCrashAsync("a"));
        await mesh.HandleAsync("in", "one", "two");

        var status = await mesh.StatusAsync("a");
        Assert.Equal(("init one two", GuestFault.Simulated, 1L, 1), (mesh.Guests.States["a"], status.LastFault?.Code, status.Healed, status.BudgetSpent));
    }

    [Fact]
    public async Task A_crash_that_was_acknowledged_happens_once_though_the_node_is_aborted_before()
    {
        await using var mesh = await StartAsync();
        await mesh.HandleAsync("in", "one");

        Assert.Null(await mesh.Node.SimulateCrashAsync("a"));
        await mesh.CrashAsync();
        Assert.Contains("to fail already", await mesh.Node.SimulateCrashAsync("a"));
        await mesh.HandleAsync("in", "two");
        await mesh.CrashAsync();
        await mesh.HandleAsync("in", "three");

        var status = await mesh.StatusAsync("a");
        Assert.Equal(("init one two three", GuestFault.Simulated, 1L, 1L), (mesh.Guests.States["a"], status.LastFault?.Code, status.Failures, status.Healed));
    }

    [Fact]
    public async Task Reset_gives_a_fresh_instance_also_to_one_that_was_stopped()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { Directive = HealingDirective.Stop });
        await mesh.HandleAsync("in", "one");

        Assert.Null(await mesh.Node.ResetAsync("a"));
        await mesh.HandleAsync("in", "two", "trap");
        Assert.Equal("init two", mesh.Guests.States["a"]);
        Assert.Equal(AgentState.Stopped, (await mesh.StatusAsync("a")).State);
        Assert.Null(await mesh.Node.ResetAsync("a"));
        await mesh.HandleAsync("in", "three");

        Assert.Equal(("init three", 3), (mesh.Guests.States["a"], (await mesh.StatusAsync("a")).Incarnation));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(2)]
    public async Task An_agent_goes_back_by_what_the_journal_and_the_snapshots_say_and_stays_so_over_a_crash(int snapshotEvery)
    {
        await using var mesh = await StartAsync(snapshotEvery: snapshotEvery);
        await mesh.HandleAsync("in", "one", "two", "three");
        var (hash, at) = (await mesh.Node.StateHashAsync("a"), (await mesh.StatusAsync("a")).LastInput);
        await mesh.HandleAsync("in", "four", "five");

        Assert.Null(await mesh.Node.RewindAsync("a", new RewindTarget { To = at, Inputs = RewindInputs.Dropped }));
        Assert.Equal(hash, await mesh.Node.StateHashAsync("a"));
        await mesh.CrashAsync();
        await mesh.HandleAsync("in", "six", "seven", "eight");
        await mesh.RestartAsync();
        await mesh.HandleAsync("in", "nine");

        Assert.Equal("init one two three six seven eight nine", mesh.Guests.States["a"]);
        Assert.Single(await mesh.EventsAsync("mesh.agent.a.rewound"));
        Assert.Contains("as old as offset 0", await mesh.Node.RewindAsync("a", new RewindTarget { To = 0 }));
        Assert.Equal(2, (await mesh.StatusAsync("a")).Incarnation);
    }

    [Fact]
    public async Task Events_since_are_handled_again_and_nothing_of_it_leaves_the_agent()
    {
        await using var mesh = await StartAsync();
        await mesh.HandleAsync("in", "one", "emit out", "two");

        Assert.Null(await mesh.Node.RewindAsync("a", new RewindTarget { Turns = 2 }));
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one emit out two", mesh.Guests.States["a"]);
        Assert.Single(await mesh.EventsAsync("out"));
    }

    [Fact]
    public async Task As_a_directive_it_takes_the_last_turns_back_and_tries_the_event_again()
    {
        await using var mesh = await StartAsync(TestMesh.Quick with { Directive = HealingDirective.Rewind, Rewind = new RewindTarget { Turns = 1, Inputs = RewindInputs.Dropped } });

        await mesh.HandleAsync("in", "one", "two", "trap", "three");

        var status = await mesh.StatusAsync("a");
        Assert.Equal((1, 2L, AgentState.Running), (status.Quarantined, status.Failures, status.State));
        Assert.Equal("init three", mesh.Guests.States["a"]);
        Assert.Equal(2, (await mesh.EventsAsync("mesh.agent.a.rewound")).Count);
    }

    [Fact]
    public async Task What_was_put_aside_is_found_looked_at_and_released()
    {
        await using var mesh = await StartAsync();
        await mesh.HandleAsync("in", "trap", "one");

        var kept = Assert.Single(await mesh.Node.QuarantineAsync(new QuarantineFilter { Agent = "a", Code = "unreachable" }));
        Assert.Equal("trap", Encoding.UTF8.GetString((await mesh.Node.EventAsync(kept.Input))!.Event.Data.Span));
        Assert.Null(await mesh.Node.EventAsync(1_000_000));
        Assert.Empty(await mesh.Node.QuarantineAsync(new QuarantineFilter { Code = "other" }));
        Assert.Null(await mesh.Node.ReleaseAsync("a", kept.Input, "mended"u8.ToArray()));
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init one mended", mesh.Guests.States["a"]);
        Assert.Equal((HealthLevel.Ok, 0L), (await mesh.Node.HealthAsync()) is var health ? (health.Level, health.Quarantined) : default);
    }

    [Fact]
    public async Task Many_are_released_together_and_a_way_back_is_looked_at_first()
    {
        var policy = TestMesh.Quick with { Directive = HealingDirective.Resume };
        await using var mesh = new TestMesh(TestMesh.Topology([new GroupDefinition("default", null, policy)], TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { Shard = mesh.Options.Shard with { MaxReleased = 2 } };
        await mesh.StartAsync();
        foreach (var text in new[] { "one", "trap", "two", "trap" }) await mesh.PublishAsync("in", text);
        await mesh.Node.WhenIdleAsync();
        var last = (await mesh.Node.AgentAsync("a"))!.LastInput;

        var (outlook, problem) = await mesh.Node.LookAtRewindAsync("a", new RewindTarget { Turns = 1 });
        Assert.Null(problem);
        Assert.Equal((last, 1, 1), (outlook!.LastInput, outlook.UndoneTurns, outlook.Incarnation));
        Assert.Equal(last, Assert.Single(outlook.Undone));
        Assert.Equal("There is no agent 'nobody'.", (await mesh.Node.LookAtRewindAsync("nobody", RewindTarget.Default)).Problem);
        Assert.Equal("init one two", mesh.Guests.States["a"]);

        Assert.Equal((2, null), await mesh.Node.ReleaseAsync(QuarantineFilter.All)); // they trap again
        await mesh.Node.WhenIdleAsync();
        await mesh.PublishAsync("in", "trap");
        await mesh.Node.WhenIdleAsync();
        Assert.Contains("at most 2 leave quarantine together", (await mesh.Node.DropAsync(QuarantineFilter.All)).Problem, StringComparison.Ordinal);
        Assert.Equal(3, (await mesh.Node.QuarantineAsync(QuarantineFilter.All)).Count);
    }

    [Fact]
    public async Task An_open_circuit_degrades_the_node_and_closes_in_virtual_time()
    {
        var time = new ManualTime();
        var policy = TestMesh.Quick with { Directive = HealingDirective.Resume };
        await using var mesh = new TestMesh(TestMesh.Topology([new GroupDefinition("default", null, policy)], TestMesh.Agent("kin", "kin.*") with
        {
            Key = new AgentKey(2), Circuit = new CircuitPolicy { MinAgents = 2, HalfOpenProbes = 1, OpenFor = TimeSpan.FromSeconds(30) },
        }));
        mesh.Options = mesh.Options with { Time = time };
        await mesh.StartAsync();
        foreach (var key in new[] { "x", "y" }) await mesh.PublishAsync($"kin.{key}", "trap");
        await mesh.FirstAsync("mesh.family.kin.circuit-opened");

        await mesh.PublishAsync("kin.x", "one");
        var health = await mesh.Node.HealthAsync();
        Assert.Equal((HealthLevel.Degraded, "kin", CircuitState.Open), (health.Level, health.Circuits.Single().Family, health.Circuits.Single().State));
        Assert.Equal(AgentState.Held, (await mesh.StatusAsync("kin/x")).State);
        time.Advance(TimeSpan.FromSeconds(31));
        await mesh.FirstAsync("mesh.family.kin.circuit-closed");

        Assert.Equal("init one", mesh.Guests.States["kin/x"]);
        Assert.Equal(HealthLevel.Ok, (await mesh.Node.HealthAsync()).Level);
    }
}
