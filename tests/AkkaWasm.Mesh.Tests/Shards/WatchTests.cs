using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Who watches whom is told of the end once, whatever comes between.</summary>
public sealed class WatchTests
{
    private static TestMesh Mesh() => new TestMesh(
        Of([Group("quick", Policy(HealingDirective.Stop)), Group("again", Policy(HealingDirective.Reset) with { EventRetries = 0 })],
            Agent("watcher", "eyes", "watcher", "again"), Agent("a", "in.a", "noter", "quick"), Family("kin", "kin.*", 2, "noter") with { Group = "quick" }),
        new TestGuests().With("noter", TestGuests.Note).With("watcher", (memory, turn) =>
        {
            var text = TestGuests.TextOf(turn);
            if (text.StartsWith("watch ", StringComparison.Ordinal)) turn.Watch(text[6..]);
            if (turn.Input.Topic.StartsWith("mesh.", StringComparison.Ordinal)) memory.Seen.Add(Ended(turn.Input.Data));
            return text == "trap" ? TestGuests.Trap() : null;
        })).Run();

    private static string Ended(ReadOnlyMemory<byte> data)
    {
        using var json = JsonDocument.Parse(data);
        return $"{json.RootElement.GetProperty("agent").GetString()} {json.RootElement.GetProperty("detail").GetString()}";
    }

    private static TestMesh Publish(TestMesh mesh, params (string Topic, string Text)[] events)
    {
        foreach (var (topic, text) in events) mesh.Publish(topic, text);
        return mesh.RunToIdle();
    }

    [Fact]
    public void Who_is_not_there_is_told_to_have_stopped_at_once()
    {
        var mesh = Publish(Mesh(), ("eyes", "watch nobody"), ("eyes", "watch kin/unborn"));
        Assert.Equal(["nobody stopped", "kin/unborn stopped"], mesh.Seen("watcher"));
    }

    [Fact]
    public void Who_was_stopped_before_is_told_of_at_once_and_who_stops_later_then()
    {
        var mesh = Publish(Mesh(), ("in.a", "trap"), ("kin.x", "1"));
        Publish(mesh, ("eyes", "watch a"), ("eyes", "watch kin/x"));
        Assert.Equal(["a stopped"], mesh.Seen("watcher"));
        Assert.Equal(["a stopped", "kin/x stopped"], Publish(mesh, ("kin.x", "trap")).Seen("watcher"));
    }

    [Fact]
    public void A_watch_survives_the_restart_of_the_node_and_is_told_once()
    {
        var mesh = Publish(Mesh(), ("eyes", "watch a"), ("eyes", "watch a")).Restart().RunToIdle();
        mesh = Publish(mesh, ("in.a", "trap")).Restart(useStates: false).RunToIdle();
        Assert.Equal(["a stopped"], mesh.Seen("watcher"));
    }

    [Fact]
    public void Who_watches_itself_is_not_told_because_nobody_is_there_any_more()
    {
        var topology = Of([Group(GroupDefinition.Default, Policy(HealingDirective.Stop))], Agent("self", "in"));
        var mesh = new TestMesh(topology, new TestGuests().With("self", (_, turn) =>
        {
            if (TestGuests.TextOf(turn) == "trap") return TestGuests.Trap();
            turn.Watch("self");
            return null;
        })).Run();
        Publish(mesh, ("in", "1"), ("in", "trap"));
        Assert.Equal((AgentState.Stopped, 0), (mesh.Status("self").State, mesh.On("mesh.inbox.self").Length));
    }

    [Fact]
    public void A_new_life_of_the_watcher_has_not_asked_and_is_not_told()
    {
        var mesh = Publish(Mesh(), ("eyes", "watch a"), ("eyes", "trap"), ("in.a", "trap"));
        Assert.Equal((2, 0), (mesh.Status("watcher").Incarnation, mesh.Seen("watcher").Length));
    }

    [Fact]
    public void A_watcher_that_was_stopped_is_not_told()
    {
        var topology = Of([Group(GroupDefinition.Default, Policy(HealingDirective.Stop))], Agent("watcher", "eyes"), Agent("a", "in.a", "noter"));
        var guests = new TestGuests().With("noter", TestGuests.Note).With("watcher", (_, turn) =>
        {
            if (TestGuests.TextOf(turn) == "trap") return TestGuests.Trap();
            turn.Watch("a");
            return null;
        });
        var mesh = Publish(new TestMesh(topology, guests).Run(), ("eyes", "watch"), ("eyes", "trap"), ("in.a", "trap"));
        Assert.Empty(mesh.On("mesh.inbox.watcher"));
        Assert.Equal(2, mesh.Store.Events().Count(e => e.Topic.EndsWith(".stopped", StringComparison.Ordinal) && Encoding.UTF8.GetString(e.Data.Span).Contains("stopped after")));
    }
}
