using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Topology;

public sealed class TopologyCheckTests
{
    public static TheoryData<MeshTopology, string, string> Bad => new()
    {
        { Of(Agent("a", "in")) with { Name = "a b" }, "name", "cannot name a mesh" },
        { Of(Agent("a.b", "in")), "agents.a.b", "cannot name an agent" },
        { Of(Agent(new string('a', 101), "in")), $"agents.{new string('a', 101)}", "at most 100" },
        { Of(Agent("a", "in"), Agent("a", "in")), "agents.a", "defined twice" },
        { Of(Agent("a", "in", null, "nowhere")), "agents.a.group", "There is no group 'nowhere'" },
        { Of(Agent("a", "in..x")), "agents.a.subscribe", "illegal token" },
        { Of(Agent("a", "in") with { Capabilities = new Capabilities { Publish = ["a.>.b"] } }), "agents.a.capabilities.publish", "comes last" },
        { Of(Agent("a", "in") with { Key = new AgentKey(33) }), "agents.a.key", "names token 33" },
        { Of(Agent("a", "in") with { MaxKeys = 0 }), "agents.a.max-keys", "too few" },
        { Of(Agent("a", "in") with { SnapshotEveryTurns = 0 }), "agents.a", "must be 1 or more" },
        { Of(Agent("a", "in") with { SnapshotAtMostEvery = TimeSpan.FromTicks(-1) }), "agents.a.snapshot-at-most-every", "0 or more" },
        { Of([Group("g", SupervisionPolicy.Default), Group("g", SupervisionPolicy.Default)]), "groups.g", "defined twice" },
        { Of([Group("g", SupervisionPolicy.Default, "h")]), "groups.g.parent", "There is no group 'h'" },
        { Of([Group("g", SupervisionPolicy.Default, "g")]), "groups.g.parent", "g → g" },
        { Of([Group("g", SupervisionPolicy.Default with { MaxNrOfRetries = -2 })]), "groups.g.max-nr-of-retries", "too small" },
        { Of([Group("g", SupervisionPolicy.Default with { MaxBackoff = TimeSpan.Zero })]), "groups.g.min-backoff", "at most max-backoff" },
        { Of([Group("g", SupervisionPolicy.Default with { RandomFactor = double.NaN })]), "groups.g.random-factor", "no share" },
        { Of([Group("g", SupervisionPolicy.Default with { EventRetries = -1 })]), "groups.g.event-retries", "0 or more" },
        { Of() with { Root = SupervisionPolicy.Default with { WithinTimeRange = TimeSpan.Zero } }, "supervision.within-time-range", "longer than 0" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_wrong_is_said_with_its_place(MeshTopology topology, string path, string message)
    {
        var problem = Assert.Single(TopologyCheck.Check(topology));
        Assert.Equal(path, problem.Path);
        Assert.Contains(message, problem.Message);
    }

    [Fact]
    public void Groups_that_supervise_each_other_in_a_circle_are_all_named()
    {
        var policy = SupervisionPolicy.Default;
        var problems = TopologyCheck.Check(Of([Group("a", policy, "c"), Group("b", policy, "a"), Group("c", policy, "b"), Group("d", policy, "a")]));
        Assert.Equal(["groups.a.parent", "groups.b.parent", "groups.c.parent"], problems.Select(p => p.Path));
        Assert.Contains("a → c → b → a", problems[0].Message);
    }

    [Fact]
    public void A_good_topology_has_no_problems() =>
        Assert.Empty(TopologyCheck.Check(Of([Group("g", SupervisionPolicy.Default), Group("h", SupervisionPolicy.Default, "g")], Agent("a", "in.> x.*", null, "h"), Family("f", "q.*", 2))));
}
