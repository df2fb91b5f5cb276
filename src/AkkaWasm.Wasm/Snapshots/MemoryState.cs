namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Saves, restores, hashes and clears the contents of one linear memory, touching only what was touched.</summary>
internal static unsafe class MemoryState
{
    private const int PageBytes = MemoryImage.PageBytes;

    public static MemoryImage SizeOnly(ulong length) => new(length, [], []);

    /// <summary>A page that <paramref name="previous"/> has too is not copied.</summary>
    public static MemoryImage Capture(byte* memory, ulong length, MemoryImage? previous)
    {
        var numbers = new List<ulong>();
        var pages = new List<byte[]>();
        var known = 0;
        foreach (var range in TouchedPages.Find(memory, length))
        {
            for (var offset = range.Start; offset < range.End; offset += PageBytes)
            {
                var page = new ReadOnlySpan<byte>(memory + offset, PageBytes);
                if (IsZero(page)) continue;
                var number = offset / PageBytes;
                numbers.Add(number);
                pages.Add(Shared(previous, ref known, number, page) ?? Copy(page));
            }
        }
        return new MemoryImage(length, [.. numbers], [.. pages]);
    }

    public static void Hash(ref HashSink sink, byte* memory, ulong length)
    {
        foreach (var range in TouchedPages.Find(memory, length))
        {
            for (var offset = range.Start; offset < range.End; offset += PageBytes)
            {
                var page = new ReadOnlySpan<byte>(memory + offset, PageBytes);
                if (IsZero(page)) continue;
                StateEncoding.WriteU64(ref sink, offset / PageBytes);
                sink.Write(page);
            }
        }
    }

    /// <summary>Makes a memory of the image's size equal to the image.</summary>
    public static void Restore(byte* memory, MemoryImage image)
    {
        var saved = 0;
        foreach (var range in TouchedPages.Find(memory, image.SizeBytes)) ClearUnsaved(memory, range, image, ref saved);
        for (var first = 0; first < image.Pages.Length;)
        {
            var end = EndOfRun(image.PageNumbers, first);
            TouchedPages.Prepare(memory + (image.PageNumbers[first] * PageBytes), (ulong)(end - first) * PageBytes);
            for (; first < end; first++)
                image.Pages[first].CopyTo(new Span<byte>(memory + (image.PageNumbers[first] * PageBytes), PageBytes));
        }
    }

    public static void Clear(byte* memory, ulong length)
    {
        foreach (var range in TouchedPages.Find(memory, length))
        {
            if (TouchedPages.TryDiscard(memory + range.Start, range.End - range.Start)) continue;
            for (var offset = range.Start; offset < range.End; offset += PageBytes) ClearIfNeeded(memory + offset);
        }
    }

    private static int EndOfRun(ulong[] numbers, int first)
    {
        var end = first + 1;
        while (end < numbers.Length && numbers[end] == numbers[end - 1] + 1) end++;
        return end;
    }

    private static void ClearUnsaved(byte* memory, ByteRange range, MemoryImage image, ref int saved)
    {
        for (var offset = range.Start; offset < range.End; offset += PageBytes)
        {
            var number = offset / PageBytes;
            while (saved < image.PageNumbers.Length && image.PageNumbers[saved] < number) saved++;
            if (saved == image.PageNumbers.Length || image.PageNumbers[saved] != number) ClearIfNeeded(memory + offset);
        }
    }

    /// <summary>A page that is zero already is not written, so that one the kernel never had to make stays so.</summary>
    private static void ClearIfNeeded(byte* page)
    {
        var span = new Span<byte>(page, PageBytes);
        if (!IsZero(span)) span.Clear();
    }

    private static byte[]? Shared(MemoryImage? previous, ref int known, ulong number, ReadOnlySpan<byte> page)
    {
        if (previous is null) return null;
        while (known < previous.PageNumbers.Length && previous.PageNumbers[known] < number) known++;
        return known < previous.PageNumbers.Length && previous.PageNumbers[known] == number && page.SequenceEqual(previous.Pages[known])
            ? previous.Pages[known]
            : null;
    }

    private static byte[] Copy(ReadOnlySpan<byte> page)
    {
        var copy = GC.AllocateUninitializedArray<byte>(PageBytes);
        page.CopyTo(copy);
        return copy;
    }

    private static bool IsZero(ReadOnlySpan<byte> page) => page.IndexOfAnyExcept((byte)0) < 0;
}
