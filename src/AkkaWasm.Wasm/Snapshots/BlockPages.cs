namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Some pages of a block.</summary>
/// <param name="Number">The block's number.</param>
/// <param name="Pages">A bit for each of these pages.</param>
internal readonly record struct BlockPages(ulong Number, ulong Pages)
{
    /// <summary>The pages in the runs, by blocks in rising order.</summary>
    public static List<BlockPages> Of(List<ByteRange> ranges)
    {
        var blocks = new List<BlockPages>();
        foreach (var range in ranges)
        {
            for (var offset = range.Start; offset < range.End;)
            {
                var number = offset / PageBlock.Bytes;
                var end = Math.Min(range.End, (number + 1) * PageBlock.Bytes);
                Add(blocks, number, PagesBetween(offset, end));
                offset = end;
            }
        }
        return blocks;
    }

    private static void Add(List<BlockPages> blocks, ulong number, ulong pages)
    {
        if (blocks.Count > 0 && blocks[^1].Number == number) blocks[^1] = new BlockPages(number, blocks[^1].Pages | pages);
        else blocks.Add(new BlockPages(number, pages));
    }

    private static ulong PagesBetween(ulong start, ulong end)
    {
        var first = (int)(start / PageBlock.PageBytes % PageBlock.PageCount);
        var count = (int)((end - start) / PageBlock.PageBytes);
        return ulong.MaxValue >> (PageBlock.PageCount - count) << first;
    }
}
