using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>The shard at a cut, read from a saved state on.</summary>
public sealed class ShardCutTests
{
    /// <summary>Histories with everything that the simulation does, cut everywhere, from the states after some blocks before.</summary>
    [Theory, InlineData(3), InlineData(14), InlineData(159)]
    public void A_cut_that_is_read_from_a_saved_state_on_is_that_of_the_whole_log_or_says_that_it_may_not_be(int seed)
    {
        var mesh = new Simulator(seed, new SimulationOptions { Steps = 400, Without = Fault.LogDamage | Fault.ImageDamage | Fault.StateDamage }).Run().Mesh;
        var (random, exact, saved) = (new Random(seed), 0, StatesOf(mesh));
        for (var round = 0; round < 30; round++)
        {
            var to = random.NextInt64(mesh.Shard.CommittedOffset + 1);
            var whole = CutAt(mesh, 0, default, to);
            var last = mesh.Store.Blocks.FindLastIndex(b => BlockCodec.ReadHeader(b).LastOffset <= to);
            for (var blocks = Math.Max(1, last - 2); blocks <= last + 1; blocks++)
            {
                var cut = CutAt(mesh, blocks, saved[blocks], to);
                if (!cut.IsExact) continue;
                exact++;
                Assert.Equal((whole.NextOffset, whole.LastTimeNs, whole.TopologyHash), (cut.NextOffset, cut.LastTimeNs, cut.TopologyHash));
                Assert.True(StateOf(whole).Span.SequenceEqual(StateOf(cut).Span), $"The state at {to} is another one when it is read from block {blocks} on.");
            }
        }
        Assert.True(exact > 30);
    }

    [Fact]
    public void A_cut_right_after_a_saved_state_that_ends_with_events_of_a_source_is_not_sure()
    {
        var mesh = new TestMesh(Of(Agent("a", "never")), new TestGuests().With("a", TestGuests.Note)).RunToIdle();
        mesh.CommitAll();
        mesh.Publish(TestMesh.Batch(TestMesh.Event("in", "x", "1")) with { CursorOf = "file", Cursor = new byte[] { 7 } });
        mesh.CommitAll();
        var (blocks, to) = (mesh.Store.Blocks.Count, mesh.Shard.NextOffset);
        mesh.Publish(TestMesh.Batch(TestMesh.Event("in", "y", "2")));
        mesh.Publish(TestMesh.Batch(TestMesh.Event("in", "z", "3")));
        mesh.CommitAll();

        Assert.False(CutAt(mesh, blocks, StatesOf(mesh)[blocks], to).IsExact);
        Assert.True(CutAt(mesh, 0, default, to).IsExact);
        Assert.True(CutAt(mesh, blocks, StatesOf(mesh)[blocks], long.MaxValue).IsExact);
    }

    /// <summary>The state after each number of blocks.</summary>
    private static List<ReadOnlyMemory<byte>> StatesOf(TestMesh mesh)
    {
        var (cut, states) = (new ShardCut(mesh.Options), new List<ReadOnlyMemory<byte>> { default });
        foreach (var block in mesh.Store.Blocks)
        {
            cut.Take(block);
            states.Add(cut.Save().ToArray());
        }
        return states;
    }

    private static ShardCut CutAt(TestMesh mesh, int blocks, ReadOnlyMemory<byte> saved, long to)
    {
        var cut = new ShardCut(mesh.Options);
        if (blocks > 0) cut.Restore(saved);
        foreach (var record in mesh.Store.Blocks.Skip(blocks).SelectMany(block => BlockCodec.Read(block, out _)))
            if (!cut.Take(record, to)) break;
        return cut;
    }

    /// <summary>All that it knew; whole blocks were taken in on one of the ways only.</summary>
    private static ReadOnlyMemory<byte> StateOf(ShardCut cut)
    {
        cut.State.LastChecksum = 0;
        return cut.Save();
    }
}
