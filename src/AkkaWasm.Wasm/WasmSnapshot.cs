using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm;

/// <summary>
/// The whole state of a store between two calls, taken without its help. Immutable, independent of engine and machine; made by
/// <see cref="WasmStore.Capture"/>. Pages that an earlier snapshot has too are shared with it.
/// </summary>
public sealed class WasmSnapshot
{
    private object? _hash;

    internal WasmSnapshot(IReadOnlyList<ModuleImage> modules, MemoryImage[] memories, ItemImage items)
    {
        Modules = modules;
        ModuleHashes = [.. modules.Select(m => m.ContentHash)];
        Memories = memories;
        Items = items;
    }

    /// <summary>The <see cref="WasmModule.ContentHash"/> of the module of each instance, in the order of instantiation.</summary>
    public IReadOnlyList<string> ModuleHashes { get; }

    /// <summary>The bytes of memory it carries; pages of zeros are not among them.</summary>
    public long PageBytes => Memories.Sum(m => (long)m.PageCount * PageBlock.PageBytes);

    /// <summary>The names of the pages it carries, each once. A store of pages may drop those that no snapshot names any more.</summary>
    public IEnumerable<PageHash> PageHashes => Memories.SelectMany(m => m.Pages).Select(p => new PageHash(p.Hash)).Distinct();

    internal IReadOnlyList<ModuleImage> Modules { get; }

    internal MemoryImage[] Memories { get; }

    internal ItemImage Items { get; }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="SnapshotCorruptException">The bytes are damaged, cut short, or of a version that is not known.</exception>
    public static WasmSnapshot FromBytes(ReadOnlySpan<byte> bytes) => SnapshotFormat.Read(bytes);

    /// <summary>Puts a snapshot together again of its manifest and its pages.</summary>
    /// <param name="manifest">What <see cref="ToManifest"/> gave.</param>
    /// <param name="pages">Finds a page by its name; called once for each. What it throws passes through.</param>
    /// <exception cref="SnapshotCorruptException">The manifest is damaged, cut short, or of a version that is not known, or a page is not what its name says.</exception>
    public static WasmSnapshot FromManifest(ReadOnlySpan<byte> manifest, Func<PageHash, ReadOnlyMemory<byte>> pages)
    {
        ArgumentNullException.ThrowIfNull(pages);
        return SnapshotManifest.Read(manifest, pages);
    }

    /// <summary>The hash that the captured store had.</summary>
    public StateHash ComputeHash()
    {
        var hash = Volatile.Read(ref _hash) ?? StateEncoding.Hash(Memories, Items);
        Volatile.Write(ref _hash, hash);
        return (StateHash)hash;
    }

    /// <summary>The portable form: version, module, state and checksum, little endian.</summary>
    public byte[] ToBytes() => SnapshotFormat.Write(this);

    /// <summary>
    /// The snapshot without its pages: it names them instead. With a store that keeps each page once, snapshots cost what changed: write
    /// <see cref="PagesNotIn"/> the one that was written before, make that safe, then write the manifest.
    /// </summary>
    public byte[] ToManifest() => SnapshotManifest.Write(this);

    /// <summary>
    /// The pages that the other snapshot does not have at the same place, each once, made one by one as they are asked for. Where the two share
    /// unchanged memory, that takes no time.
    /// </summary>
    /// <param name="previous">The other snapshot, whose pages are kept already; null for all pages.</param>
    public IEnumerable<SnapshotPage> PagesNotIn(WasmSnapshot? previous)
    {
        var given = new HashSet<UInt128>();
        for (var i = 0; i < Memories.Length; i++)
        {
            var other = previous is not null && i < previous.Memories.Length ? previous.Memories[i] : null;
            foreach (var page in Memories[i].PagesNotIn(other))
                if (given.Add(page.Hash)) yield return new SnapshotPage(new PageHash(page.Hash), page.Contents);
        }
    }
}
