using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>A new version is tried on a share of a family's keys: those get it at the change, the rest when it is promoted, or nobody keeps it.</summary>
public sealed class CanaryShareTests
{
    private static readonly CanaryPolicy Half = new() { MaxFailures = 1, ShareBasisPoints = 5_000 };

    private static readonly GuestTraits Traits = new() { Version = 1, Layout = 1, Migrates = true, Saves = true, Loads = true };

    private static readonly string[] Keys = [.. Enumerable.Range(0, 12).Select(i => $"k{i}")];

    /// <summary>Notes what it sees; a later version counts that besides, and traps on what begins with an x.</summary>
    private static TestGuests Guests => new TestGuests { Traits = Traits }.With("noter", Handle).With("worse", HandleWorse);

    private static GuestFault? Handle(GuestMemory memory, Turn turn)
    {
        TestGuests.Note(memory, turn);
        turn.Publish("out.x", turn.Input.Data);
        return null;
    }

    private static GuestFault? HandleWorse(GuestMemory memory, Turn turn)
    {
        memory["worse"]++;
        return Handle(memory, turn) ?? (TestGuests.TextOf(turn).StartsWith('x') ? TestGuests.Trap() : null);
    }

    private static AgentDefinition Keyed => Family("keyed", "key.*", 2, "noter") with { Group = "resuming" };

    private static AgentDefinition Worse => Keyed with { ModuleHash = "worse" };

    private static MeshTopology Mesh(params AgentDefinition[] agents) => Of([Group("resuming", Policy(HealingDirective.Resume))], agents);

    private static TestMesh Start(params string[] keys)
    {
        var mesh = new TestMesh(Mesh(Keyed), Guests, replaces: true).RunToIdle();
        return Publish(mesh, "1", keys);
    }

    private static TestMesh Publish(TestMesh mesh, string text, params string[] keys)
    {
        foreach (var key in keys) mesh.Publish($"key.{key}", text);
        return mesh.RunToIdle();
    }

    private static TopologyAnswer Replace(TestMesh mesh, MeshTopology target, CanaryPolicy? canary) => mesh.ReplaceToTheEnd(target, canary)!;

    private static TestMesh Try(TestMesh mesh, CanaryPolicy? canary = null)
    {
        Assert.Equal(TopologyOutcome.Applied, Replace(mesh, Mesh(Worse), canary ?? Half).Outcome);
        return mesh;
    }

    private static KeyShare Share(TestMesh mesh) => Assert.Single(mesh.Shard.Canaries).Share!;

    private static string Module(TestMesh mesh, string key) => mesh.Status($"keyed/{key}").ModuleHash;

    private static TestMesh Wait(TestMesh mesh)
    {
        mesh.NowNs = mesh.Shard.NextAlarmNs!.Value;
        mesh.Tick();
        return mesh.RunToIdle();
    }

    [Fact]
    public void Exactly_the_agents_in_the_share_get_it_whoever_comes_to_be_later_too()
    {
        var mesh = Try(Start(Keys));
        var share = Share(mesh);
        Publish(mesh, "2", [.. Keys, .. Keys.Select(k => $"new-{k}")]);
        var (inside, outside) = (0, 0);
        foreach (var key in Keys)
        {
            var isIn = share.Includes($"keyed/{key}");
            Assert.Equal(isIn ? ("worse", 2, 1L) : ("noter", 1, 0L), (Module(mesh, key), mesh.Status($"keyed/{key}").Incarnation, mesh.Memory($"keyed/{key}")["worse"]));
            Assert.Equal([$"key.{key}:1", $"key.{key}:2"], mesh.Seen($"keyed/{key}"));
            Assert.Equal(isIn ? share : null, mesh.Status($"keyed/{key}").TriedIn);
            Assert.Equal(share.Includes($"keyed/new-{key}") ? "worse" : "noter", Module(mesh, $"new-{key}"));
            _ = isIn ? inside++ : outside++;
        }
        Assert.True(inside > 0 && outside > 0);
        Assert.Equal((5_000, (24, 24)), (share.BasisPoints, (Assert.Single(mesh.Shard.Canaries).Living.All, mesh.Shard.Agents.Count())));
        Assert.Equal("noter", mesh.Shard.Topology!.Agents[0].ModuleHash);
        Assert.Contains("\"share\":\"50%\"", Encoding.UTF8.GetString(Assert.Single(mesh.On(Shard.CanaryTopic)).Data.Span));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_its_time_is_over_all_get_it_with_the_states_that_they_have(bool byHand)
    {
        var mesh = Try(Start(Keys));
        mesh = Publish(mesh, "2", Keys).Restart(topology: Mesh(Keyed)).RunToIdle();
        var share = Share(mesh);
        if (byHand) Assert.Null(mesh.Shard.PromoteCanary("keyed", mesh.NowNs));
        else Wait(mesh);
        Publish(mesh.RunToIdle(), "3", Keys);
        Assert.Empty(mesh.Shard.Canaries);
        foreach (var key in Keys)
        {
            Assert.Equal(("worse", 2), (Module(mesh, key), mesh.Status($"keyed/{key}").Incarnation));
            Assert.Equal([$"key.{key}:1", $"key.{key}:2", $"key.{key}:3"], mesh.Seen($"keyed/{key}"));
            Assert.Equal(share.Includes($"keyed/{key}") ? 2 : 1, mesh.Memory($"keyed/{key}")["worse"]);
        }
        Assert.Equal((null, "worse"), (mesh.Shard.Topology!.Agents[0].Canary, mesh.Shard.Topology.Agents[0].ModuleHash));
        Assert.Equal(byHand ? TopologyAuthor.Operator : TopologyAuthor.Canary, mesh.Shard.TopologyChanges[^1].Author);
        Assert.Single(mesh.On(Shard.PromotedTopic));
        Assert.Equal(36, mesh.On("out.x").Length); // nothing was lost, nothing told twice
    }

    [Fact]
    public void When_it_fails_too_often_only_those_who_had_it_go_back()
    {
        var mesh = Try(Start(Keys));
        var share = Share(mesh);
        var outside = Keys.First(k => !share.Includes($"keyed/{k}"));
        Publish(mesh, "xa", outside, outside, outside); // the version before bears that, and its failures would not count
        Publish(mesh, "2", Keys);
        Publish(mesh, "xb", Keys);
        foreach (var key in Keys)
        {
            Assert.Equal(("noter", share.Includes($"keyed/{key}") ? 3 : 1, 0), (Module(mesh, key), mesh.Status($"keyed/{key}").Incarnation, mesh.Status($"keyed/{key}").Quarantined));
            Assert.Equal(0, mesh.Memory($"keyed/{key}")["worse"]);
            Assert.Equal($"key.{key}:xb", mesh.Seen($"keyed/{key}")[^1]);
        }
        Assert.Equal(39, mesh.On("out.x").Length);
        Assert.Contains($"\"agents_set_back\":{Keys.Count(k => share.Includes($"keyed/{k}"))},", Encoding.UTF8.GetString(Assert.Single(mesh.On(Shard.RolledBackTopic)).Data.Span));
    }

    [Fact]
    public void Failures_of_the_others_do_not_count()
    {
        var mesh = new TestMesh(Mesh(Worse), Guests, replaces: true).RunToIdle();
        Publish(mesh, "1", Keys);
        Assert.Equal(TopologyOutcome.Applied, Replace(mesh, Mesh(Keyed), Half).Outcome);
        var outside = Keys.First(k => !Share(mesh).Includes($"keyed/{k}"));
        Publish(mesh, "x", outside, outside, outside, outside);
        Assert.Equal((0, 4), (Assert.Single(mesh.Shard.Canaries).Failures, mesh.Status($"keyed/{outside}").Quarantined));
    }

    [Fact]
    public void Those_that_sleep_get_it_when_they_wake_and_those_that_slept_through_all_of_it_never_had_it()
    {
        var mesh = Start(Keys);
        foreach (var key in Keys) mesh.Passivate($"keyed/{key}");
        Try(mesh.RunToIdle());
        var share = Share(mesh);
        var (used, idle) = (Keys.First(k => share.Includes($"keyed/{k}")), Keys.Last(k => share.Includes($"keyed/{k}")));
        Publish(mesh, "2", used);
        Assert.Equal(1, mesh.Memory($"keyed/{used}")["worse"]);
        Publish(mesh, "x", used, used);
        Publish(mesh, "3", idle);
        Assert.Equal((0L, 0L), (mesh.Memory($"keyed/{used}")["worse"], mesh.Memory($"keyed/{idle}")["worse"]));
        Assert.Equal([$"key.{idle}:1", $"key.{idle}:3"], mesh.Seen($"keyed/{idle}"));
    }

    [Fact]
    public void What_concerns_the_family_as_a_whole_cannot_be_tried_on_a_share_of_it()
    {
        var mesh = Start(Keys);
        foreach (var (changed, what) in new[] { (Worse with { Subscriptions = ["key.*", "more.*"] }, "subscribe"), (Worse with { Group = GroupDefinition.Default }, "group"), (Worse with { MaxKeys = 3 }, "max-keys") })
        {
            var refused = Replace(mesh, Mesh(changed), Half);
            Assert.Equal(TopologyOutcome.Refused, refused.Outcome);
            Assert.Contains($"has another {what}, which concerns the family as a whole", refused.Plan.Problems[^1].Message);
        }
        var plan = mesh.Shard.PlanTopology(Mesh(Worse), null, Half with { ShareBasisPoints = 1 });
        Assert.Contains("None of the agents that live is among 0.01% of the agents", Assert.Single(plan.Warnings).Message);
        Assert.Equal("1 agent changed (on 0.01% of the agents)", plan.Summary);
        var single = new TestMesh(Mesh(Agent("noter", "in.>") with { Group = "resuming" }), Guests, replaces: true).RunToIdle();
        Assert.Contains("'noter' is one agent", Assert.Single(single.Shard.PlanTopology(Mesh(Agent("noter", "in.>", "worse") with { Group = "resuming" }), null, Half).Warnings).Message);
    }

    [Fact]
    public void The_version_that_is_tried_is_not_changed_and_to_want_it_changes_nothing()
    {
        var mesh = Try(Start(Keys));
        Assert.Equal(TopologyOutcome.Unchanged, Replace(mesh, Mesh(Worse), null).Outcome);
        Assert.Contains("is watched since", Assert.Single(Replace(mesh, Mesh(Keyed), null).Plan.Problems).Message);
        Assert.Equal(TopologyOutcome.Applied, Replace(mesh, Mesh(Worse, Agent("other", "in.>", "noter")), null).Outcome);
        Assert.NotNull(mesh.Shard.Topology!.Agents[0].Canary);
        mesh = mesh.Restart(topology: Mesh(Worse)); // another configuration, and that of the version: it goes on being tried
        Assert.NotNull(Share(mesh));
        mesh = mesh.Restart(topology: Mesh(Worse));
        Assert.Equal(4, mesh.Shard.TopologyChanges.Count); // defined, tried, another agent, and that gone again; not once more
        mesh = mesh.Restart(topology: Mesh(Keyed with { ModuleHash = "noter#3" })).RunToIdle();
        Assert.Empty(mesh.Shard.Canaries);
        Publish(mesh, "2", Keys);
        Assert.All(Keys, key => Assert.Equal("noter#3", Module(mesh, key)));
        Assert.All(Keys, key => Assert.Equal([$"key.{key}:1", $"key.{key}:2"], mesh.Seen($"keyed/{key}")));
    }

    [Fact]
    public void When_the_others_cannot_be_made_ready_it_is_watched_for_as_long_again()
    {
        var mesh = Try(Start(Keys));
        var until = Assert.Single(mesh.Shard.Canaries).UntilNs;
        mesh.NowNs = until;
        mesh.Tick();
        mesh.Take(mesh.Steps().Single(s => s.Kind == StepKind.Canary));
        mesh.Take(mesh.Steps().Single(s => s.Kind == StepKind.RollBack));
        Assert.True(mesh.IsReplacing);
        mesh.GiveReplaceUp();
        mesh.RunToIdle();
        Assert.Equal(mesh.NowNs + (TimeSpan.FromMinutes(5).Ticks * 100), Assert.Single(mesh.Shard.Canaries).UntilNs);
        Assert.Contains("They took too long.", Encoding.UTF8.GetString(Assert.Single(mesh.On(Shard.PostponedTopic)).Data.Span));
        mesh = mesh.Restart(topology: Mesh(Keyed)).RunToIdle();
        Assert.True(Assert.Single(mesh.Shard.Canaries).UntilNs > until);
        Wait(mesh);
        Assert.Empty(mesh.Shard.Canaries);
        Assert.All(Keys, key => Assert.Equal("worse", Module(mesh, key)));
    }

    [Fact]
    public void A_fork_is_under_the_version_of_its_origin_or_refused()
    {
        var mesh = Try(Start(Keys));
        var share = Share(mesh);
        var origin = $"keyed/{Keys[0]}";
        var names = Enumerable.Range(0, 40).Select(i => $"fork{i}").ToArray();
        var (same, other) = (names.First(n => share.Includes(n) == share.Includes(origin)), names.First(n => share.Includes(n) != share.Includes(origin)));
        foreach (var (name, isDone) in new[] { (same, true), (other, false) })
        {
            var request = new OperatorRequest("a fork") { Agent = origin, Name = name };
            mesh.Fork(request);
            mesh.RunToIdle();
            Assert.Equal(isDone, request.IsDone);
        }
        Assert.Equal(Module(mesh, Keys[0]), mesh.Status(same).ModuleHash);
    }

    [Fact]
    public void A_crash_at_any_record_leaves_all_of_a_step_or_nothing()
    {
        var mesh = Wait(Publish(Try(Start("k0", "k1", "k2", "k3")), "2", "k0", "k1", "k2", "k3"));
        for (var blocks = 1; blocks <= mesh.Store.Blocks.Count; blocks++)
        {
            var back = mesh.Restart(blocks: blocks, useStates: blocks % 2 == 0, topology: Mesh(Keyed));
            back.RunToIdle();
            var definition = back.Shard.Topology!.Agents[0];
            Assert.Equal(definition.Canary is not null, back.Shard.Canaries.Count > 0);
            foreach (var agent in back.Shard.Agents) Assert.Equal(definition.Of(agent.Name).ModuleHash, agent.ModuleHash);
            Publish(back, "3", "k0", "k1", "k2", "k3");
            foreach (var agent in back.Shard.Agents) Assert.Equal("3", back.Seen(agent.Name)[^1].Split(':')[1]);
        }
    }

    [Fact]
    public void A_share_falls_on_about_as_many_as_it_says_and_on_others_with_another_seed()
    {
        var names = Enumerable.Range(0, 10_000).Select(i => $"keyed/{i}").ToArray();
        foreach (var points in new[] { 1, 100, 1_000, 5_000, KeyShare.All })
            Assert.InRange(names.Count(new KeyShare(points, 7).Includes), points - (4 * Math.Sqrt(points)) - 1, points + (4 * Math.Sqrt(points)) + 1);
        Assert.All(names.Where(new KeyShare(1_000, 7).Includes), name => Assert.True(new KeyShare(2_000, 7).Includes(name)));
        Assert.InRange(names.Count(n => new KeyShare(1_000, 7).Includes(n) && new KeyShare(1_000, 8).Includes(n)), 50, 160);
        Assert.True(new KeyShare(KeyShare.All, 3).Includes(new string('é', 700)));
    }
}
