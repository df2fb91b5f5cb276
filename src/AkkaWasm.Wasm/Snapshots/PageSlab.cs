namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// Room for the pages of an image that is made as a whole: arrays of up to a block's size, which are made and collected four times quicker than one for
/// each page. An array lives as long as one of its pages is in use, so pages that are replaced one by one get arrays of their own.
/// </summary>
/// <param name="mostPages">The most pages of an array. They begin with one page and double, so that at most half of the room is not used.</param>
internal sealed class PageSlab(int mostPages)
{
    private const int PageBytes = PageBlock.PageBytes;

    private byte[] _array = [];
    private int _used;
    private int _pages = 1;

    public static PageSlab ForWholeImage() => new(PageBlock.PageCount);

    public static PageSlab ForChangedPages() => new(1);

    /// <summary>Keeps a copy of a page.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> page)
    {
        if (_used == _array.Length)
        {
            _array = GC.AllocateUninitializedArray<byte>(_pages * PageBytes);
            _used = 0;
            _pages = Math.Min(_pages * 2, mostPages);
        }
        var copy = _array.AsMemory(_used, PageBytes);
        _used += PageBytes;
        page.CopyTo(copy.Span);
        return copy;
    }
}
