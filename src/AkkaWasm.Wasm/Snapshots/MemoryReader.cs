using System.Numerics;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// Makes images of a memory, reading only what can differ from an image that is known already. Much of it is read by several threads: what is compared
/// comes from main memory, which gives one thread only a part of what it can.
/// </summary>
/// <param name="memory">The memory. Nobody writes to it meanwhile.</param>
/// <param name="length">Its size in bytes.</param>
/// <param name="known">An earlier image; what did not change is shared with it.</param>
/// <param name="copies">Whether pages are copied; if not, those that are read are only hashed.</param>
internal sealed unsafe class MemoryReader(byte* memory, ulong length, MemoryImage? known, bool copies)
{
    /// <summary>What a thread takes upon itself at once, in pages: 4 MiB, which takes it about half a millisecond.</summary>
    public const int PagesPerShare = 1024;

    /// <summary>More threads than that read no faster.</summary>
    private const int MaxThreads = 4;

    private readonly record struct BlockToRead(ulong Number, ulong Pages, PageBlock? Old);

    private readonly List<BlockToRead> _blocks = [];

    /// <summary>Reads a memory of which all pages outside the ranges are zeros.</summary>
    public MemoryImage ReadTouched(List<ByteRange> touched)
    {
        foreach (var (number, pages) in BlockPages.Of(touched)) _blocks.Add(new BlockToRead(number, pages, known?.BlockAt(number)));
        return Read(keepsOthers: false);
    }

    /// <summary>Reads a memory that outside the ranges is as the known image says.</summary>
    public MemoryImage ReadWritten(List<ByteRange> written)
    {
        var next = 0;
        foreach (var (number, pages) in BlockPages.Of(written))
        {
            while (next < known!.Blocks.Length && known.BlockNumbers[next] < number) AddKnown(next++);
            var isKnown = next < known.Blocks.Length && known.BlockNumbers[next] == number;
            _blocks.Add(new BlockToRead(number, pages, isKnown ? known.Blocks[next++] : null));
        }
        while (next < known!.Blocks.Length) AddKnown(next++);
        return Read(keepsOthers: true);
    }

    private void AddKnown(int index) => _blocks.Add(new BlockToRead(known!.BlockNumbers[index], 0, known.Blocks[index]));

    private MemoryImage Read(bool keepsOthers)
    {
        var read = new PageBlock?[_blocks.Count];
        var shares = Shares();
        if (shares.Count <= 2) Read(0, read.Length, read, keepsOthers);
        else
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(MaxThreads, Environment.ProcessorCount) };
            Parallel.For(1, shares.Count, options, i => Read(shares[i - 1], shares[i], read, keepsOthers));
        }
        return known is not null && known.SizeBytes == length && IsSame(known, read) ? known : Image(read);
    }

    /// <summary>Where shares begin and the last one ends.</summary>
    private List<int> Shares()
    {
        var (shares, pages) = (new List<int> { 0 }, 0);
        for (var i = 0; i < _blocks.Count; i++)
        {
            pages += BitOperations.PopCount(_blocks[i].Pages);
            if (pages < PagesPerShare || i == _blocks.Count - 1) continue;
            shares.Add(i + 1);
            pages = 0;
        }
        shares.Add(_blocks.Count);
        return shares;
    }

    private void Read(int from, int to, PageBlock?[] read, bool keepsOthers)
    {
        var reader = new BlockReader(memory, !copies ? null : known is null ? PageSlab.ForWholeImage() : PageSlab.ForChangedPages());
        for (var i = from; i < to; i++)
        {
            var (number, pages, old) = _blocks[i];
            var isKnown = pages == 0 && keepsOthers && (!copies || old!.IsWhole);
            read[i] = isKnown ? old : reader.Read(number, pages, old, keepsOthers);
        }
    }

    private MemoryImage Image(PageBlock?[] read)
    {
        var (numbers, blocks) = (new List<ulong>(read.Length), new List<PageBlock>(read.Length));
        for (var i = 0; i < read.Length; i++)
        {
            if (read[i] is not { } block) continue;
            numbers.Add(_blocks[i].Number);
            blocks.Add(block);
        }
        return new MemoryImage(length, [.. numbers], [.. blocks]);
    }

    /// <summary>Whether the image has exactly these blocks.</summary>
    private bool IsSame(MemoryImage image, PageBlock?[] read)
    {
        var next = 0;
        for (var i = 0; i < read.Length; i++)
        {
            if (read[i] is not { } block) continue;
            if (next == image.Blocks.Length || !ReferenceEquals(image.Blocks[next], block) || image.BlockNumbers[next] != _blocks[i].Number) return false;
            next++;
        }
        return next == image.Blocks.Length;
    }
}
