using System.Numerics;
using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Makes a memory equal to an image, writing only what can differ from it.</summary>
/// <param name="memory">The memory, of the image's size.</param>
/// <param name="image">What it is to hold.</param>
internal sealed unsafe class MemoryWriter(byte* memory, MemoryImage image)
{
    private const int PageBytes = PageBlock.PageBytes;

    /// <summary>Writes a memory of which all pages outside the ranges are zeros.</summary>
    public void WriteOverTouched(List<ByteRange> touched) => Write(new MemoryImage(image.SizeBytes, [], []), touched);

    /// <summary>Writes a memory that outside the ranges is as another image says.</summary>
    public void WriteOverWritten(MemoryImage known, List<ByteRange> written) => Write(known, written);

    /// <summary>Fills a memory with zeros.</summary>
    public static void Clear(byte* memory, List<ByteRange> touched)
    {
        // To give pages back is no write that the kernel would note. A memory that one instance saves can be another's scratch memory.
        var mayDiscard = MappedRange.Find(memory) is not { IsWatched: true };
        foreach (var range in touched)
        {
            if (mayDiscard && TouchedPages.TryDiscard(memory + range.Start, range.End - range.Start)) continue;
            for (var offset = range.Start; offset < range.End; offset += PageBytes) ClearIfNeeded(memory + offset);
        }
    }

    private void Write(MemoryImage known, List<ByteRange> changed)
    {
        var (next, knownNext) = (0, 0);
        foreach (var (number, pages) in BlockPages.Of(changed))
        {
            WriteUpTo(number, known, ref knownNext, ref next);
            var old = TakeIf(known, number, ref knownNext);
            WriteBlock(number, pages, old, TakeIf(image, number, ref next));
        }
        WriteUpTo(ulong.MaxValue, known, ref knownNext, ref next);
    }

    /// <summary>The blocks before that one, in none of which anything was written.</summary>
    private void WriteUpTo(ulong end, MemoryImage known, ref int knownNext, ref int next)
    {
        while (true)
        {
            var number = Math.Min(NumberAt(known, knownNext), NumberAt(image, next));
            if (number >= end) return;
            var old = TakeIf(known, number, ref knownNext);
            WriteBlock(number, 0, old, TakeIf(image, number, ref next));
        }
    }

    private static ulong NumberAt(MemoryImage image, int index) => index < image.Blocks.Length ? image.BlockNumbers[index] : ulong.MaxValue;

    private static PageBlock? TakeIf(MemoryImage image, ulong number, ref int next) =>
        NumberAt(image, next) == number ? image.Blocks[next++] : null;

    /// <param name="number">The block's number.</param>
    /// <param name="changed">The pages that can hold anything.</param>
    /// <param name="old">What the others hold.</param>
    /// <param name="wanted">What all of them are to hold.</param>
    private void WriteBlock(ulong number, ulong changed, PageBlock? old, PageBlock? wanted)
    {
        var start = memory + (number * PageBlock.Bytes);
        if (changed == 0 && ReferenceEquals(old, wanted)) return;
        var made = changed | (old?.Present ?? 0);
        var holes = (wanted?.Present ?? 0) & ~made;
        PrepareFirstRun(start, holes);
        for (var page = 0; page < PageBlock.PageCount; page++)
        {
            if (((made | holes) >> page & 1) == 0) continue;
            var held = (changed >> page & 1) != 0 ? default : ContentsOf(old, page);
            WritePage(start + ((nuint)page * PageBytes), held, ContentsOf(wanted, page), (holes >> page & 1) != 0);
        }
    }

    private static void PrepareFirstRun(byte* start, ulong pages)
    {
        if (pages == 0) return;
        var first = BitOperations.TrailingZeroCount(pages);
        var count = BitOperations.TrailingZeroCount(~(pages >> first));
        TouchedPages.Prepare(start + ((nuint)first * PageBytes), (ulong)count * PageBytes);
    }

    /// <summary>A page that has its contents already is not written, so that the kernel need not note or make it.</summary>
    private static void WritePage(byte* page, ReadOnlyMemory<byte> held, ReadOnlyMemory<byte> wanted, bool isHole)
    {
        var span = new Span<byte>(page, PageBytes);
        if (wanted.IsEmpty) ClearIfNeeded(page);
        else if (!held.Equals(wanted) && (isHole || !span.SequenceEqual(wanted.Span))) wanted.Span.CopyTo(span);
    }

    private static ReadOnlyMemory<byte> ContentsOf(PageBlock? block, int page) =>
        block?.PositionOf(page) is { } position and >= 0 ? block.ContentsAt(position) : default;

    private static void ClearIfNeeded(byte* page)
    {
        var span = new Span<byte>(page, PageBytes);
        if (span.IndexOfAnyExcept((byte)0) >= 0) span.Clear();
    }
}
