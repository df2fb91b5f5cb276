using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>A shard that recovers, from the first block or from a saved state, knows what the live one knows, byte for byte.</summary>
internal sealed class RecoveryChecker : Checker
{
    public override string Promise => "a recovered shard knows what the live one knew";

    public override void Check(History history)
    {
        history.Mesh.RunToIdle().CommitAll();
        var live = history.Mesh.Shard.SaveState().ToArray();
        foreach (var start in history.Mesh.Store.States.Where((_, i) => i % 8 == 0).Prepend((Blocks: 0, State: [])))
        {
            var shard = new Shard(history.Mesh.Options);
            if (start.Blocks > 0) shard.Restore(start.State);
            foreach (var block in history.Mesh.Store.Blocks.Skip(start.Blocks)) shard.Recover(block);
            Require(live.AsSpan().SequenceEqual(shard.SaveState().Span), $"a shard that recovers from block {start.Blocks} on knows something else than the one that ran.");
        }
    }
}
