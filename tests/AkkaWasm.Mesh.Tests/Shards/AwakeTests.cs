using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Fewer agents may be awake than there are: who sleeps, who waits, and what of it can be seen.</summary>
public sealed class AwakeTests
{
    private static TestMesh Mesh(int maxAwake, TestGuests? guests = null, int mailboxWindow = 128) => new(
        Of(Family("f", "in.*", 2, "noter"), Agent("plain", "one", "noter"), Agent("other", "one", "noter")),
        guests ?? new TestGuests().With("noter", TestGuests.Note), new ShardOptions { MeshName = "test", MaxAwake = maxAwake, MailboxWindow = mailboxWindow });

    private static void PublishAll(TestMesh mesh, int keys, string text)
    {
        for (var key = 0; key < keys; key++) mesh.Publish($"in.{key}", text);
    }

    [Fact]
    public void Thousands_of_keys_live_with_a_hundred_awake()
    {
        const int keys = 3_000;
        var mesh = Mesh(maxAwake: 100);
        for (var round = 0; round < 3; round++)
        {
            PublishAll(mesh, keys, $"r{round}");
            mesh.RunToIdle();
        }

        Assert.InRange(mesh.MostAwake, 1, 100);
        // one place of a hundred is free ahead of need
        Assert.Equal((99, keys + 2 - 99, 0), (mesh.Shard.AwakeCounts.Awake, mesh.Shard.AwakeCounts.Asleep, mesh.Shard.AwakeCounts.Queued));
        Assert.True(mesh.Shard.AwakeCounts.Sleeps >= 2 * (keys - 100));
        Assert.Equal(keys * 4, mesh.Shard.Agents.Where(a => a.Definition == "f").Sum(a => a.Turns));
        foreach (var key in new[] { 0, 1, 1_499, 2_999 }) Assert.Equal(["in.K:r0", "in.K:r1", "in.K:r2"], mesh.Seen($"f/{key}").Select(s => s.Replace($"in.{key}:", "in.K:", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_log_is_the_same_whether_there_is_room_or_not_but_for_images()
    {
        var logs = new[] { 2, int.MaxValue }.Select(maxAwake =>
        {
            var mesh = Mesh(maxAwake);
            foreach (var round in new[] { "a", "b", "trap", "c" })
                for (var key = 0; key < 5; key++)
                {
                    mesh.Publish($"in.{key}", round);
                    mesh.RunToIdle();
                }
            return (Hashes: mesh.Shard.Agents.Where(a => a.Definition == "f").Select(a => string.Join(' ', mesh.Seen(a.Name))).ToArray(), mesh.Shard.Totals.Turns, mesh.Shard.Totals.Quarantined);
        }).ToArray();

        Assert.Equal(logs[1].Hashes, logs[0].Hashes);
        Assert.Equal((logs[1].Turns, logs[1].Quarantined), (logs[0].Turns, logs[0].Quarantined));
    }

    [Fact]
    public void The_least_recently_used_goes_first()
    {
        var mesh = Mesh(maxAwake: 5);
        foreach (var key in new[] { 0, 1, 2, 0, 3 })
        {
            mesh.Publish($"in.{key}", "x");
            mesh.RunToIdle();
        }

        Assert.Equal(["other", "f/0", "f/1", "f/2", "f/3"], mesh.Shard.Agents.Where(a => a.State == AgentState.Running).Select(a => a.Name).OrderBy(n => n != "other"));
        Assert.Equal(AgentState.Asleep, mesh.Status("plain").State);
        mesh.Publish("in.4", "x");
        mesh.RunToIdle();
        Assert.Equal(AgentState.Asleep, mesh.Status("other").State);
        mesh.Publish("in.5", "x");
        mesh.RunToIdle();
        Assert.Equal((AgentState.Asleep, AgentState.Running), (mesh.Status("f/1").State, mesh.Status("f/0").State));
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(0, 1)]
    public void One_that_wakes_finds_a_place_that_was_freed_ahead_of_need(int spareAwake, int waiting)
    {
        var mesh = new TestMesh(Of(Family("f", "in.*", 2, "noter")), new TestGuests().With("noter", TestGuests.Note),
            new ShardOptions { MeshName = "test", MaxAwake = 400, SpareAwake = spareAwake });
        PublishAll(mesh, 500, "first");
        mesh.RunToIdle();
        var asleep = mesh.Shard.Agents.First(a => a.State == AgentState.Asleep).Name;

        mesh.Publish($"in.{asleep[2..]}", "second");
        mesh.Shard.TakeEffects();

        Assert.Equal(waiting, mesh.Shard.AwakeCounts.Queued);
        Assert.InRange(mesh.MostAwake, 1, 400);
    }

    [Fact]
    public void Agents_without_passivation_sleep_too_and_wake_with_their_state()
    {
        var mesh = Mesh(maxAwake: 1);
        mesh.Publish("one", "first");
        mesh.RunToIdle();
        mesh.Publish("one", "second");
        mesh.RunToIdle();

        Assert.Equal(1, mesh.MostAwake);
        Assert.Equal(["one:first", "one:second"], mesh.Seen("plain"));
        Assert.Equal(["one:first", "one:second"], mesh.Seen("other"));
    }

    [Fact]
    public void A_busy_agent_makes_room_after_its_share_of_turns()
    {
        var mesh = Mesh(maxAwake: 1, mailboxWindow: 4);
        for (var i = 0; i < 40; i++) mesh.Publish("in.busy", $"{i}");
        mesh.Publish("in.late", "x");
        var order = new List<string>();
        ((TestGuests)mesh.Guests).OnTurn = turn => { order.Add(turn.Agent.Name); return null; };
        mesh.RunToIdle();

        Assert.Equal(1, mesh.MostAwake);
        Assert.InRange(order.IndexOf("f/late"), 1, 12);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"in.busy:{i}"), mesh.Seen("f/busy"));
    }

    [Fact]
    public void A_guest_that_cannot_be_saved_leaves_only_when_nobody_else_can_and_is_replayed()
    {
        var guests = new TestGuests().With("noter", TestGuests.Note).With("unsaved", TestGuests.Note, canBeSaved: false);
        var mesh = new TestMesh(Of(Family("f", "in.*", 2, "noter"), Family("u", "un.*", 2, "unsaved")), guests, new ShardOptions { MeshName = "test", MaxAwake = 2 });
        mesh.Publish("un.a", "1");
        mesh.RunToIdle();
        foreach (var key in new[] { 0, 1, 2, 3 })
        {
            mesh.Publish($"in.{key}", "x");
            mesh.RunToIdle();
        }
        Assert.Equal(AgentState.Running, mesh.Status("u/a").State);

        foreach (var key in new[] { "b", "c", "d" }) mesh.Publish($"un.{key}", "1");
        mesh.RunToIdle();

        Assert.InRange(mesh.MostAwake, 1, 2);
        Assert.All(new[] { "a", "b", "c", "d" }, key => Assert.Equal((2L, 0L), (mesh.Status($"u/{key}").Turns, mesh.Status($"u/{key}").Failures)));
        mesh.Publish("un.a", "2");
        Assert.Equal((3L, 0L), (mesh.RunToIdle().Status("u/a").Turns, mesh.Status("u/a").Failures));
    }

    [Fact]
    public void A_lower_bound_takes_effect_as_agents_become_idle_and_a_higher_one_at_once()
    {
        var mesh = Mesh(maxAwake: 50);
        PublishAll(mesh, 40, "x");
        mesh.RunToIdle();
        Assert.Equal(42, mesh.Awake);

        mesh.Shard.MaxAwake = 10;
        mesh.Publish("in.0", "y");
        mesh.RunToIdle();
        Assert.Equal(10, mesh.Awake);

        mesh.Shard.MaxAwake = 50;
        PublishAll(mesh, 40, "z");
        mesh.RunToIdle();
        Assert.Equal(40, mesh.Shard.Agents.Count(a => a.Definition == "f" && a.State == AgentState.Running));
    }

    [Fact]
    public void Where_the_host_has_no_memory_others_go_to_sleep_and_nothing_is_lost()
    {
        const int room = 10;
        TestMesh? mesh = null;
        var guests = new TestGuests().With("noter", TestGuests.Note);
        guests.OnCreate = _ => { if (mesh?.Awake >= room) throw new HostExhaustedException("The test has no room."); };
        mesh = Mesh(maxAwake: int.MaxValue, guests);
        for (var round = 0; round < 3; round++) PublishAll(mesh, 30, $"r{round}");
        mesh.RunToIdle();

        Assert.InRange(mesh.MostAwake, 1, room);
        Assert.All(Enumerable.Range(0, 30), key => Assert.Equal(4, mesh.Status($"f/{key}").Turns));
        Assert.DoesNotContain(mesh.Shard.Agents, a => a.State == AgentState.Stopped);
        Assert.Equal(0, mesh.Shard.Totals.Quarantined);
    }

    [Fact]
    public void Where_the_host_s_room_ends_at_the_same_place_again_few_go_to_sleep_for_one_that_wakes()
    {
        const int room = 400;
        TestMesh? mesh = null;
        var guests = new TestGuests().With("noter", TestGuests.Note);
        var refusals = 0;
        guests.OnCreate = _ =>
        {
            if (mesh?.Awake < room) return;
            refusals++;
            throw new HostExhaustedException("The test has no room.");
        };
        mesh = Mesh(maxAwake: int.MaxValue, guests);
        var awake = new List<int>();
        for (var key = 0; key < 1_500; key++)
        {
            mesh.Publish($"in.{key}", "x");
            mesh.RunToIdle();
            if (key >= room + 100) awake.Add(mesh.Awake);
        }

        Assert.True(refusals > 5);
        Assert.InRange(awake.Min(), room - 16, room);
        Assert.All(Enumerable.Range(0, 1_500), key => Assert.Equal(2, mesh.Status($"f/{key}").Turns));
    }

    [Fact]
    public void A_start_with_more_agents_than_room_brings_up_those_that_fit_and_those_with_work()
    {
        var agents = Enumerable.Range(0, 20).Select(i => Agent($"a{i}", $"in.{i}", "noter")).ToArray();
        var mesh = new TestMesh(Of(agents), new TestGuests().With("noter", TestGuests.Note), new ShardOptions { MeshName = "test", MaxAwake = 5 });
        mesh.RunToIdle();
        Assert.Equal((5, 5), (mesh.Awake, mesh.MostAwake));

        mesh.Publish("in.19", "x");
        var next = mesh.Restart().RunToIdle();

        Assert.Equal((5, 5), (next.Awake, next.MostAwake));
        Assert.Equal(["in.19:x"], next.Seen("a19"));
    }
}
