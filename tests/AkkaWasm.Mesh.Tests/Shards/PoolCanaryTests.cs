using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>A pool whose change is watched keeps its members, and goes back as a whole: each with its partitions, so that every key has its events in order.</summary>
public sealed class PoolCanaryTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 12).Select(i => $"k{i}")];

    private static readonly CanaryPolicy Budget = new() { MaxFailures = 1 };

    /// <summary>Traps on what begins with an x.</summary>
    private static TestGuests Guests => new TestGuests { Traits = new GuestTraits { Version = 1, Layout = 1 } }.With("crew", Handle).With("worse", (memory, turn) =>
    {
        memory["worse"]++;
        return Handle(memory, turn) ?? (TestGuests.TextOf(turn).StartsWith('x') ? TestGuests.Trap() : null);
    });

    private static GuestFault? Handle(GuestMemory memory, Turn turn)
    {
        TestGuests.Note(memory, turn);
        turn.Publish("out.x", turn.Input.Data);
        if (TestGuests.TextOf(turn) == "bye") turn.Stop("crew/1");
        return null;
    }

    private static AgentDefinition Crew(string group = "resuming") => Agent("crew", "work.*", "crew") with
    {
        Group = group, Capabilities = new Capabilities { Publish = [">"], Spawn = true }, Pool = new PoolPolicy { Key = new AgentKey(2), Size = 3, Max = 4, Partitions = 16, GrowLag = 2, ShrinkLag = 1, CoolDown = TimeSpan.Zero },
    };

    private static AgentDefinition Worse(string group = "resuming") => Crew(group) with { ModuleHash = "worse" };

    private static MeshTopology Mesh(AgentDefinition crew) =>
        Of([Group("resuming", Policy(HealingDirective.Resume)), Group("stopping", Policy(HealingDirective.Stop))], crew);

    private static TestMesh Publish(TestMesh mesh, string text, params string[] keys)
    {
        foreach (var key in keys) mesh.Publish($"work.{key}", text);
        return mesh;
    }

    private static TestMesh Start(string group = "resuming") => Publish(new TestMesh(Mesh(Crew(group)), Guests, replaces: true).RunToIdle(), "1", Keys).RunToIdle();

    private static TopologyAnswer Replace(TestMesh mesh, AgentDefinition crew, CanaryPolicy? canary) => mesh.ReplaceToTheEnd(Mesh(crew), canary)!;

    private static string[] SeenOf(TestMesh mesh, string key) =>
        [.. Enumerable.Range(1, 3).SelectMany(member => mesh.Seen($"crew/{member}")).Where(s => s.StartsWith($"work.{key}:", StringComparison.Ordinal)).Select(s => s.Split(':')[1])];

    [Theory]
    [InlineData(RewindInputs.Suppressed)]
    [InlineData(RewindInputs.Reprocessed)]
    public void All_members_go_back_and_each_key_has_its_events_in_order(RewindInputs inputs)
    {
        var mesh = Start();
        Assert.Equal(TopologyOutcome.Applied, Replace(mesh, Worse(), Budget with { Inputs = inputs }).Outcome);
        Publish(Publish(mesh, "2", Keys), "3", Keys).RunToIdle();
        Assert.Equal(2 * Keys.Length, Enumerable.Range(1, 3).Sum(m => (int)mesh.Memory($"crew/{m}")["worse"]));
        Publish(Publish(Publish(mesh, "xa", "k0"), "xb", "k5"), "4", Keys).RunToIdle();
        Assert.Equal(("crew", TopologyAuthor.Canary, 0), (mesh.Shard.Topology!.Agents[0].ModuleHash, mesh.Shard.TopologyChanges[^1].Author, mesh.Shard.Canaries.Count));
        foreach (var key in Keys) Assert.Equal(["1", "2", "3", .. key == "k0" ? ["xa"] : key == "k5" ? ["xb"] : Array.Empty<string>(), "4"], SeenOf(mesh, key));
        Assert.All(Enumerable.Range(1, 3), m => Assert.Equal((3, 0L), (mesh.Status($"crew/{m}").Incarnation, mesh.Memory($"crew/{m}")["worse"])));
        var once = (4 * Keys.Length) + 2;
        if (inputs == RewindInputs.Suppressed) Assert.Equal(once, mesh.On("out.x").Length);
        else Assert.InRange(mesh.On("out.x").Length, once + (2 * Keys.Length), once + (3 * Keys.Length)); // what the worse version had handled, twice
        Assert.Null(mesh.Shard.ResizePool("crew", 4, "", mesh.NowNs));
    }

    [Fact]
    public void While_it_is_watched_its_members_stay_and_then_may_change_again()
    {
        var mesh = Start();
        Replace(mesh, Worse(), Budget);
        Assert.StartsWith("the pool 'crew' is watched since its change at", mesh.Shard.ResizePool("crew", 4, "", mesh.NowNs));
        Assert.StartsWith("the pool 'crew' is watched", mesh.Shard.FindPool("crew")!.WhyKept);
        Publish(Publish(mesh, "2", Keys), "3", Keys);
        mesh.ObservePools();
        Assert.Equal(3, mesh.RunToIdle().Shard.FindPool("crew")!.Size); // more than grow-lag waited for each
        Assert.Null(mesh.Shard.PromoteCanary("crew", mesh.NowNs));
        Assert.Null(mesh.Shard.ResizePool("crew", 4, "", mesh.NowNs));
        Assert.Equal("worse", mesh.RunToIdle().Shard.Topology!.Agents[0].ModuleHash);
    }

    [Fact]
    public void Another_size_cannot_be_watched_and_neither_can_a_pool_whose_partitions_are_underway()
    {
        var mesh = Start();
        var larger = Replace(mesh, Worse() with { Pool = Crew().Pool! with { Size = 4 } }, Budget);
        Assert.Equal(("agents.crew.pool", TopologyOutcome.Refused), (larger.Plan.Problems[0].Path, larger.Outcome));
        Publish(Publish(mesh, "2", Keys), "3", Keys);
        Assert.Null(mesh.Shard.ResizePool("crew", 4, "", mesh.NowNs));
        if (mesh.Shard.FindPool("crew")!.Moving == 0) return;
        Assert.Contains("are on their way", mesh.Shard.PlanTopology(Mesh(Worse()), null, Budget).Problems[0].Message);
    }

    [Fact]
    public void A_member_that_a_failure_stops_takes_the_version_back_at_once_and_misses_nothing()
    {
        var mesh = Start("stopping");
        Replace(mesh, Worse("stopping"), Budget with { MaxFailures = 100 });
        Publish(Publish(mesh, "2", Keys), "x", "k0");
        Publish(Publish(mesh, "3", Keys), "4", Keys).RunToIdle();
        Assert.Equal(("crew", TopologyAuthor.Canary), (mesh.Shard.Topology!.Agents[0].ModuleHash, mesh.Shard.TopologyChanges[^1].Author));
        foreach (var key in Keys) Assert.Equal(["1", "2", .. key == "k0" ? ["x"] : Array.Empty<string>(), "3", "4"], SeenOf(mesh, key));
        Assert.Equal([PoolCause.Defined], mesh.Store.Records().OfType<PoolRecord>().Select(r => r.Cause)); // nobody took its partitions
        var again = mesh.Restart().RunToIdle();
        foreach (var key in Keys) Assert.Equal(SeenOf(mesh, key), SeenOf(again, key));
    }

    [Fact]
    public void Who_stops_by_itself_leaves_the_partitions_to_the_others_who_go_back_with_them()
    {
        var mesh = Start();
        Replace(mesh, Worse(), Budget);
        Publish(mesh, "2", Keys).RunToIdle();
        Publish(mesh, "bye", mesh.Seen("crew/1")[0].Split(':')[0].Split('.')[1]); // a key of its own
        Publish(Publish(Publish(mesh.RunToIdle(), "3", Keys), "xa", "k0"), "xb", "k5").RunToIdle();
        Assert.Equal(("crew", AgentState.Stopped), (mesh.Shard.Topology!.Agents[0].ModuleHash, mesh.Status("crew/1").State));
        foreach (var key in Keys) Assert.Equal("3", Enumerable.Range(2, 2).SelectMany(m => mesh.Seen($"crew/{m}")).Last(s => s.StartsWith($"work.{key}:", StringComparison.Ordinal) && s[^1] != 'a' && s[^1] != 'b').Split(':')[1]);
    }
}
