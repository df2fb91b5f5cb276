using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class SavedStateTests
{
    [Theory]
    [InlineData(0, 10_000)]
    [InlineData(500, 10_000)]
    [InlineData(1_024, 10_000)]
    [InlineData(4_096, 10_000)]
    [InlineData(5_000, 3_000)]
    [InlineData(9_000, 1)]
    public void A_state_in_parts_is_the_same_as_the_whole_one(int events, int remembered)
    {
        var state = Shard(events, remembered).CaptureState();
        var manifest = Manifest(state);
        var parts = Enumerable.Range(0, state.PartNames.Count).Select(state.Part).ToDictionary(p => p.Name, p => p.Content);

        Assert.Equal(state.PartNames, SavedState.PartsOf(manifest));
        Assert.Equal(state.ToMemory().ToArray(), SavedState.Whole(manifest, name => parts[name]).ToArray());
        Assert.Equal(state.ToMemory().ToArray(), SavedState.Whole(state.ToMemory(), _ => null).ToArray());
        Assert.Equal(Math.Max(0, events - Math.Max(0, (events - remembered) / 1_024 * 1_024)) / 1_024, parts.Count);
    }

    [Fact]
    public void A_later_state_names_the_parts_of_the_earlier_one()
    {
        var shard = Shard(3_000, 100_000);
        var first = shard.CaptureState().PartNames.ToArray();
        Publish(shard, 3_000, 6_000);

        var second = shard.CaptureState().PartNames;

        Assert.Equal(first, second.Take(first.Length));
        Assert.Equal(5, second.Count);
        Assert.Equal(5, second.Distinct().Count());
    }

    [Fact]
    public void A_manifest_that_is_damaged_or_lacks_a_part_is_refused()
    {
        var state = Shard(3_000, 100_000).CaptureState();
        var manifest = Manifest(state);
        var parts = Enumerable.Range(0, state.PartNames.Count).Select(state.Part).ToDictionary(p => p.Name, p => p.Content);

        var lost = Assert.Throws<LogCorruptException>(() => SavedState.Whole(manifest, name => name == state.PartNames[1] ? null : parts[name]));
        Assert.Contains($"{state.PartNames[1]:x32}", lost.Message, StringComparison.Ordinal);
        for (var at = 1; at < manifest.Length; at += 97)
        {
            var damaged = manifest.ToArray();
            damaged[at] ^= 0x10;
            Assert.Throws<LogCorruptException>(() => SavedState.Whole(damaged, name => parts[name]));
            Assert.Throws<LogCorruptException>(() => SavedState.PartsOf(damaged));
        }
        Assert.Throws<LogCorruptException>(() => SavedState.PartsOf(manifest.AsSpan(0, 10)));
        Assert.Throws<LogCorruptException>(() => new Shard(new ShardOptions()).Restore(manifest));
    }

    [Fact]
    public void A_state_that_is_captured_a_few_agents_at_a_time_is_that_of_its_block_whatever_happens_meanwhile()
    {
        var (atOnce, slowly) = (Family(int.MaxValue), Family(1));
        Feed(atOnce, 0, 9);
        Feed(slowly, 0, 9);
        var (expected, state) = (Cut(atOnce).SavedState!, Cut(slowly).SavedState!);
        Assert.True(expected.IsComplete);
        Assert.False(state.IsComplete);
        Assert.Throws<InvalidOperationException>(() => state.ToMemory());
        slowly.ContinueCapture();

        for (var round = 0; !state.IsComplete; round++)
        {
            Feed(slowly, 9 - round, 12); // others each time, new ones among them
            Assert.Null(Cut(slowly).SavedState);
            slowly.ContinueCapture();
            slowly.ContinueCapture();
        }

        Assert.Equal(expected.ToMemory().ToArray(), state.ToMemory().ToArray());
        Feed(slowly, 0, 12);
        Assert.NotNull(Cut(slowly).SavedState);
    }

    [Fact]
    public void A_change_of_all_agents_and_the_state_at_a_shutdown_do_not_wait_for_a_state_that_is_being_captured()
    {
        var (atOnce, slowly) = (Family(int.MaxValue), Family(1));
        Feed(atOnce, 0, 9);
        Feed(slowly, 0, 9);
        var (expected, state) = (Cut(atOnce).SavedState!.ToMemory().ToArray(), Cut(slowly).SavedState!);

        Assert.Null(slowly.PauseGroup("main", 100));

        Assert.True(state.IsComplete);
        Assert.Equal(expected, state.ToMemory().ToArray());
        Cut(slowly);
        Assert.True(slowly.CaptureState().IsComplete);
    }

    private static Shard Family(int atATime)
    {
        var family = new AgentDefinition { Name = "f", ModuleHash = new string('0', 64), Subscriptions = ["f.*"], Key = new AgentKey(2), Group = "main" };
        var shard = new Shard(new ShardOptions { MeshName = "m", StateEveryRecords = 1, CaptureAgentsAtATime = atATime });
        shard.Open(new MeshTopology("m", SupervisionPolicy.Default, [new GroupDefinition("main", null, SupervisionPolicy.Default)], [family]), 0);
        shard.Committed(Cut(shard));
        return shard;
    }

    /// <summary>An event for each of some agents, of which the first ones also make their turns.</summary>
    private static void Feed(Shard shard, int from, int to)
    {
        var batch = Enumerable.Range(from, to - from).Select(key => new MeshEvent { Topic = $"f.{key}", Id = $"{shard.NextOffset}-{key}", Source = "/s" });
        Assert.Null(shard.Publish(new PublishBatch([.. batch]), null, 10));
        foreach (var effect in shard.TakeEffects().OfType<RebuildAgent>()) shard.AgentReady(effect.Agent, effect.Token, 11);
        foreach (var effect in shard.TakeEffects().OfType<DeliverEvents>().Where(d => d.Agent % 2 == 0))
            foreach (var e in effect.Events) shard.Complete(new TurnResult { Agent = effect.Agent, Token = effect.Token, Input = e.Offset, Digest = 7 }, 12);
    }

    private static LogBlock Cut(Shard shard)
    {
        var block = shard.CutBlock()!;
        Assert.Null(shard.CutBlock());
        return block;
    }

    private static byte[] Manifest(CapturedState state)
    {
        var manifest = new byte[state.ManifestLength];
        state.WriteManifestTo(manifest);
        return manifest;
    }

    private static Shard Shard(int events, int remembered)
    {
        var shard = new Shard(new ShardOptions { MeshName = "m", IdempotencyKeys = remembered });
        shard.Open(new MeshTopology("m", SupervisionPolicy.Default, [], []), 0);
        Publish(shard, 0, events);
        return shard;
    }

    private static void Publish(Shard shard, int from, int to)
    {
        for (var i = from; i < to; i += 500)
            Assert.Null(shard.Publish(new PublishBatch([.. Enumerable.Range(i, Math.Min(500, to - i)).Select(n => new MeshEvent { Topic = "t", Id = n.ToString(CultureInfo.InvariantCulture), Source = "/s" })]), null, i));
        while (shard.CutBlock() is { } block) shard.Committed(block);
    }
}
