namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Makes images of a memory, reading only what can differ from an image that is known already.</summary>
/// <param name="memory">The memory.</param>
/// <param name="length">Its size in bytes.</param>
/// <param name="known">An earlier image; what did not change is shared with it.</param>
/// <param name="copies">Whether pages are copied; if not, those that are read are only hashed.</param>
internal sealed unsafe class MemoryReader(byte* memory, ulong length, MemoryImage? known, bool copies)
{
    private const int PageBytes = PageBlock.PageBytes;

    private readonly BlockBuilder _builder = new();
    private readonly PageSlab _copies = known is null ? PageSlab.ForWholeImage() : PageSlab.ForChangedPages();
    private readonly List<ulong> _numbers = [];
    private readonly List<PageBlock> _blocks = [];

    /// <summary>Reads a memory of which all pages outside the ranges are zeros.</summary>
    public MemoryImage ReadTouched(List<ByteRange> touched)
    {
        foreach (var (number, pages) in BlockPages.Of(touched)) Keep(number, Read(number, pages, known?.BlockAt(number), keepsOthers: false));
        return Finish();
    }

    /// <summary>Reads a memory that outside the ranges is as the known image says.</summary>
    public MemoryImage ReadWritten(List<ByteRange> written)
    {
        var next = 0;
        foreach (var (number, pages) in BlockPages.Of(written))
        {
            while (next < known!.Blocks.Length && known.BlockNumbers[next] < number) KeepKnown(next++);
            var isKnown = next < known.Blocks.Length && known.BlockNumbers[next] == number;
            Keep(number, Read(number, pages, isKnown ? known.Blocks[next++] : null, keepsOthers: true));
        }
        while (next < known!.Blocks.Length) KeepKnown(next++);
        return Finish();
    }

    private void KeepKnown(int index)
    {
        var (number, block) = (known!.BlockNumbers[index], known.Blocks[index]);
        Keep(number, copies && !block.IsWhole ? Read(number, 0, block, keepsOthers: true) : block);
    }

    private void Keep(ulong number, PageBlock? block)
    {
        if (block is null) return;
        _numbers.Add(number);
        _blocks.Add(block);
    }

    private MemoryImage Finish() => known is not null && known.SizeBytes == length && IsSame(known)
        ? known
        : new MemoryImage(length, [.. _numbers], [.. _blocks]);

    private bool IsSame(MemoryImage image)
    {
        if (image.Blocks.Length != _blocks.Count) return false;
        for (var i = 0; i < _blocks.Count; i++)
            if (!ReferenceEquals(image.Blocks[i], _blocks[i]) || image.BlockNumbers[i] != _numbers[i]) return false;
        return true;
    }

    /// <param name="number">The block's number.</param>
    /// <param name="pages">The pages to be read, a bit for each.</param>
    /// <param name="old">The known block of that number.</param>
    /// <param name="keepsOthers">Whether the pages that are not read are as in the known block; otherwise they are zeros.</param>
    private PageBlock? Read(ulong number, ulong pages, PageBlock? old, bool keepsOthers)
    {
        var withHashes = !copies || (old?.HasHashes ?? false);
        var start = memory + (number * PageBlock.Bytes);
        for (var page = 0; page < PageBlock.PageCount; page++)
        {
            var position = old?.PositionOf(page) ?? -1;
            var bytes = new ReadOnlySpan<byte>(start + ((nuint)page * PageBytes), PageBytes);
            if ((pages >> page & 1) != 0)
            {
                if (bytes.IndexOfAnyExcept((byte)0) >= 0) Add(page, bytes, old, position, withHashes);
            }
            else if (keepsOthers && position >= 0)
            {
                var contents = old!.ContentsAt(position);
                if (contents.IsEmpty && copies) contents = _copies.Copy(bytes);
                _builder.Add(page, contents, withHashes ? old.Hashes[position] : default);
            }
        }
        return _builder.Finish(withHashes, old);
    }

    private void Add(int page, ReadOnlySpan<byte> bytes, PageBlock? old, int position, bool withHashes)
    {
        var held = position < 0 ? default : old!.ContentsAt(position);
        var isSame = !held.IsEmpty && bytes.SequenceEqual(held.Span);
        var hash = !withHashes ? default : isSame ? old!.Hashes[position] : PageBlock.HashOf(bytes);
        _builder.Add(page, isSame ? held : copies ? _copies.Copy(bytes) : default, hash);
    }
}
