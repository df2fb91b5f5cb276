using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm;

/// <summary>
/// The whole state of a store between two calls, taken without its help. Immutable, independent of engine and machine; made by
/// <see cref="WasmStore.Capture"/>. Pages that an earlier snapshot has too are shared with it.
/// </summary>
public sealed class WasmSnapshot
{
    private object? _hash;

    internal WasmSnapshot(IReadOnlyList<string> moduleHashes, MemoryImage[] memories, ItemImage items)
    {
        ModuleHashes = moduleHashes;
        Memories = memories;
        Items = items;
    }

    /// <summary>The <see cref="WasmModule.ContentHash"/> of the module of each instance, in the order of instantiation.</summary>
    public IReadOnlyList<string> ModuleHashes { get; }

    /// <summary>The bytes of memory it carries; pages of zeros are not among them.</summary>
    public long PageBytes => Memories.Sum(m => (long)m.PageCount * PageBlock.PageBytes);

    internal MemoryImage[] Memories { get; }

    internal ItemImage Items { get; }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="SnapshotCorruptException">The bytes are damaged, cut short, or of a version that is not known.</exception>
    public static WasmSnapshot FromBytes(ReadOnlySpan<byte> bytes) => SnapshotFormat.Read(bytes);

    /// <summary>The hash that the captured store had.</summary>
    public StateHash ComputeHash()
    {
        var hash = Volatile.Read(ref _hash) ?? StateEncoding.Hash(Memories, Items);
        Volatile.Write(ref _hash, hash);
        return (StateHash)hash;
    }

    /// <summary>The portable form: version, module, state and checksum, little endian.</summary>
    public byte[] ToBytes() => SnapshotFormat.Write(this);
}
