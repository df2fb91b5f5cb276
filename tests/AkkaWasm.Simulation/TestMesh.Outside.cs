using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <content>Recovery from the store, and what is shown outside.</content>
internal sealed partial class TestMesh
{
    private readonly Queue<(long Offset, Action Answer)> replies = [];

    /// <summary>What notes what the mesh shows, if anything does.</summary>
    public Observations? Watched { get; init; }

    /// <summary>Whether the block with the epoch is committed: before, nothing from outside is served.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Gives an answer when what it may rest on is committed.</summary>
    public void Ask<T>(Func<Shard, T> question, Action<T> answer)
    {
        Shard.NoteTime(NowNs);
        var (value, restsOn) = (question(Shard), Shard.NextOffset - 1);
        if (Shard.CommittedOffset == restsOn || sabotage == Sabotage.ShowsBeforeTheCommit) Answer();
        else replies.Enqueue((restsOn, Answer));

        void Answer()
        {
            Watched?.Shown.Add(new Shown("an answer", restsOn, Store.DurableOffset));
            answer(value);
        }
    }

    private void SendReplies()
    {
        while (replies.TryPeek(out var reply) && reply.Offset <= Shard.CommittedOffset) replies.Dequeue().Answer();
    }

    private void Broadcast(MeshEvent e)
    {
        if (Watched is null) return;
        Watched.Shown.Add(new Shown($"the event '{e.Topic}'", e.Offset, Store.DurableOffset));
        Watched.Broadcast.Add((e.Offset, e.Topic, Shard.Identity.IdOf(e)));
    }

    private void ShowBeforeTheCommit(LogBlock block)
    {
        if (sabotage != Sabotage.ShowsBeforeTheCommit) return;
        foreach (var e in block.Events) Broadcast(e);
    }

    /// <summary>From the newest state that can be read, and the rows after it; the log has to reach as far as it did.</summary>
    private Shard Recover(bool useStates)
    {
        for (var i = useStates ? Store.States.Count - 1 : -1; i >= 0; i--)
        {
            if (Store.States[i].Blocks < Store.Removed) continue;
            var shard = new Shard(Options);
            try
            {
                shard.Restore(Store.States[i].State);
            }
            catch (LogCorruptException)
            {
                continue;
            }
            return Recover(shard, sabotage == Sabotage.SkipsBlocksAfterAnOlderState ? Store.States[^1].Blocks : Store.States[i].Blocks);
        }
        var fromBase = new Shard(Options);
        if (Store.Base is { } known) fromBase.Restore(known.State);
        return Recover(fromBase, Store.Base?.Blocks ?? 0);
    }

    private Shard Recover(Shard shard, int skip)
    {
        if (skip < Store.Removed) throw new LogCorruptException($"Row {skip + 1} of the journal: the log of shard 0 lacks the records from offset {shard.NextOffset}.", shard.NextOffset);
        foreach (var block in Store.Blocks.Skip(skip)) shard.Recover(block);
        if (sabotage == Sabotage.ReplaysABlockTwice && Store.Blocks.Count > 5) shard.Recover(Store.Blocks[^1]);
        if (Store.Head is { } head && Store.Blocks.Count < head.Rows)
            throw new LogCorruptException($"The log ends at offset {shard.NextOffset - 1} (row {Store.Blocks.Count}), but it was committed up to offset {head.LastOffset} (row {head.Rows}).", shard.NextOffset);
        if (skip > Store.Blocks.Count || (skip > 0 && skip == Store.Blocks.Count && Store.LastChecksum != shard.LastChecksum))
            throw new LogCorruptException($"The log was committed up to offset {shard.CommittedOffset}, as the saved state says, but that row is not in the journal.", shard.CommittedOffset);
        return shard;
    }
}
