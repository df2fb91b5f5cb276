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
        CheckWhatIsLeft(history.Mesh, live);
        var starts = history.Mesh.Store.States.Where((_, i) => i % 8 == 0).Concat(history.Mesh.Store.Bases.Select(b => (b.Blocks, b.State)));
        foreach (var start in starts.Prepend((Blocks: 0, State: [])))
        {
            var shard = new Shard(history.Mesh.Options);
            if (start.Blocks > 0) shard.Restore(start.State);
            foreach (var block in history.Mesh.Store.Blocks.Skip(start.Blocks)) shard.Recover(block);
            Require(live.AsSpan().SequenceEqual(shard.SaveState().Span), $"a shard that recovers from block {start.Blocks} on knows something else than the one that ran.");
        }
    }

    /// <summary>Where rows were removed from the beginning, what is left is enough.</summary>
    private void CheckWhatIsLeft(TestMesh mesh, byte[] live)
    {
        if (mesh.Store.Removed == 0) return;
        var shard = new Shard(mesh.Options);
        try
        {
            shard.Restore(mesh.Store.Base!.Value.State);
            foreach (var block in mesh.Store.Kept) shard.Recover(block);
        }
        catch (LogCorruptException e)
        {
            Require(false, $"what is left of the log after {mesh.Store.Removed} rows were removed is not enough: {e.Message}");
        }
        Require(live.AsSpan().SequenceEqual(shard.SaveState().Span), $"a shard that recovers from what is left of the log after {mesh.Store.Removed} rows were removed knows something else.");
    }
}
