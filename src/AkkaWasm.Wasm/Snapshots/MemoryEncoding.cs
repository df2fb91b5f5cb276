namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// Memories as bytes, little endian: the size, then number and contents of each page that is not all zeros, then <see cref="End"/>. Hashed they are
/// the size, then number and hash of each block that has such pages, then <see cref="End"/>: so the hash of a memory is made of those of its blocks,
/// and these of those of their pages, and depends on nothing but size and contents.
/// </summary>
internal static class MemoryEncoding
{
    public const ulong End = ulong.MaxValue;

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public static long SizeOf(MemoryImage memory) => 16 + ((8 + (long)PageBlock.PageBytes) * memory.PageCount);

    public static void Write<TSink>(ref TSink sink, MemoryImage memory)
        where TSink : IStateSink
    {
        StateEncoding.WriteU64(ref sink, memory.SizeBytes);
        foreach (var page in memory.Pages)
        {
            StateEncoding.WriteU64(ref sink, page.Number);
            sink.Write(page.Contents.Span);
        }
        StateEncoding.WriteU64(ref sink, End);
    }

    public static void WriteHash<TSink>(ref TSink sink, MemoryImage memory)
        where TSink : IStateSink
    {
        StateEncoding.WriteU64(ref sink, memory.SizeBytes);
        for (var i = 0; i < memory.Blocks.Length; i++)
        {
            var hash = memory.Blocks[i].Hash;
            StateEncoding.WriteU64(ref sink, memory.BlockNumbers[i]);
            StateEncoding.WriteU64(ref sink, (ulong)hash);
            StateEncoding.WriteU64(ref sink, (ulong)(hash >> 64));
        }
        StateEncoding.WriteU64(ref sink, End);
    }

    public static MemoryImage Read(ref StateReader reader)
    {
        var size = reader.U64();
        var assembly = new ImageAssembly(size);
        var copies = PageSlab.ForWholeImage();
        while (reader.U64() is var number and not End)
        {
            if (!assembly.Accepts(number))
                throw new SnapshotCorruptException($"page {number} is out of order or outside a memory of {size} bytes", reader.Offset - 8);
            var contents = reader.Bytes(PageBlock.PageBytes);
            if (contents.IndexOfAnyExcept((byte)0) < 0)
                throw new SnapshotCorruptException($"page {number} is all zeros, which no snapshot carries", reader.Offset - PageBlock.PageBytes);
            assembly.Add(number, copies.Copy(contents));
        }
        return assembly.Finish();
    }
}
