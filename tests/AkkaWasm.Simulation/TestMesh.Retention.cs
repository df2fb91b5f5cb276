using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation;

/// <content>The beginning of the log goes, step by step as a node lets it go; what is stored is looked after.</content>
internal sealed partial class TestMesh
{
    private readonly Queue<RemoveRows> removals = [];
    private int rowsGoing;

    /// <summary>How often the log got a later beginning.</summary>
    public int Retained { get; private set; }

    /// <summary>Says that something that is stored was found to be damaged.</summary>
    public void NoteDamage(string what)
    {
        Shard.NoteDamage(what, NowNs);
        TakeEffects();
    }

    /// <summary>Lets as much go as is not needed, or less.</summary>
    /// <param name="images">From how many of each agent's newest images the log is to lead on.</param>
    /// <param name="less">Of the blocks that could go so many stay.</param>
    /// <returns>Whether the log is to begin later.</returns>
    public bool Retain(int images, int less = 0)
    {
        long? needed;
        while ((needed = Shard.FindNeeded(images, 3)) is null)
        {
            // a few agents at a time, as between messages
        }
        var headers = Store.Headers();
        var row = headers.FindLastIndex(h => h.FirstOffset <= needed && h.FirstOffset <= Shard.CommittedOffset) - less;
        if (row <= Math.Max(Store.Removed, Shard.Beginning.Row)) return false;
        var cut = new ShardCut(Options);
        if (Store.Base is { } known) cut.Restore(known.State);
        foreach (var block in Store.Blocks.Take(row).Skip(Store.Base?.Blocks ?? 0)) cut.Take(Store.Sound(block));
        try
        {
            Store.SaveBase(row, cut.Save());
        }
        catch (StoreException)
        {
            return false;
        }
        if (!Shard.Retain(new LogBeginning(cut.NextOffset, headers[row].BaseTimeNs, row, cut.LastChecksum), images, NowNs)) return false;
        Retained++;
        TakeEffects();
        return true;
    }

    /// <summary>A few rows at a time; a crash in between leaves the others, and the next life goes on with them.</summary>
    private void RemoveSome(int rows)
    {
        var beginning = removals.Peek().Beginning;
        var upTo = (int)beginning.Row + (sabotage == Sabotage.RemovesABlockTooMany ? 1 : 0);
        rowsGoing = Math.Max(rowsGoing, Store.Removed) + rows;
        Store.RemoveBlocks(Math.Min(upTo, rowsGoing));
        if (Store.Removed >= upTo) removals.Dequeue();
    }
}
