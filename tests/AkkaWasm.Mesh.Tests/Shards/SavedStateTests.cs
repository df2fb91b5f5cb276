using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

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
