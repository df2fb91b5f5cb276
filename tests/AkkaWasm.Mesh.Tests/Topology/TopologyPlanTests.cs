using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using FsCheck;
using FsCheck.Fluent;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Topology;

public sealed class TopologyPlanTests
{
    private static Arbitrary<int> Seeds => Gen.Choose(0, 1_000).ToArbitrary();

    /// <summary>A topology over a few names, so that two of them have much in common.</summary>
    private static MeshTopology Drawn(int seed)
    {
        var random = new TurnRandom((ulong)seed);
        string[] groups = [.. new[] { "g", "h", "i" }.Where(_ => random.NextInt(2) == 0)];
        var agents = Enumerable.Range(0, 8).Select(i => (Key: random.NextInt(100), Index: i)).Where(a => a.Key > 30).OrderBy(a => random.NextInt(3) == 0 ? a.Key : a.Index).Select(a => a.Index);
        return Of(
            [.. groups.Select((name, i) => Group(name, random.NextInt(3) == 0 ? SupervisionPolicy.Default : Policy(HealingDirective.Resume), i > 0 && random.NextInt(2) == 0 ? groups[0] : null))],
            [.. agents.Select(i => Agent($"a{i}", $"in.{random.NextInt(3)}", group: groups.Length > 0 && random.NextInt(2) == 0 ? groups[0] : GroupDefinition.Default) with { MaxKeys = 1 + random.NextInt(2) })]);
    }

    [Fact]
    public void A_delta_makes_one_topology_of_the_other() => Prop.ForAll(Seeds, Seeds, (seed, other) =>
    {
        var (before, after) = (Drawn(seed), Drawn(other));
        var delta = TopologyDelta.Between(before, after);
        Assert.True(TopologyCodec.AreSame(after, delta.On(before)));
        Assert.Equal(TopologyCodec.AreSame(before, after), delta.IsEmpty);
        var writer = new ByteWriter();
        TopologyDeltaCodec.Write(writer, delta);
        Assert.True(TopologyCodec.AreSame(after, TopologyDeltaCodec.Read(new ByteReader(writer.Written.ToArray())).On(before)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_plan_has_a_step_for_each_definition_that_differs_and_none_else() => Prop.ForAll(Seeds, Seeds, (seed, other) =>
    {
        var (before, after) = (Drawn(seed), Drawn(other));
        var plan = TopologyPlan.Make(before, MeshOccupants.None, after);
        var (was, becomes) = (before.Agents.ToDictionary(a => a.Name), after.Agents.ToDictionary(a => a.Name));
        Assert.Equal(becomes.Keys.Except(was.Keys).Order(), Paths(TopologyStepKind.AgentDefined));
        Assert.Equal(was.Keys.Except(becomes.Keys).Order(), Paths(TopologyStepKind.AgentStopped));
        Assert.Equal(was.Keys.Intersect(becomes.Keys).Where(n => was[n].Group != becomes[n].Group).Order(), Paths(TopologyStepKind.AgentRegrouped));
        Assert.Equal(
            was.Keys.Intersect(becomes.Keys).Where(n => was[n].Group == becomes[n].Group && (was[n].MaxKeys != becomes[n].MaxKeys || !was[n].Subscriptions.SequenceEqual(becomes[n].Subscriptions))).Order(),
            Paths(TopologyStepKind.AgentChanged));
        Assert.All(plan.Steps.Where(s => s.Kind is TopologyStepKind.AgentChanged or TopologyStepKind.GroupChanged), step => Assert.NotEmpty(step.Fields));
        Assert.Equal(plan.Steps.Length == 0, plan.Delta.IsEmpty);

        IEnumerable<string> Paths(TopologyStepKind kind) => plan.Steps.Where(s => s.Kind == kind).Select(s => s.Path["agents.".Length..]).Order();
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_field_of_a_definition_is_told_with_what_it_was_and_becomes()
    {
        var one = Agent("a", "in");
        var values = new Codecs.RandomValues(3);
        var told = Enumerable.Range(0, 200).SelectMany(_ => TopologyField.Differences(one, values.Topology().Agents.FirstOrDefault() ?? one)).Select(f => f.Name).ToHashSet();
        Assert.Equal(TopologyField.All.Select(f => f.Name).Where(n => n is not ("limits.gc-heap" or "limits.gc-compact-at")).Order(), told.Order());
        var step = TopologyPlan.Make(Of(one), MeshOccupants.None, Of(one with { Limits = one.Limits with { Deadline = TimeSpan.FromSeconds(2) } })).Steps.Single();
        Assert.Equal(new FieldChange("limits.deadline", "00:00:01", "00:00:02"), step.Fields.Single());
    }

    [Theory]
    [InlineData("in.>", null)]
    [InlineData("mesh.agent.a.>", null)]
    [InlineData("mesh.agent.*.stopped", null)]
    [InlineData("mesh.topology.changed", null)]
    [InlineData("mesh.agent.nobody.stopped", "there is no agent 'nobody'")]
    [InlineData("mesh.agnet.>", "no topics that begin with 'mesh.agnet'")]
    [InlineData("mesh", "more than one token")]
    public void A_subscription_that_nobody_will_ever_serve_is_told(string pattern, string? why)
    {
        var plan = TopologyPlan.Make(null, MeshOccupants.None, Of(Agent("a", pattern) with { Capabilities = Capabilities.None }));
        Assert.True(plan.IsPossible);
        if (why is null) Assert.Empty(plan.Warnings);
        else Assert.Contains(why, Assert.Single(plan.Warnings).Message);
    }

    [Fact]
    public void A_bad_target_has_no_steps_but_all_its_problems()
    {
        var plan = TopologyPlan.Make(Of(Agent("a", "in")), MeshOccupants.None, Of([Group("g", SupervisionPolicy.Default, "g")], Agent("a", "in..x")));
        Assert.Equal(["groups.g.parent", "agents.a.subscribe"], plan.Problems.Select(p => p.Path));
        Assert.Empty(plan.Steps);
    }
}
