using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Tests.Codecs;

/// <summary>What is saved beside the log: no cut and no flipped bit of it is taken for what was saved.</summary>
public sealed class SavedStateDamageTests
{
    [Fact]
    public void Every_cut_and_every_flipped_bit_of_a_shards_state_is_refused()
    {
        var history = new Simulator(5, new SimulationOptions { Steps = 120, Without = Fault.All }).Run();
        var state = history.Mesh.CommitAll().Shard.SaveState().ToArray();
        new Shard(history.Mesh.Options).Restore(state);
        Assert.InRange(state.Length, 500, 100_000);
        Every(state, damaged => Assert.Throws<LogCorruptException>(() => new Shard(history.Mesh.Options).Restore(damaged)));
    }

    [Fact]
    public void Every_cut_and_every_flipped_bit_of_an_image_is_refused()
    {
        var image = new AgentImage("monitors/a", 3, 1_234, 77, new StateHash(5), (ReadOnlyMemory<byte>)"the memory of a guest"u8.ToArray()).ToBytes();
        Assert.Equal(1_234, AgentImage.FromBytes(image).Input);
        Every(image, damaged => Assert.Throws<ImageCorruptException>(() => AgentImage.FromBytes(damaged)));
    }

    [Fact]
    public void Every_flipped_bit_of_every_block_of_a_run_is_refused_where_the_block_stands()
    {
        var blocks = new Simulator(6, new SimulationOptions { Steps = 60, Without = Fault.All }).Run().Mesh.Store.Blocks;
        var shard = new Shard(new ShardOptions { MeshName = "simulated" });
        foreach (var block in blocks.Take(12))
        {
            var next = shard.NextOffset;
            for (var bit = 0; bit < block.Length * 8; bit++)
            {
                block[bit / 8] ^= (byte)(1 << (bit % 8));
                var refusal = Assert.Throws<LogCorruptException>(() => shard.Recover(block));
                block[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.Equal(next, refusal.FirstLost);
                Assert.Equal(next, shard.NextOffset);
            }
            shard.Recover(block);
        }
    }

    private static void Every(byte[] bytes, Action<byte[]> refuses)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit += bytes.Length > 2_000 ? 7 : 1)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            refuses(bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var length = 0; length < bytes.Length; length++) refuses(bytes[..length]);
    }
}
