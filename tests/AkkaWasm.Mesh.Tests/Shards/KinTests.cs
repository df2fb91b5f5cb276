using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;
using static AkkaWasm.Mesh.Topology.HealingDirective;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>An agent that another one started is in the group of that one, whatever group its family is in.</summary>
public sealed class KinTests
{
    private static GuestFault? Obey(GuestMemory memory, Turn turn)
    {
        var words = TestGuests.TextOf(turn).Split(' ');
        if (words[0] == "spawn") turn.Spawn(words[1]);
        else if (words[0] == "trap") return TestGuests.Trap();
        else memory.Seen.Add(words[0]);
        return null;
    }

    private static AgentDefinition Kin(string group = "kin") => Family("kin", "kin.*", 2, "obeys") with { Group = group };

    private static AgentDefinition First(string group = "one") => Agent("first", "do", "obeys") with { Group = group };

    private static MeshTopology Mesh(SupervisionPolicy one, params AgentDefinition[] agents) =>
        Of([Group("one", one), Group("other", Policy(Resume)), Group("kin", Policy(Stop)), Group("above", Policy(Reset)), Group("inner", Policy(Escalate), "above")], agents);

    private static TestMesh Start(MeshTopology topology) => Do(new TestMesh(topology, new TestGuests().With("obeys", Obey)).Run(), "do:spawn kin/a");

    private static TestMesh Do(TestMesh mesh, params string[] commands)
    {
        foreach (var command in commands)
        {
            mesh.Publish(command.Split(':')[0], command.Split(':')[1]);
            mesh.RunToIdle().Pass(TimeSpan.FromMinutes(2)).RunToIdle();
        }
        return mesh;
    }

    private static (string Group, HealingDirective Directive)[] Healings(TestMesh mesh) => [.. mesh.Store.Records().OfType<HealingRecord>().Select(r => (r.Group, r.Directive))];

    [Fact]
    public void It_is_healed_as_the_group_of_its_parent_says_and_one_that_an_event_brought_as_its_own()
    {
        var mesh = Do(Start(Mesh(Policy(Resume), First(), Kin())), "kin.a:trap", "kin.b:trap");
        Assert.Equal([("one", Resume), ("kin", Stop)], Healings(mesh));
        Assert.Equal((AgentState.Running, AgentState.Stopped), (mesh.Status("kin/a").State, mesh.Status("kin/b").State));
        Assert.Equal(2, mesh.Shard.Groups.Single(g => g.Name == "one").Agents);
    }

    [Fact]
    public void All_for_one_takes_parent_and_children_together()
    {
        var mesh = Do(Start(Mesh(Policy(Reset) with { Strategy = SupervisionStrategy.AllForOne, EventRetries = 0 }, First(), Kin())), "kin.b:x", "kin.a:trap");
        Assert.Equal([2, 2, 1], new[] { "first", "kin/a", "kin/b" }.Select(n => mesh.Status(n).Incarnation));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Rest_for_one_takes_children_with_their_parent_and_leaves_the_parent_alone_when_they_fail(bool familyIsFirst)
    {
        var agents = familyIsFirst ? new[] { Kin("one"), First() } : [First(), Kin("one")];
        var mesh = Do(Start(Mesh(Policy(Reset) with { Strategy = SupervisionStrategy.RestForOne, EventRetries = 0 }, agents)), "do:trap");
        Assert.Equal([2, 2], new[] { "first", "kin/a" }.Select(n => mesh.Status(n).Incarnation));
        Do(mesh, "kin.a:trap");
        Assert.Equal([2, 3], new[] { "first", "kin/a" }.Select(n => mesh.Status(n).Incarnation));
    }

    [Fact]
    public void Its_failure_escalates_from_the_group_of_its_parent()
    {
        var mesh = Do(Start(Mesh(Policy(Resume), First("inner"), Kin())), "kin.a:trap");
        Assert.Equal("above", Healings(mesh)[0].Group);
        Assert.Equal(Healings(mesh), Healings(mesh.Restart().RunToIdle()));
    }

    [Fact]
    public void It_waits_with_the_group_of_its_parent_and_moves_with_it()
    {
        var mesh = Start(Mesh(Policy(Resume), First(), Kin()));
        Assert.Null(mesh.Shard.PauseGroup("one", mesh.NowNs));
        Assert.Equal(AgentState.Paused, mesh.RunToIdle().Status("kin/a").State);
        Assert.Null(mesh.Shard.ResumeGroup("one", mesh.NowNs));
        Assert.Equal(TopologyOutcome.Applied, mesh.Shard.ApplyTopology(Mesh(Policy(Resume), First("other"), Kin()), null, TopologyAuthor.Operator, "", mesh.NowNs).Outcome);
        Do(mesh, "kin.a:trap");
        Assert.Equal("other", Healings(mesh)[^1].Group);
        Assert.Equal(TopologyOutcome.Applied, mesh.Shard.ApplyTopology(Mesh(Policy(Resume), Kin()), null, TopologyAuthor.Operator, "", mesh.NowNs).Outcome);
        Do(mesh, "kin.a:trap"); // its parent is defined no more
        Assert.Equal(("kin", Stop), Healings(mesh)[^1]);
        Assert.Equal(AgentState.Stopped, mesh.Restart().RunToIdle().Status("kin/a").State);
    }
}
