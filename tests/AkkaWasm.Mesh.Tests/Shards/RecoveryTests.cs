using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class RecoveryTests
{
    private static readonly ShardOptions Options = new() { MeshName = "test", StateEveryRecords = 25, LogWindowBytes = 4_000, MailboxWindow = 4 };

    /// <summary>Something of everything: families, relays, requests, timers, failures of each kind, resets.</summary>
    private static MeshTopology Topology => Of(
        [Group("resuming", Policy(HealingDirective.Resume)), Group("resetting", Policy(HealingDirective.Reset) with { MaxNrOfRetries = -1, MinBackoff = TimeSpan.Zero, MaxBackoff = TimeSpan.Zero })],
        Agent("relay", "in.>", "relay") with { SnapshotEveryTurns = 5 },
        Family("keyed", "out.*", 2, "noter") with { SnapshotEveryTurns = 3 },
        Agent("resumer", "in.>", "noter", "resuming") with { SnapshotEveryTurns = 4 },
        Agent("resetter", "in.>", "noter", "resetting") with { SnapshotEveryTurns = 2 },
        Agent("asker", "in.a", "asker"), Agent("answerer", "ask", "answerer"));

    private static TestGuests Guests => new TestGuests()
        .With("noter", (memory, turn) => TestGuests.Note(memory, turn))
        .With("relay", (memory, turn) =>
        {
            if (turn.Input.Origin == EventOrigin.Timer) memory["ticks"]++;
            else memory["count"]++;
            if (!turn.Input.Topic.StartsWith("in.", StringComparison.Ordinal)) return null;
            var number = int.Parse(TestGuests.TextOf(turn).Split(' ')[^1]);
            if (number % 3 == 0) turn.Schedule(number % 2, "", "tick"u8.ToArray());
            if (turn.Input.Topic == "in.a") turn.Publish($"out.k{number / 2 % 4}", turn.Input.Data);
            return null;
        })
        .With("asker", (memory, turn) =>
        {
            if (turn.Input.Topic == "in.a") turn.Request("ask", turn.Input.Data, 60_000);
            else memory["answers"]++;
            return null;
        })
        .With("answerer", (memory, turn) => { memory["asked"]++; turn.Reply(turn.Input.Data); return null; });

    private static readonly string[] Names = ["relay", "keyed/k0", "keyed/k1", "keyed/k2", "keyed/k3", "resumer", "resetter", "asker", "answerer"];

    /// <summary>Publishes the inputs, some of them poisonous; what is known already is not taken twice.</summary>
    private static TestMesh Feed(TestMesh mesh, int commitEvery)
    {
        for (var i = 0; i < 40; i++)
        {
            mesh.Publish(i % 2 == 0 ? "in.a" : "in.b", i % 7 == 3 ? $"trap {i}" : $"{i}", $"id{i}");
            if (i % commitEvery == 0) mesh.CommitAll();
            if (mesh.Steps() is [var step, ..] && i % 2 == 0) mesh.Take(step);
        }
        return mesh;
    }

    private static TestMesh End(TestMesh mesh) => mesh.RunToIdle().Pass(TimeSpan.FromSeconds(1)).RunToIdle();

    private static string[] Describe(TestMesh mesh) => [.. Names.Select(name =>
    {
        var seen = mesh.Memory(name);
        var status = mesh.Status(name);
        var what = name == "resetter" ? "" : $"{string.Join(",", seen.Seen.Order(StringComparer.Ordinal))} {string.Join(",", seen.Numbers)}";
        return $"{name}: {what} quarantined {status.Quarantined}";
    })];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void From_every_prefix_of_its_blocks_a_shard_goes_on_to_the_same_end(bool useStates)
    {
        var whole = End(Feed(new TestMesh(Topology, Guests, Options), commitEvery: 3));
        var expected = Describe(whole);
        var blocks = whole.Store.Blocks.Count;
        Assert.InRange(blocks, 15, 400);
        for (var k = 0; k < blocks; k += 1 + k / 12)
        {
            var recovered = whole.Restart(commitFirst: false, blocks: k, useStates: useStates);
            Assert.Equal(expected, Describe(End(Feed(recovered, 5))));
        }
    }

    [Fact]
    public void Recovery_from_blocks_and_from_every_saved_state_gives_the_state_of_the_live_shard_byte_for_byte()
    {
        var mesh = Feed(new TestMesh(Topology, Guests, Options), commitEvery: 3).RunToIdle();
        mesh.CommitAll();
        var live = mesh.Shard.SaveState().ToArray();
        Assert.Equal(live, Replayed(0, null));
        Assert.True(mesh.Store.States.Count > 3);
        foreach (var (blocks, state) in mesh.Store.States) Assert.Equal(live, Replayed(blocks, state));

        byte[] Replayed(int skip, byte[]? state)
        {
            var shard = new Shard(Options);
            if (state is not null) shard.Restore(state);
            foreach (var block in mesh.Store.Blocks.Skip(skip)) shard.Recover(block);
            return shard.SaveState().ToArray();
        }
    }

    [Fact]
    public void What_was_not_committed_never_was()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Guests).Run();
        mesh.Publish("in.a", "1");
        mesh.Run();
        mesh.Publish("in.a", "2");
        while (mesh.Steps() is [var step, ..]) mesh.Take(step);
        mesh = mesh.Restart(commitFirst: false).RunToIdle();
        Assert.Equal(["in.a:1"], mesh.Seen("noter"));
        mesh.Publish("in.a", "3", "e1");
        Assert.Equal(["in.a:1", "in.a:3"], mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void An_image_is_saved_only_when_the_log_is_committed_up_to_it()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>") with { SnapshotEveryTurns = 2 }), Guests).Run();
        mesh.Publish("in.a", "1");
        mesh.Take(new(StepKind.Turn, 0));
        Assert.DoesNotContain(mesh.Effects, e => e is SaveImage);
        mesh.CommitAll();
        var saved = Assert.Single(mesh.Effects.OfType<SaveImage>()).Image;
        mesh.RunToIdle();
        Assert.Equal((saved.Input, saved.Hash, 0), (mesh.Status("noter").ImageInput, mesh.Status("noter").ImageHash, mesh.Status("noter").TurnsSinceImage));
    }

    [Fact]
    public void An_agent_is_rebuilt_from_its_saved_image_and_the_turns_after_it()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>") with { SnapshotEveryTurns = 4 }), Guests).Run();
        for (var i = 0; i < 9; i++) mesh.Publish("in.a", $"{i}");
        var expected = mesh.RunToIdle().Seen("noter");
        mesh = mesh.Restart();
        var plan = mesh.Shard.PlanRebuild(0, mesh.Actors[0].Token);
        Assert.Equal((true, 2), (plan.SavedImageInput >= 0, plan.Inputs.Length));
        Assert.Equal(expected, mesh.RunToIdle().Seen("noter"));
    }

    [Fact]
    public void A_guest_that_cannot_be_saved_is_rebuilt_from_its_first_turn()
    {
        var turns = new List<string>();
        var guests = new TestGuests().With("noter", (_, turn) => { turns.Add(TestGuests.TextOf(turn)); return null; }, canBeSaved: false);
        var mesh = new TestMesh(Of(Agent("noter", "in.>") with { SnapshotEveryTurns = 1 }), guests).Run();
        foreach (var text in new[] { "1", "2" }) mesh.Publish("in.a", text);
        mesh.RunToIdle().Restart().RunToIdle();
        Assert.Equal(["1", "2", "1", "2"], turns);
    }

    [Fact]
    public void An_older_image_that_is_saved_late_hides_no_turn()
    {
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Reset) with { EventRetries = 0 })], Agent("noter", "in.>") with { SnapshotEveryTurns = 1 }), Guests).Run();
        mesh.Publish("in.a", "trap");
        foreach (var i in Enumerable.Range(0, 5)) mesh.Publish("in.a", $"{i}");
        for (mesh.Tick(); mesh.Shard.Backlog > 0; mesh.NowNs = mesh.Shard.NextAlarmNs ?? mesh.NowNs, mesh.Tick())
            while (mesh.Steps().Where(s => s.Kind != StepKind.SaveImage).ToArray() is [var step, ..]) mesh.Take(step);
        mesh.RunToIdle();
        var taken = mesh.Effects.OfType<SaveImage>().Select(s => s.Image).Where(i => i.Incarnation == 2).ToArray();
        Assert.True(taken.Length > 2);
        var before = mesh.Status("noter");
        foreach (var image in taken) mesh.Shard.ImageSaved(0, image, mesh.NowNs);
        Assert.Equal((before.ImageInput, before.TurnsSinceImage), (mesh.Status("noter").ImageInput, mesh.Status("noter").TurnsSinceImage));
        Assert.Equal(5, mesh.Restart().RunToIdle().Seen("noter").Length);
    }

    [Fact]
    public void A_missing_a_doubled_and_a_foreign_block_are_refused()
    {
        var mesh = Feed(new TestMesh(Topology, Guests, Options), 3).RunToIdle();
        var blocks = mesh.Store.Blocks;
        Assert.Contains("lacks the records from offset", Refused(blocks[0], blocks[2]));
        Assert.Contains("lacks the records from offset", Refused(blocks[0], blocks[0]));
        Assert.Contains("is of shard 0, not of shard 1", Assert.Throws<LogCorruptException>(() => new Shard(Options with { Shard = 1 }).Recover(blocks[0])).Message);
        var other = Feed(new TestMesh(Topology, Guests, Options with { Writer = "another" }), 3).RunToIdle().Store.Blocks;
        Assert.Contains("follows a block with checksum", Refused(blocks[0], other[1]));

        string Refused(params byte[][] given)
        {
            var shard = new Shard(Options);
            shard.Recover(given[0]);
            return Assert.Throws<LogCorruptException>(() => shard.Recover(given[1])).Message;
        }
    }

    [Fact]
    public void A_damaged_state_of_the_shard_is_refused()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Guests).Run();
        var state = mesh.Shard.SaveState().ToArray();
        for (var i = 0; i < state.Length; i++)
        {
            var damaged = state.ToArray();
            damaged[i] ^= 1;
            Assert.Throws<LogCorruptException>(() => new Shard(mesh.Options).Restore(damaged));
            Assert.Throws<LogCorruptException>(() => new Shard(mesh.Options).Restore(state.AsMemory(0, i)));
        }
        Assert.Throws<InvalidOperationException>(() => { mesh.Publish("in.a"); mesh.Shard.SaveState(); });
    }

    [Fact]
    public void Every_owner_has_an_epoch_of_its_own_and_time_never_falls()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Guests).Run();
        mesh.Publish("in.a", "1");
        mesh.RunToIdle();
        mesh.NowNs -= 3_600 * TestMesh.Second;
        mesh = mesh.Restart();
        mesh.Publish("in.a", "2");
        mesh.RunToIdle();
        Assert.Equal([1, 2], mesh.Store.Records().OfType<EpochRecord>().Select(r => r.Epoch));
        Assert.Equal([1, 2], mesh.On("in.a").Select(e => e.Epoch));
        Assert.Equal(mesh.Store.Events().Select(e => e.AppendedAtNs).Order(), mesh.Store.Events().Select(e => e.AppendedAtNs));
    }

    [Fact]
    public void A_header_tells_what_is_in_its_block()
    {
        var mesh = new TestMesh(Of(Agent("noter", "in.>")), Guests, Options with { Writer = "engine 1" }).Run();
        mesh.Publish("in.b", "1");
        mesh.Publish("in.a", "2");
        mesh.RunToIdle();
        var headers = mesh.Store.Blocks.Select(b => BlockCodec.ReadHeader(b)).ToArray();
        Assert.Equal(["in.a", "in.b"], headers[^1].Topics.ToArray());
        Assert.Equal([0], headers[^1].Agents.ToArray());
        Assert.Equal(("engine 1", 1), (headers[^1].Writer, headers[^1].Epoch));
        Assert.All(headers.Zip(headers.Skip(1)), pair => Assert.Equal((pair.First.LastOffset + 1, pair.First.Checksum), (pair.Second.FirstOffset, pair.Second.PreviousChecksum)));
    }
}
