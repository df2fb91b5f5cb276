using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using Xunit;

namespace AkkaWasm.Actors.Tests.Persistence;

public sealed class BlockCacheTests
{
    [Fact]
    public void A_block_serves_all_offsets_that_it_holds_until_newer_ones_need_its_place_or_nobody_looks_any_more()
    {
        var blocks = Blocks(6);
        var cache = new BlockCache(blocks.Take(4).Sum(b => b.Weight));
        foreach (var block in blocks.Take(4).Reverse()) cache.Add(block);
        foreach (var block in blocks.Take(4))
            for (var offset = block.FirstOffset; offset <= block.LastOffset; offset++) Assert.Same(block, cache.Find(offset));
        Assert.Null(cache.Find(blocks[4].FirstOffset));

        cache.Add(blocks[4]);
        Assert.Null(cache.Find(blocks[3].FirstOffset)); // it was added first
        Assert.Same(blocks[4], cache.Find(blocks[4].LastOffset));

        cache.ForgetUnused();
        Assert.Same(blocks[4], cache.Find(blocks[4].LastOffset));
        cache.ForgetUnused();
        cache.ForgetUnused();
        Assert.Null(cache.Find(blocks[4].LastOffset));
    }

    [Fact]
    public void Single_events_are_read_as_they_are_when_the_whole_block_is_read()
    {
        foreach (var block in Blocks(3))
            for (var offset = block.FirstOffset; offset <= block.LastOffset; offset++)
                if (block.EventAt(offset) is { } e) Assert.Equal((offset, true), (e.Offset, e.Topic.Length > 0));
        Assert.Contains(Blocks(3), block => block.EventAt(block.LastOffset) is { Topic: "in.x" });
    }

    private static IndexedBlock[] Blocks(int count)
    {
        var shard = new Shard(new ShardOptions { MeshName = "test" });
        shard.Open(new MeshTopology("test", SupervisionPolicy.Default, [], []), 0);
        var blocks = new List<IndexedBlock> { new(shard.CutBlock()!.Bytes) };
        for (var i = 1; i < count; i++)
        {
            MeshEvent[] events = [.. Enumerable.Range(0, 3).Select(k => new MeshEvent { Topic = "in.x", Source = "/s", Id = $"{i}-{k}", Data = new byte[50] })];
            Assert.Null(shard.Publish(new PublishBatch([.. events]), null, i));
            blocks.Add(new IndexedBlock(shard.CutBlock()!.Bytes));
        }
        return [.. blocks];
    }
}
