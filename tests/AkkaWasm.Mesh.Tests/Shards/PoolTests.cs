using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class PoolTests
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 24).Select(i => $"k{i}")];

    private static PoolPolicy Bounds(int size, int max = 4) => new() { Size = size, Max = max, Partitions = 16, GrowLag = 10, ShrinkLag = 2, CoolDown = TimeSpan.FromSeconds(10) };

    private static AgentDefinition Crew(PoolPolicy pool) => Agent("crew", "work.>") with { Pool = pool };

    private static TestGuests Guests => new TestGuests().With("crew", TestGuests.Note).With("sender", (_, turn) =>
    {
        turn.Send("crew", turn.Input.Data);
        return null;
    });

    private static TestMesh Mesh(PoolPolicy pool, ShardOptions? options = null, params AgentDefinition[] others) => new TestMesh(Of([Crew(pool), .. others]), Guests, options).Run();

    private static TestMesh Publish(TestMesh mesh, int round, IEnumerable<string>? keys = null)
    {
        foreach (var key in keys ?? Keys) mesh.Publish($"work.{key}", $"{key}-{round}", subject: key);
        return mesh;
    }

    private static string[] Members(TestMesh mesh) => [.. mesh.Shard.FindPool("crew")!.Members.Where(m => m.Role != PoolMemberRole.Stopped).Select(m => m.Name)];

    /// <summary>What each member saw, without the topics.</summary>
    private static Dictionary<string, string[]> SeenBy(TestMesh mesh) => Members(mesh).ToDictionary(m => m, m => mesh.Seen(m).Select(s => s.Split(':')[1]).ToArray());

    private static JsonElement[] Told(TestMesh mesh, string what) => [.. mesh.On($"mesh.pool.crew.{what}").Select(e => JsonDocument.Parse(e.Data).RootElement)];

    private static string? Resize(TestMesh mesh, int members) => mesh.Shard.ResizePool("crew", members, "", mesh.NowNs);

    [Fact]
    public void Members_share_the_events_and_each_key_is_with_one_of_them()
    {
        var mesh = Publish(Publish(Mesh(Bounds(3)), 1), 2).RunToIdle();
        var seen = SeenBy(mesh);
        Assert.Equal(["crew/1", "crew/2", "crew/3"], seen.Keys);
        Assert.All(seen.Values, texts => Assert.NotEmpty(texts));
        Assert.Equal(Keys.SelectMany(k => new[] { $"{k}-1", $"{k}-2" }).Order(), seen.Values.SelectMany(t => t).Order());
        foreach (var key in Keys) Assert.Equal([$"{key}-1", $"{key}-2"], Assert.Single(seen.Values, texts => texts.Contains($"{key}-1")).Where(t => t.StartsWith($"{key}-", StringComparison.Ordinal)));
        Assert.Equal("formed", Assert.Single(mesh.Store.Events(), e => e.Topic.StartsWith("mesh.pool.", StringComparison.Ordinal)).Topic.Split('.')[^1]);
    }

    [Fact]
    public void Events_without_a_key_are_of_one_key_and_tokens_can_be_keys()
    {
        var mesh = Mesh(Bounds(3));
        for (var i = 0; i < 9; i++) mesh.Publish("work.x", $"{i}");
        Assert.Equal([.. Enumerable.Range(0, 9).Select(i => $"{i}")], Assert.Single(SeenBy(mesh.RunToIdle()).Values, texts => texts.Length > 0));
        var byToken = Mesh(Bounds(3) with { Key = new AgentKey(2) });
        foreach (var key in Keys) byToken.Publish($"work.{key}", key);
        Assert.All(SeenBy(byToken.RunToIdle()).Values, texts => Assert.NotEmpty(texts));
    }

    [Fact]
    public void A_key_that_changes_hands_is_handled_in_order_by_both()
    {
        var mesh = Publish(Mesh(Bounds(1)), 1);
        Assert.Null(Resize(mesh, 4));
        Publish(mesh, 2).CommitAll();
        var pool = mesh.Shard.FindPool("crew")!;
        Assert.Equal([4, 4, 4, 4], pool.Members.Select(m => m.Partitions));
        Assert.True(pool.Held > 0 && pool.Moving > 0);
        while (mesh.Steps().Where(s => s is not { Kind: StepKind.Turn, Agent: 0 }).ToArray() is [var other, ..]) mesh.Take(other);
        Assert.Contains(mesh.Shard.Agents, a => a.State == AgentState.Held && a.Why == "older events of the same keys wait for 'crew/1'");
        Check(mesh.RunToIdle(), 2);
        Assert.Equal((0L, 0), (mesh.Shard.FindPool("crew")!.Held, mesh.Shard.FindPool("crew")!.Moving));
    }

    /// <summary>Each event was handled once, and those of one key in their order, whoever handled them.</summary>
    private static void Check(TestMesh mesh, int rounds)
    {
        var agents = mesh.Shard.Agents.ToArray();
        var events = mesh.Store.Events().ToDictionary(e => e.Offset);
        var order = mesh.Store.Records().OfType<TurnRecord>().Where(t => t.Fault is null && agents[t.Agent].Definition == "crew").Select(t => events[t.Input])
            .Where(e => e.Topic.StartsWith("work.", StringComparison.Ordinal)).Select(e => Encoding.UTF8.GetString(e.Data.Span)).ToArray();
        Assert.Equal(rounds * Keys.Length, order.Length);
        foreach (var key in Keys) Assert.Equal(Enumerable.Range(1, rounds).Select(round => $"{key}-{round}"), order.Where(text => text.StartsWith($"{key}-", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_crash_in_the_middle_of_a_change_changes_nothing(bool useStates)
    {
        var mesh = Publish(Mesh(Bounds(1), new ShardOptions { MeshName = "test", StateEveryRecords = 10 }), 1);
        Resize(mesh, 3);
        Publish(mesh, 2).CommitAll();
        for (var i = 0; i < 12; i++) mesh.Take(mesh.Steps()[0]);
        var held = mesh.Shard.FindPool("crew")!.Held;
        mesh = mesh.Restart(useStates: useStates);
        Assert.True(held > 0 && mesh.Shard.FindPool("crew") is { Size: 3, Held: > 0, Cause: PoolCause.Operator });
        Resize(mesh, 2);
        Publish(mesh.CommitAll(), 3);
        Check(mesh.Restart(useStates: useStates).RunToIdle(), 3);
    }

    [Fact]
    public void It_grows_by_lag_and_by_age_one_member_at_a_time_and_says_why()
    {
        var mesh = Publish(Mesh(Bounds(1) with { GrowAge = TimeSpan.FromSeconds(2) }), 1).CommitAll();
        mesh.ObservePools();
        Assert.Equal(1, mesh.Shard.FindPool("crew")!.Size); // its cool-down begins when it comes to be
        mesh.NowNs += 10 * TestMesh.Second;
        mesh.ObservePools();
        mesh.ObservePools();
        Assert.Equal((2, PoolCause.Age), (mesh.Shard.FindPool("crew")!.Size, mesh.Shard.FindPool("crew")!.Cause));
        mesh.RunToIdle();
        mesh.NowNs += 20 * TestMesh.Second;
        Publish(mesh, 2).CommitAll();
        mesh.ObservePools();
        var grown = Told(mesh.RunToIdle(), "grown");
        Assert.Equal([(1, 2, "age"), (2, 3, "lag")], grown.Select(g => (g.GetProperty("from").GetInt32(), g.GetProperty("to").GetInt32(), g.GetProperty("cause").GetString()!)));
        Assert.Equal("the oldest event that waits has waited 10 s; the line is at 2 s (pool.grow-age)", grown[0].GetProperty("reason").GetString());
        Assert.Equal("24 events wait for 2 members; the line is at 10 for each (pool.grow-lag)", grown[1].GetProperty("reason").GetString());
        Assert.Equal(8, grown[0].GetProperty("partitions_moved").GetInt32());
        Check(mesh, 2);
    }

    [Fact]
    public void It_shrinks_when_there_was_little_to_do_for_long_enough_and_not_below_its_bound()
    {
        var mesh = Publish(Mesh(Bounds(3) with { Min = 2, ShrinkAfter = TimeSpan.FromSeconds(30) }), 1).RunToIdle();
        for (var i = 0; i < 31; i++, mesh.NowNs += TestMesh.Second) mesh.ObservePools();
        Assert.Equal((2, PoolCause.Idle), (mesh.Shard.FindPool("crew")!.Size, mesh.Shard.FindPool("crew")!.Cause));
        for (var i = 0; i < 100; i++, mesh.NowNs += TestMesh.Second) mesh.ObservePools();
        Assert.Equal(2, mesh.Shard.FindPool("crew")!.Size);
        Assert.Single(Told(mesh.CommitAll(), "shrunk"));
        Resize(mesh, 3);
        for (var i = 0; i < 29; i++, mesh.NowNs += TestMesh.Second) mesh.ObservePools();
        Publish(mesh, 2);
        mesh.ObservePools(); // what comes in between begins the time anew
        mesh.RunToIdle();
        for (var i = 0; i < 29; i++, mesh.NowNs += TestMesh.Second) mesh.ObservePools();
        Assert.Equal(3, mesh.Shard.FindPool("crew")!.Size);
    }

    [Fact]
    public void A_member_that_goes_rests_with_its_state_and_is_taken_up_again()
    {
        var mesh = Publish(Mesh(Bounds(2)), 1).RunToIdle();
        var before = mesh.Seen("crew/2");
        Resize(mesh, 1);
        mesh.RunToIdle().ObservePools();
        Publish(mesh.RunToIdle(), 2).RunToIdle();
        Assert.Equal((AgentState.Asleep, PoolMemberRole.Resting, 0), (mesh.Status("crew/2").State, mesh.Shard.FindPool("crew")!.Members[1].Role, mesh.Shard.FindPool("crew")!.Members[1].Partitions));
        Resize(mesh, 2);
        Publish(mesh, 3).RunToIdle();
        Assert.Equal(1, mesh.Status("crew/2").Incarnation);
        Assert.Equal(before, mesh.Seen("crew/2").Take(before.Length));
        Assert.DoesNotContain(mesh.Seen("crew/2"), text => text.EndsWith("-2", StringComparison.Ordinal));
        Check(mesh, 3);
    }

    [Fact]
    public void What_cannot_be_done_is_said()
    {
        var mesh = Mesh(Bounds(2));
        Assert.Equal("There is no pool 'crowd'; there are 'crew'.", mesh.Shard.ResizePool("crowd", 1, "", mesh.NowNs));
        Assert.Equal("The pool 'crew' has 1 to 4 members (pool.min, pool.max), not 5; change its bounds in the topology first.", Resize(mesh, 5));
        Assert.Equal("The pool 'crew' has 2 members already.", Resize(mesh, 2));
    }

    [Fact]
    public void When_a_member_is_stopped_others_take_its_keys_and_it_gets_its_share_when_it_is_back()
    {
        var stopping = Of([Group(GroupDefinition.Default, Policy(HealingDirective.Stop))], Crew(Bounds(2)));
        var mesh = Publish(new TestMesh(stopping, Guests).Run(), 1).RunToIdle();
        var key = mesh.Seen("crew/2")[0].Split(':')[1].Split('-')[0];
        mesh.Publish($"work.{key}", "trap", subject: key);
        Publish(mesh.RunToIdle(), 2).RunToIdle();
        Assert.Equal((1, PoolCause.Stopped, PoolMemberRole.Stopped), (mesh.Shard.FindPool("crew")!.Size, mesh.Shard.FindPool("crew")!.Cause, mesh.Shard.FindPool("crew")!.Members[1].Role));
        Assert.Contains($"{key}-2", SeenBy(mesh)["crew/1"]);
        Assert.Equal("'crew/2' was stopped; 0 events that waited for it are dropped", Told(mesh, "shrunk")[0].GetProperty("reason").GetString());
        mesh.NowNs += 60 * TestMesh.Second;
        Assert.Equal("The pool 'crew' cannot have 4 members: 'crew/2' stopped; reset what is to run again.", Resize(mesh, 4));
        Assert.Null(mesh.Shard.Reset("crew/2", mesh.NowNs));
        Publish(mesh, 3).RunToIdle();
        Assert.Equal((2, PoolCause.Returned, 2), (mesh.Shard.FindPool("crew")!.Size, mesh.Shard.FindPool("crew")!.Cause, mesh.Status("crew/2").Incarnation));
        Assert.Equal(8, mesh.Shard.FindPool("crew")!.Members[1].Partitions);
    }

    [Fact]
    public void What_was_put_aside_is_released_to_the_member_that_has_the_key_now()
    {
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], Crew(Bounds(1))), Guests).Run();
        foreach (var key in Keys) mesh.Publish($"work.{key}", $"trap {key}", subject: key);
        mesh.RunToIdle();
        Resize(mesh, 2);
        mesh.RunToIdle();
        foreach (var aside in mesh.Shard.Quarantine("crew/1")) Assert.Null(mesh.Shard.Release("crew/1", mesh.Store.EventAt(aside.Input), Encoding.UTF8.GetBytes("well"), mesh.NowNs));
        Publish(mesh.RunToIdle(), 2).RunToIdle();
        var (one, two) = (mesh.Memory("crew/1").Seen, mesh.Memory("crew/2").Seen);
        Assert.Equal(24, one.Concat(two).Count(s => s == "mesh.inbox.crew:well"));
        Assert.Equal(two.Count(s => s.EndsWith("-2", StringComparison.Ordinal)), two.Count(s => s.EndsWith("well", StringComparison.Ordinal)));
        Assert.NotEqual(0, two.Count(s => s.EndsWith("well", StringComparison.Ordinal)));
    }

    [Fact]
    public void Agents_send_to_a_pool_by_its_name()
    {
        var mesh = Mesh(Bounds(3), null, Agent("sender", "go"));
        for (var i = 0; i < 5; i++) mesh.Publish("go", $"{i}");
        Assert.Equal(["0", "1", "2", "3", "4"], Assert.Single(SeenBy(mesh.RunToIdle()).Values, texts => texts.Length > 0));
    }

    [Fact]
    public void What_waits_behind_a_paused_member_does_not_keep_the_mesh_from_being_idle()
    {
        var mesh = Publish(Mesh(Bounds(1)), 1);
        Resize(mesh, 2);
        Publish(mesh, 2);
        Assert.Null(mesh.Shard.Pause("crew/1", mesh.NowNs));
        mesh.Run();
        Assert.True(mesh.Shard.IsIdle && mesh.Status("crew/2").Pending > 0);
        Assert.Null(mesh.Shard.Resume("crew/1", mesh.NowNs));
        Check(mesh.RunToIdle(), 2);
    }

    [Fact]
    public void What_waits_and_was_not_given_to_a_guest_goes_over_with_its_partition()
    {
        var mesh = Publish(Mesh(Bounds(1), new ShardOptions { MeshName = "test", MailboxWindow = 4 }), 1);
        Resize(mesh, 2);
        var members = mesh.Shard.FindPool("crew")!.Members;
        Assert.True(members[1].Pending > 8 && members[0].Pending + members[1].Pending == 24);
        Assert.InRange(mesh.Shard.FindPool("crew")!.Held, 0, members[1].Pending);
        Publish(mesh, 2);
        Resize(mesh, 1); // what the second was given it handles itself; what it was not goes back
        Check(Publish(mesh, 3).RunToIdle(), 3);
        Publish(mesh, 4, Keys.Reverse()).CommitAll();
        Assert.Null(mesh.Shard.Pause("crew/1", mesh.NowNs));
        Resize(mesh, 2);
        mesh.Run();
        Assert.Equal((0L, 0), (mesh.Shard.FindPool("crew")!.Held, mesh.Status("crew/2").Pending));
        Assert.NotEqual(0, mesh.Seen("crew/2").Count(s => s.EndsWith("-4", StringComparison.Ordinal)));
        mesh.Shard.Resume("crew/1", mesh.NowNs);
        Check(mesh.RunToIdle(), 4);
    }

    [Fact]
    public void With_room_for_one_guest_a_member_that_waits_for_another_makes_room_for_it()
    {
        var mesh = Publish(Mesh(Bounds(1), new ShardOptions { MeshName = "test", MaxAwake = 1 }), 1);
        Resize(mesh, 4);
        Check(Publish(mesh, 2).RunToIdle(), 2);
    }

    [Fact]
    public void The_mesh_goes_back_with_the_members_that_it_had()
    {
        var mesh = Publish(Mesh(Bounds(2)), 1).CommitAll();
        var cut = mesh.Shard.NextOffset - 1;
        Publish(mesh, 2).RunToIdle();
        Resize(mesh, 4);
        mesh.RunToIdle();
        mesh.RewindMesh(new OperatorRequest("a way back") { To = cut });
        Publish(mesh.RunToIdle(), 3).RunToIdle();
        Assert.Equal(2, mesh.Shard.FindPool("crew")!.Size);
        var seen = SeenBy(mesh);
        Assert.Equal([AgentState.Stopped, AgentState.Stopped], new[] { mesh.Status("crew/3").State, mesh.Status("crew/4").State });
        Assert.Equal(Keys.SelectMany(k => new[] { $"{k}-1", $"{k}-3" }).Order(), new[] { "crew/1", "crew/2" }.SelectMany(m => seen[m]).Order());
        Assert.Null(Resize(mesh, 3));
        Assert.Equal(2, mesh.RunToIdle().Status("crew/3").Incarnation);
    }

    [Fact]
    public void Another_size_in_the_topology_is_another_size_of_the_pool_and_nothing_is_lost()
    {
        var mesh = Publish(Mesh(Bounds(1)), 1);
        var plan = mesh.Apply(Of(Crew(Bounds(3)))).Plan;
        Assert.Equal(("pool.size", "1", "3"), (plan.Steps[0].Fields[0].Field, plan.Steps[0].Fields[0].From, plan.Steps[0].Fields[0].To));
        Publish(mesh, 2).CommitAll();
        mesh.Apply(Of(Crew(Bounds(1, max: 2))));
        Publish(mesh, 3).RunToIdle();
        Check(mesh, 3);
        Assert.Equal((1, PoolCause.Topology, "pool.size is 1"), (mesh.Shard.FindPool("crew")!.Size, mesh.Shard.FindPool("crew")!.Cause, mesh.Shard.FindPool("crew")!.Reason));
        mesh.Apply(Of(Crew(Bounds(1, max: 2) with { GrowLag = 20 })));
        Assert.Equal(TopologyOutcome.Refused, mesh.Apply(Of(Crew(Bounds(1) with { Partitions = 32 }))).Outcome);
        Assert.Contains("has a history as a pool keyed by subject", mesh.Apply(Of(Agent("crew", "work.>"))).Plan.Problems[0].Message);
        mesh.Apply(Of(Agent("other", "", "crew")));
        Assert.Empty(mesh.RunToIdle().Shard.Pools);
        mesh.Apply(Of(Crew(Bounds(2))));
        Publish(mesh, 4).RunToIdle();
        Assert.Equal(2, mesh.Shard.FindPool("crew")!.Size);
        Assert.Equal(Keys.Length, SeenBy(mesh).Values.SelectMany(t => t).Count(t => t.EndsWith("-4", StringComparison.Ordinal)));
    }

    [Fact]
    public void Partitions_are_dealt_evenly_and_few_change_hands()
    {
        var owners = PoolAssignment.Over([], 64, [1, 2]);
        foreach (var size in new[] { 3, 4, 8, 5, 1, 7, 64, 2 })
        {
            var members = Enumerable.Range(1, size).ToArray();
            var next = PoolAssignment.Over(owners, 64, members);
            var held = members.Select(m => next.Count(o => o == m)).ToArray();
            Assert.True(held.Max() - held.Min() <= 1 && held.Sum() == 64);
            var before = owners.Distinct().Count();
            if (size > before) Assert.All(next.Zip(owners).Where(o => o.First != o.Second), o => Assert.True(o.First > before, "a partition went from one old member to another"));
            else Assert.All(next.Zip(owners).Where(o => o.First != o.Second), o => Assert.True(o.Second > size || held.Length == 1, "a partition left a member that stays"));
            owners = next;
        }
    }

    [Theory]
    [InlineData("agents.crew.pool", "1 ≤ min ≤ size ≤ max ≤ partitions")]
    [InlineData("agents.kin.pool", "cannot be a pool")]
    [InlineData("agents.lines.pool", "shrink-lag must be 1 or more and at most grow-lag")]
    [InlineData("agents.lines.pool.cool-down", "0 or more")]
    public void Bounds_that_do_not_fit_are_refused(string path, string says)
    {
        var topology = Of(Crew(Bounds(5)), Family("kin", "a.*", 2) with { Pool = new PoolPolicy() },
            Agent("lines", "") with { Pool = new PoolPolicy { ShrinkLag = 2_000, CoolDown = TimeSpan.FromSeconds(-1) } });
        Assert.Contains(TopologyCheck.Check(topology), p => p.Path == path && p.Message.Contains(says, StringComparison.Ordinal));
    }

    /// <summary>A log in which a pool changes its size while events wait.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = Publish(Mesh(Bounds(1)), 1);
        Resize(mesh, 3);
        Publish(mesh, 2).CommitAll();
        return mesh.RunToIdle().Store.Records();
    }
}
