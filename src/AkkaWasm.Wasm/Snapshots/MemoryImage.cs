namespace AkkaWasm.Wasm.Snapshots;

/// <summary>A page that is not all zeros.</summary>
/// <param name="Number">Its number within the memory.</param>
/// <param name="Block">The block that holds it.</param>
/// <param name="Position">Its position there.</param>
internal readonly record struct SavedPage(ulong Number, PageBlock Block, int Position)
{
    public ReadOnlyMemory<byte> Contents => Block.ContentsAt(Position);

    public UInt128 Hash => Block.Hashes[Position];
}

/// <summary>A memory's size and its pages that are not all zeros, by blocks. Of a scratch memory only the size. Immutable.</summary>
/// <param name="SizeBytes">The memory's size.</param>
/// <param name="BlockNumbers">The numbers of the blocks that have such pages, in rising order.</param>
/// <param name="Blocks">These blocks.</param>
internal sealed record MemoryImage(ulong SizeBytes, ulong[] BlockNumbers, PageBlock[] Blocks)
{
    /// <summary>How many pages it carries.</summary>
    public int PageCount { get; } = Blocks.Sum(b => b.Count);

    /// <summary>The carried pages, in rising order.</summary>
    public IEnumerable<SavedPage> Pages => PagesNotIn(null);

    public static MemoryImage SizeOnly(ulong sizeBytes) => new(sizeBytes, [], []);

    /// <summary>The block of that number, or null if all its pages are zeros.</summary>
    public PageBlock? BlockAt(ulong number)
    {
        var index = Array.BinarySearch(BlockNumbers, number);
        return index < 0 ? null : Blocks[index];
    }

    /// <summary>The carried pages that another image does not have at the same place, in rising order.</summary>
    public IEnumerable<SavedPage> PagesNotIn(MemoryImage? other)
    {
        for (var i = 0; i < Blocks.Length; i++)
        {
            var (block, old) = (Blocks[i], other?.BlockAt(BlockNumbers[i]));
            if (ReferenceEquals(block, old)) continue;
            var position = 0;
            for (var page = 0; page < PageBlock.PageCount; page++)
            {
                if ((block.Present >> page & 1) == 0) continue;
                var saved = new SavedPage((BlockNumbers[i] * PageBlock.PageCount) + (ulong)page, block, position++);
                if (old is null || !IsIn(old, page, saved)) yield return saved;
            }
        }
    }

    private static bool IsIn(PageBlock old, int page, SavedPage saved)
    {
        var position = old.PositionOf(page);
        return position >= 0 && (old.ContentsAt(position).Equals(saved.Contents) || old.Hashes[position] == saved.Hash);
    }
}
