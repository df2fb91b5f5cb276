using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class QuarantineTests
{
    private static TestMesh Mesh(TestGuests guests, ShardOptions options, params AgentDefinition[] agents) =>
        new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], agents), guests, options).Run();

    private static ShardOptions Options => new() { MeshName = "test" };

    [Fact]
    public void An_event_to_an_agent_that_is_not_there_stands_in_quarantine_and_is_released_when_it_is()
    {
        var guests = new TestGuests().With("noter", TestGuests.Note).With("sender", (_, turn) => { turn.Send("noter", "hello"u8.ToArray()); return null; });
        var mesh = Mesh(guests, Options, Agent("sender", "in.>"), Agent("noter", ""));
        mesh.Shard.Complete(new AkkaWasm.Mesh.Turns.TurnResult { Agent = 1, Token = -1, Input = 0 }, mesh.NowNs); // of no life: without effect
        var topology = mesh.Topology with { Agents = [mesh.Topology.Agents[0]] };
        mesh = mesh.RunToIdle().Restart(topology: topology).RunToIdle();
        mesh.Publish("in.a", "1");
        mesh = mesh.RunToIdle().Restart().RunToIdle();
        var kept = Assert.Single(mesh.Shard.Quarantine("sender"));
        Assert.Equal("undeliverable", kept.Fault.Code);
        var letter = mesh.Store.EventAt(kept.Input);
        Assert.Contains("still no running agent", mesh.Shard.Release("sender", letter, null, mesh.NowNs));
        mesh = mesh.Restart(topology: topology with { Agents = [.. topology.Agents, Agent("noter", "")] }).RunToIdle();
        Assert.Null(mesh.Shard.Release("sender", letter, "edited"u8.ToArray(), mesh.NowNs));
        mesh.Tick();
        Assert.Equal(["mesh.inbox.noter:edited"], mesh.RunToIdle().Seen("noter"));
        Assert.Empty(mesh.Shard.Quarantine("sender"));
    }

    [Fact]
    public void A_loop_of_agents_ends_in_quarantine_and_may_go_on_when_it_is_released()
    {
        var guests = new TestGuests().With("loop", (memory, turn) => { memory["turns"]++; turn.Publish("in.a", turn.Input.Data); return null; });
        var mesh = Mesh(guests, Options with { MaxCausalDepth = 5 }, Agent("loop", "in.>"));
        mesh.Publish("in.a", "round", subject: "s");
        var kept = Assert.Single(mesh.RunToIdle().Shard.Quarantine("loop"));
        Assert.Equal(("max-causal-depth", 6L), (kept.Fault.Code, mesh.Memory("loop")["turns"]));
        Assert.Null(mesh.Shard.Release("loop", mesh.Shard.FindEvent(kept.Input)!, null, mesh.NowNs));
        mesh.Tick();
        Assert.Equal(12, mesh.RunToIdle().Memory("loop")["turns"]);
        var released = Assert.Single(mesh.Store.Events(), e => e.Origin == EventOrigin.Released);
        Assert.Equal(("in.a", kept.Input, 0, "round"), (released.Topic, released.Cause, released.Depth, Encoding.UTF8.GetString(released.Data.Span)));
    }

    [Fact]
    public void A_full_quarantine_keeps_the_newest_and_says_what_left_it()
    {
        var guests = new TestGuests().With("noter", TestGuests.Note);
        var mesh = Mesh(guests, Options with { MaxQuarantine = 3 }, Agent("noter", "in.>"));
        for (var i = 0; i < 5; i++) mesh.Publish("in.a", $"trap {i}");
        mesh = mesh.RunToIdle().Restart().RunToIdle();
        Assert.Equal(["trap 2", "trap 3", "trap 4"], mesh.Shard.Quarantine("noter").Select(q => Encoding.UTF8.GetString(mesh.Store.EventAt(q.Input).Data.Span)));
        Assert.Equal(2, mesh.On("mesh.agent.noter.quarantine-full").Length);
        Assert.Equal((3, 5L), (mesh.Status("noter").Quarantined, mesh.Shard.Totals.Quarantined));
        Assert.Equal(5, mesh.On("mesh.deadletter.noter").Length);
    }

    [Fact]
    public void Quarantine_is_searched_by_agent_code_and_time()
    {
        var guests = new TestGuests().With("noter", TestGuests.Note).With("kin", (_, turn) => TestGuests.Trap(TestGuests.TextOf(turn)));
        var mesh = Mesh(guests, Options, Agent("noter", "in.>"), Family("kin", "kin.*", 2), Agent("kin2", "in.>", "noter"));
        mesh.Publish("in.a", "trap");
        mesh.Publish("kin.a", "oops");
        mesh.RunToIdle().Pass(TimeSpan.FromMinutes(1));
        var later = mesh.NowNs;
        mesh.Publish("kin.b", "unreachable");
        mesh.RunToIdle();
        Assert.Equal(["noter", "kin2", "kin/a", "kin/b"], Found(QuarantineFilter.All));
        Assert.Equal(["kin/a", "kin/b"], Found(new() { Agent = "kin" }));
        Assert.Equal(["kin/b"], Found(new() { Agent = "kin/b" }));
        Assert.Equal(["noter", "kin2", "kin/b"], Found(new() { Code = "unreachable" }));
        Assert.Equal(["kin/b"], Found(new() { FromNs = later }));
        Assert.Equal(["noter", "kin2", "kin/a"], Found(new() { BeforeNs = later }));

        string[] Found(QuarantineFilter filter) => [.. mesh.Shard.Quarantine(filter).Select(q => q.Agent)];
    }

    private static (string, MeshEvent)[] PutAside(TestMesh mesh, params string[] agents) =>
        [.. agents.SelectMany(a => mesh.Shard.Quarantine(a)).Select(q => (q.Agent, mesh.Store.EventAt(q.Input)))];

    [Fact]
    public void Many_are_released_in_one_append_or_none_of_them()
    {
        var ill = true;
        var guests = new TestGuests().With("noter", (memory, turn) => ill ? TestGuests.Trap() : TestGuests.Note(memory, turn));
        var mesh = Mesh(guests, Options with { MaxReleased = 3 }, Agent("noter", "in.>"), Agent("other", "in.b", "noter"));
        foreach (var topic in new[] { "in.a", "in.b" }) mesh.Publish(topic, "1");
        mesh.RunToIdle();
        ill = false;
        var (all, next) = (PutAside(mesh, "noter", "other"), mesh.Shard.NextOffset);
        Assert.Equal(3, all.Length);

        Assert.Equal($"None of the 3 events was released: The agent 'other' has no event at offset {all[0].Item2.Offset} in quarantine; it has 1.",
            mesh.Shard.ReleaseAll([all[0], all[1], ("other", all[0].Item2)], mesh.NowNs));
        Assert.Contains("4 events are meant, at most 3", mesh.Shard.ReleaseAll([.. all, all[0]], mesh.NowNs));
        Assert.Equal(next, mesh.Shard.NextOffset);

        Assert.Null(mesh.Shard.ReleaseAll(all, mesh.NowNs));
        Assert.Single(mesh.CommitAll().Store.Blocks, block => AkkaWasm.Mesh.Codecs.BlockCodec.Read(block, out _).OfType<QuarantineRecord>().Any());
        Assert.Equal(2, mesh.RunToIdle().Seen("noter").Length);
        Assert.Single(mesh.Seen("other"));
    }

    [Fact]
    public void Many_are_dropped_in_one_append_or_none_of_them()
    {
        var mesh = Mesh(new TestGuests().With("noter", (_, _) => TestGuests.Trap()), Options with { MaxReleased = 2 }, Agent("noter", "in.>"));
        for (var i = 0; i < 2; i++) mesh.Publish("in.a", "1");
        Assert.Equal((2, null), mesh.RunToIdle().Shard.DropAll(QuarantineFilter.All, mesh.NowNs));
        Assert.Empty(mesh.Shard.Quarantine("noter"));
        for (var i = 0; i < 3; i++) mesh.Publish("in.a", "1");
        Assert.NotNull(mesh.RunToIdle().Shard.DropAll(new QuarantineFilter { Agent = "noter" }, mesh.NowNs).Problem);
        Assert.Equal(3, mesh.Shard.Quarantine("noter").Count);
    }
}
