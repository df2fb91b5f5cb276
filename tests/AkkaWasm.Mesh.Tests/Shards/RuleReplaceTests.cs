using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Mesh.Tests.Shards.RuleTests;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Rules that give a family's keys another module by a share at first, pools as a whole, or lead an agent back to the module that it had.</summary>
public sealed class RuleReplaceTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 12).Select(i => $"k{i}")];

    private static readonly CanaryPolicy Half = new() { MaxFailures = 0, ShareBasisPoints = 5_000 };

    private static readonly AgentDefinition Many = Family("many", "b.*", 2, "notes");

    private static readonly AgentDefinition Crew = Agent("crew", "b.*", "notes") with { Pool = new PoolPolicy { Key = new AgentKey(2), Size = 3, Max = 4, Partitions = 16, GrowLag = null, GrowAge = null, ShrinkAfter = null } };

    private static RuleDefinition Gives(string of, CanaryPolicy? watch, string hash = "notes#2") => Rule(RuleSignal.Lag, 4, Replace(hash, watch)) with { Of = of };

    private static TestMesh ToAll(TestMesh mesh, int each = 1, string text = "x")
    {
        foreach (var key in Keys) Publish(mesh, each, text, $"b.{key}");
        return mesh;
    }

    /// <summary>So many events wait for one agent of the definition that the rule acts.</summary>
    private static TestMesh Act(TestMesh mesh, string topic)
    {
        Pass(Publish(mesh, 5, "y", topic), 3);
        mesh.Take(new Step(StepKind.Rule));
        return mesh.RunToIdle();
    }

    [Fact]
    public void A_share_of_a_family_gets_the_module_first_and_all_when_it_is_promoted()
    {
        var mesh = Act(ToAll(Start(Gives("many", Half), One, Many)).RunToIdle(), "b.k0");
        var share = Assert.Single(mesh.Shard.Canaries).Share!;
        Assert.Equal(5_000, share.BasisPoints);
        Assert.All(Keys, key => Assert.Equal(share.Includes($"many/{key}") ? "notes#2" : "notes", mesh.Status($"many/{key}").ModuleHash));
        Assert.Contains("replace by notes.wasm (notes#2) on 50% of the agents, watched for", Steps(mesh).Single(r => r.Step == RuleStep.Acted).Text, StringComparison.Ordinal);
        Assert.Equal(TopologyAuthor.Rule, mesh.Shard.TopologyChanges[^1].Author);
        mesh = mesh.Restart().RunToIdle();
        Assert.Null(mesh.Shard.PromoteCanary("many", mesh.NowNs));
        ToAll(mesh.RunToIdle()).RunToIdle();
        Assert.All(Keys, key => Assert.Equal("notes#2", mesh.Status($"many/{key}").ModuleHash));
        Pass(Publish(mesh, 5, "z", "b.k1"), 14);
        Assert.Equal("'many' has the module notes.wasm already.", Steps(mesh).Last(r => r.Step == RuleStep.Refused).Text);
    }

    [Fact]
    public void A_share_that_fails_goes_back_and_nobody_else_is_touched()
    {
        var mesh = Act(ToAll(Start(Gives("many", Half, "notes#2!"), One, Many)).RunToIdle(), "b.k0");
        var share = mesh.Shard.Canaries is [var watched] ? watched.Share! : null; // one that waited may have failed already
        for (var i = 0; i < 3; i++) ToAll(mesh).RunToIdle();
        Assert.Equal((0, TopologyAuthor.Canary), (mesh.Shard.Canaries.Count, mesh.Shard.TopologyChanges[^1].Author));
        Assert.All(Keys, key => Assert.Equal("notes", mesh.Status($"many/{key}").ModuleHash));
        if (share is not null) Assert.All(Keys, key => Assert.Equal(share.Includes($"many/{key}") ? 3 : 1, mesh.Status($"many/{key}").Incarnation));
        Assert.All(Keys, key => Assert.Equal(key == "k0" ? 9 : 4, mesh.Seen($"many/{key}").Length));
    }

    [Fact]
    public void A_pool_gets_the_module_as_a_whole_and_goes_back_as_a_whole()
    {
        var mesh = Act(ToAll(Start(Gives("crew", new CanaryPolicy { MaxFailures = 0 }, "notes#2!"), One, Crew)).RunToIdle(), "b.k0");
        for (var i = 0; i < 3; i++) ToAll(mesh).RunToIdle();
        Assert.Equal([TopologyAuthor.Rule, TopologyAuthor.Canary], mesh.Shard.TopologyChanges.Select(c => c.Author).TakeLast(2));
        Assert.All(Enumerable.Range(1, 3), member => Assert.Equal(("notes", 3), (mesh.Status($"crew/{member}").ModuleHash, mesh.Status($"crew/{member}").Incarnation)));
        Assert.Equal((4 * Keys.Length) + 5, Enumerable.Range(1, 3).Sum(member => mesh.Seen($"crew/{member}").Length));
        Assert.Equal([PoolCause.Defined], mesh.Store.Records().OfType<PoolRecord>().Select(r => r.Cause));
    }

    [Fact]
    public void A_pool_whose_partitions_are_on_their_way_is_left_alone()
    {
        var mesh = ToAll(Start(Gives("crew", new CanaryPolicy()), One, Crew), 3);
        Assert.Null(mesh.Shard.ResizePool("crew", 1, "", mesh.NowNs));
        Assert.True(mesh.Shard.FindPool("crew")!.Moving > 0); // what was given to the others they have still to handle
        Pass(mesh, 3);
        Assert.Contains("Partitions of the pool 'crew' are on their way", Steps(mesh).Single(r => r.Step == RuleStep.Refused).Text, StringComparison.Ordinal);
        Assert.Equal("notes", mesh.RunToIdle().Shard.Topology!.Agents[1].ModuleHash);
    }

    [Theory]
    [InlineData(RewindInputs.Suppressed)]
    [InlineData(RewindInputs.Dropped)]
    public void An_agent_that_fails_with_the_module_that_it_got_goes_back_to_the_one_before_alone(RewindInputs inputs)
    {
        var back = new RuleAction(RuleVerb.Rewind) { Rewind = new RewindTarget { PreviousVersion = true, Inputs = inputs } };
        var mesh = Publish(Start(Rule(RuleSignal.FailureRate, 0.2, back)), 4).RunToIdle();
        Assert.Equal(TopologyOutcome.Applied, mesh.ReplaceToTheEnd(mesh.Shard.Topology! with { Agents = [One with { ModuleHash = "notes#2!" }] })!.Outcome);
        Publish(mesh, 12, "y").RunToIdle();
        Assert.InRange(mesh.Status("one").Quarantined, 2, 10);
        Pass(mesh, 3);
        mesh = mesh.CommitAll().Restart().RunToIdle(); // the way back outlives a crash in between
        Assert.Equal(("notes", "notes#2!", 3), (mesh.Status("one").RunsModule, mesh.Shard.Topology!.Agents[0].ModuleHash, mesh.Status("one").Incarnation));
        Assert.Equal(inputs == RewindInputs.Dropped ? 4 : 16, Seen(mesh).Length);
        Assert.Equal("rewind to the previous version, inputs " + inputs.ToString().ToLowerInvariant(), Steps(mesh).Single(r => r.Step == RuleStep.Acted).Text);
    }

    [Fact]
    public void Without_a_module_before_there_is_no_way_back_and_that_is_said()
    {
        var back = new RuleAction(RuleVerb.Rewind) { Rewind = new RewindTarget { PreviousVersion = true } };
        var mesh = Publish(Start(Rule(RuleSignal.FailureRate, 0.2, back)), 4).RunToIdle();
        Pass(Publish(mesh, 3, "trap").RunToIdle(), 3);
        Assert.Equal(["Crossed", "Refused"], Words(mesh));
        Assert.Equal("The agent 'one' has had no other version of its module that it could go back to.", Steps(mesh)[1].Text);

        mesh.ReplaceToTheEnd(mesh.Shard.Topology! with { Agents = [One with { ModuleHash = "notes#2" }] }, move: MoveRequest.None);
        Publish(mesh, 3, "trap").RunToIdle();
        Pass(mesh, 30);
        mesh.RunToIdle();
        Assert.Contains("Failed", Words(mesh)); // the log knows that its life began with the module
        Assert.Equal((2, AgentState.Running), (mesh.Status("one").Incarnation, mesh.Status("one").State));
    }
}
