using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Persistence;

/// <summary>What is no longer in memory is read from the journal.</summary>
public sealed class JournalReaderTests
{
    [Fact]
    public async Task An_agent_that_lags_reads_on_from_the_log()
    {
        await using var mesh = await SmallAsync(ScriptedGuests.Uncapturable);
        await mesh.PublishAsync("in", "wait gate");
        await mesh.Guests.WhenAt("gate");
        for (var i = 0; i < 300; i++) await mesh.PublishAsync("in", $"{i}");

        mesh.Guests.Open("gate");
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init wait gate" + string.Concat(Enumerable.Range(0, 300).Select(i => $" {i}")), mesh.Guests.States["a"]);
    }

    [Fact]
    public async Task A_guest_is_replayed_with_events_that_left_memory()
    {
        await using var mesh = await SmallAsync(ScriptedGuests.Uncapturable);
        for (var i = 0; i < 300; i++) await mesh.PublishAsync("in", $"{i}");

        await mesh.HandleAsync("in", "trap", "end");

        Assert.Equal("init" + string.Concat(Enumerable.Range(0, 300).Select(i => $" {i}")) + " end", mesh.Guests.States["a"]);
        Assert.Equal(AgentState.Running, (await mesh.StatusAsync("a")).State);
    }

    [Fact]
    public async Task A_life_whose_first_turn_stands_behind_inputs_that_waited_for_it_is_replayed_in_the_order_of_its_turns()
    {
        await using var mesh = await SmallAsync(ScriptedGuests.Uncapturable, TestMesh.Quick with { Directive = HealingDirective.Reset, EventRetries = 0 });
        await mesh.PublishAsync("in", "wait gate");
        await mesh.Guests.WhenAt("gate");
        foreach (var data in new[] { "trap", "one", "two" }) await mesh.PublishAsync("in", data);
        mesh.Guests.Open("gate");
        await mesh.Node.WhenIdleAsync();
        for (var i = 0; i < 300; i++) await mesh.PublishAsync("other", $"{i}");

        await mesh.CrashAsync();
        await mesh.HandleAsync("in", "three");

        Assert.Equal("init one two three", mesh.Guests.States["a"]);
        Assert.Equal(2, (await mesh.StatusAsync("a")).Incarnation);
    }

    [Fact]
    public async Task A_quarantined_event_that_left_memory_can_be_released()
    {
        await using var mesh = await SmallAsync(default);
        await mesh.HandleAsync("in", "trap");
        var put = Assert.Single(await mesh.Node.QuarantineAsync("a"));
        for (var i = 0; i < 300; i++) await mesh.PublishAsync("other", $"{i}");

        Assert.Null(await mesh.Node.ReleaseAsync("a", put.Input, "edited"u8.ToArray()));
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init edited", mesh.Guests.States["a"]);
    }

    private static Task<TestMesh> SmallAsync(ReadOnlyMemory<byte> config, SupervisionPolicy? policy = null)
    {
        var mesh = new TestMesh(TestMesh.Topology([new GroupDefinition("default", null, policy ?? TestMesh.Quick)], TestMesh.Agent("a", "in") with { Config = config }));
        mesh.Options = mesh.Options with { Shard = new ShardOptions { LogWindowBytes = 4_096, MailboxWindow = 8 } };
        return mesh.StartAsync();
    }
}
