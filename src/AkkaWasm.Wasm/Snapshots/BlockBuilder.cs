namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Puts one block together, page by page in rising order. Reused from block to block.</summary>
internal sealed class BlockBuilder
{
    private readonly ReadOnlyMemory<byte>[] _contents = new ReadOnlyMemory<byte>[PageBlock.PageCount];
    private readonly UInt128[] _hashes = new UInt128[PageBlock.PageCount];
    private ulong _present;
    private int _count;

    /// <summary>Adds a page that is not all zeros.</summary>
    /// <param name="page">Its number within the block, beyond that of the last one added.</param>
    /// <param name="contents">Its contents, or none to know its hash only.</param>
    /// <param name="hash">Its hash; ignored if the block is made without hashes.</param>
    public void Add(int page, ReadOnlyMemory<byte> contents, UInt128 hash)
    {
        _present |= 1UL << page;
        _contents[_count] = contents;
        _hashes[_count++] = hash;
    }

    /// <summary>The block, or null if it has no pages; begins the next one.</summary>
    /// <param name="withHashes">Whether the hash of every page was given.</param>
    /// <param name="same">A block that is given back instead if it has the same pages already.</param>
    public PageBlock? Finish(bool withHashes, PageBlock? same)
    {
        var block = _count == 0 ? null : IsSame(same) ? same : Make(withHashes);
        Array.Clear(_contents, 0, _count);
        (_present, _count) = (0, 0);
        return block;
    }

    private bool IsSame(PageBlock? block)
    {
        if (block is null || block.Present != _present) return false;
        for (var i = 0; i < _count; i++)
        {
            if (!block.ContentsAt(i).Equals(_contents[i]) || (_contents[i].IsEmpty && block.Hashes[i] != _hashes[i])) return false;
        }
        return true;
    }

    private PageBlock Make(bool withHashes) =>
        new(_present, _contents.AsSpan(0, _count).ToArray(), withHashes ? _hashes.AsSpan(0, _count).ToArray() : null);
}
