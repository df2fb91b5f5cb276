using System.Numerics;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Reads blocks of a memory, for one thread.</summary>
/// <param name="memory">The memory.</param>
/// <param name="copies">Where pages are copied to, or null if those that are read are only hashed.</param>
internal sealed unsafe class BlockReader(byte* memory, PageSlab? copies)
{
    private const int PageBytes = PageBlock.PageBytes;

    private readonly BlockBuilder _builder = new();

    /// <summary>The block as it is now, or null if all its pages are zeros.</summary>
    /// <param name="number">The block's number.</param>
    /// <param name="pages">The pages to be read, a bit for each.</param>
    /// <param name="old">The known block of that number.</param>
    /// <param name="keepsOthers">Whether the pages that are not read are as in the known block; otherwise they are zeros.</param>
    public PageBlock? Read(ulong number, ulong pages, PageBlock? old, bool keepsOthers)
    {
        var start = memory + (number * PageBlock.Bytes);
        if (old is { IsWhole: true } && (keepsOthers ? pages & ~old.Present : pages ^ old.Present) == 0 && IsUnchanged(start, pages, old)) return old;
        var withHashes = copies is null || (old?.HasHashes ?? false);
        for (var page = 0; page < PageBlock.PageCount; page++)
        {
            var position = old?.PositionOf(page) ?? -1;
            var bytes = PageAt(start, page);
            if ((pages >> page & 1) != 0) Add(page, bytes, old, position, withHashes);
            else if (keepsOthers && position >= 0)
            {
                var contents = old!.ContentsAt(position);
                if (contents.IsEmpty && copies is not null) contents = copies.Copy(bytes);
                _builder.Add(page, contents, withHashes ? old.Hashes[position] : default);
            }
        }
        return _builder.Finish(withHashes, old);
    }

    private static bool IsUnchanged(byte* start, ulong pages, PageBlock old)
    {
        for (var left = pages; left != 0; left &= left - 1)
        {
            var page = BitOperations.TrailingZeroCount(left);
            if (!PageAt(start, page).SequenceEqual(old.ContentsAt(old.PositionOf(page)).Span)) return false;
        }
        return true;
    }

    private void Add(int page, ReadOnlySpan<byte> bytes, PageBlock? old, int position, bool withHashes)
    {
        var held = position < 0 ? default : old!.ContentsAt(position);
        var isSame = !held.IsEmpty && bytes.SequenceEqual(held.Span);
        if (!isSame && bytes.IndexOfAnyExcept((byte)0) < 0) return;
        var hash = !withHashes ? default : isSame ? old!.Hashes[position] : PageBlock.HashOf(bytes);
        _builder.Add(page, isSame ? held : copies is not null ? copies.Copy(bytes) : default, hash);
    }

    private static ReadOnlySpan<byte> PageAt(byte* start, int page) => new(start + ((nuint)page * PageBytes), PageBytes);
}
