using System.IO.Hashing;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// A snapshot without its pages, little endian: 8 bytes magic, 4 version, 4 number of memories; for each of them number and hash (8 and 16 bytes) of
/// each page that is not all zeros, then <see cref="MemoryEncoding.End"/>; the portable form (<see cref="SnapshotFormat"/>) of the snapshot with empty
/// memories of their sizes; 16 checksum over everything before it (XXH3-128).
/// </summary>
internal static class SnapshotManifest
{
    private const uint Version = 1;
    private const int ChecksumBytes = 16;
    private const int LeastBytes = 8 + 4 + 4 + ChecksumBytes;

    private static ReadOnlySpan<byte> Magic => "AKWPAGES"u8;

    public static byte[] Write(WasmSnapshot snapshot)
    {
        var empty = new WasmSnapshot(snapshot.Modules, [.. snapshot.Memories.Select(m => MemoryImage.SizeOnly(m.SizeBytes))], snapshot.Items);
        var rest = SnapshotFormat.Write(empty);
        var pageBytes = snapshot.Memories.Sum(m => 8 + ((8L + PageHash.SizeBytes) * m.PageCount));
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)(LeastBytes + pageBytes + rest.Length)));
        var sink = new ArraySink(bytes);
        sink.Write(Magic);
        StateEncoding.WriteU32(ref sink, Version);
        StateEncoding.WriteU32(ref sink, (uint)snapshot.Memories.Length);
        foreach (var memory in snapshot.Memories) WritePages(ref sink, memory);
        sink.Write(rest);
        sink.Write(XxHash128.Hash(bytes.AsSpan(0, sink.Length)));
        return bytes;
    }

    public static WasmSnapshot Read(ReadOnlySpan<byte> bytes, Func<PageHash, ReadOnlyMemory<byte>> pages)
    {
        if (bytes.Length < LeastBytes) throw new SnapshotCorruptException($"its manifest is cut short, {bytes.Length} bytes", bytes.Length);
        var reader = new StateReader(bytes[..^ChecksumBytes]);
        if (!reader.Bytes(Magic.Length).SequenceEqual(Magic)) throw new SnapshotCorruptException("it does not begin as a manifest does", 0);
        var version = reader.U32();
        if (version != Version) throw new SnapshotCorruptException($"its manifest's version is {version}, known is {Version}", Magic.Length);
        if (!XxHash128.Hash(bytes[..^ChecksumBytes]).AsSpan().SequenceEqual(bytes[^ChecksumBytes..]))
            throw new SnapshotCorruptException("its manifest's checksum does not hold", bytes.Length - ChecksumBytes);
        var lists = new List<(ulong, UInt128)>[Count(ref reader)];
        for (var i = 0; i < lists.Length; i++) lists[i] = ReadPages(ref reader);
        var offset = reader.Offset;
        var empty = SnapshotFormat.Read(reader.Bytes(reader.Remaining));
        if (empty.Memories.Length != lists.Length || empty.PageBytes != 0)
            throw new SnapshotCorruptException($"its manifest lists the pages of {lists.Length} memories and has {empty.Memories.Length}", offset);
        var loaded = new Dictionary<UInt128, ReadOnlyMemory<byte>>();
        var memories = lists.Select((list, i) => Assemble(empty.Memories[i].SizeBytes, list, loaded, pages, offset));
        return new WasmSnapshot(empty.Modules, [.. memories], empty.Items);
    }

    private static void WritePages<TSink>(ref TSink sink, MemoryImage memory)
        where TSink : IStateSink
    {
        Span<byte> hash = stackalloc byte[PageHash.SizeBytes];
        foreach (var page in memory.Pages)
        {
            StateEncoding.WriteU64(ref sink, page.Number);
            new PageHash(page.Hash).CopyTo(hash);
            sink.Write(hash);
        }
        StateEncoding.WriteU64(ref sink, MemoryEncoding.End);
    }

    private static int Count(ref StateReader reader)
    {
        var count = reader.U32();
        return count <= reader.Remaining / 8
            ? (int)count
            : throw new SnapshotCorruptException($"its manifest claims {count} memories, more than it has room for", reader.Offset - 4);
    }

    private static List<(ulong Number, UInt128 Hash)> ReadPages(ref StateReader reader)
    {
        var pages = new List<(ulong, UInt128)>();
        while (reader.U64() is var number and not MemoryEncoding.End) pages.Add((number, PageHash.FromBytes(reader.Bytes(PageHash.SizeBytes)).Value));
        return pages;
    }

    private static MemoryImage Assemble(
        ulong size, List<(ulong Number, UInt128 Hash)> list, Dictionary<UInt128, ReadOnlyMemory<byte>> loaded, Func<PageHash, ReadOnlyMemory<byte>> pages, int offset)
    {
        var assembly = new ImageAssembly(size);
        foreach (var (number, hash) in list)
        {
            if (!assembly.Accepts(number))
                throw new SnapshotCorruptException($"page {number} is out of order or outside a memory of {size} bytes", offset);
            if (!loaded.TryGetValue(hash, out var contents)) loaded[hash] = contents = Load(new PageHash(hash), pages, offset);
            assembly.Add(number, contents);
        }
        return assembly.Finish();
    }

    private static byte[] Load(PageHash hash, Func<PageHash, ReadOnlyMemory<byte>> pages, int offset)
    {
        var contents = pages(hash).ToArray();
        if (contents.Length != PageBlock.PageBytes || PageBlock.HashOf(contents) != hash.Value || contents.AsSpan().IndexOfAnyExcept((byte)0) < 0)
            throw new SnapshotCorruptException($"the page kept as {hash} is another", offset);
        return contents;
    }
}
